"""What a development stage is asked to save is what it can have."""

from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.resources.tokens import SERVICE, TASK_DEFINITION
from policies.rules.operations.development_costs import dev_spot
from policies.rules.rule import Stack


@pytest.mark.parametrize(("system", "asked"), [("LINUX", True), ("WINDOWS_SERVER_2022_CORE", False)])
def test_spot_is_asked_of_what_it_runs(stack: Any, system: str, asked: bool) -> None:
    stack.change(stack.service("api", limit=None), launchType="FARGATE")
    stack.change(stack.urn(TASK_DEFINITION, "api"), runtimePlatform={"operatingSystemFamily": system})
    facts = Facts(stack.graph())
    found = list(dev_spot.judge(Stack(facts=facts, stage="dev", spec=dev_spot.spec)))
    assert [finding.urn for finding in found] == ([stack.urn(SERVICE, "api")] if asked else [])
