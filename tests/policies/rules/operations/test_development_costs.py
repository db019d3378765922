"""What a development stage is asked to save is what it can have."""

from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.resources.tokens import DB_CLUSTER_INSTANCE, DB_INSTANCE, SERVICE, TASK_DEFINITION
from policies.rules.operations.development_costs import dev_database_small, dev_spot
from policies.rules.rule import Stack


@pytest.mark.parametrize(("system", "asked"), [("LINUX", True), ("WINDOWS_SERVER_2022_CORE", False)])
def test_spot_is_asked_of_what_it_runs(stack: Any, system: str, asked: bool) -> None:
    stack.change(stack.service("api", limit=None), launchType="FARGATE")
    stack.change(stack.urn(TASK_DEFINITION, "api"), runtimePlatform={"operatingSystemFamily": system})
    facts = Facts(stack.graph())
    found = list(dev_spot.judge(Stack(facts=facts, stage="dev", spec=dev_spot.spec)))
    assert [finding.urn for finding in found] == ([stack.urn(SERVICE, "api")] if asked else [])


@pytest.mark.parametrize(
    ("kind", "required"),
    [(DB_INSTANCE, "db.t4g.micro, small or medium"), (DB_CLUSTER_INSTANCE, "db.t4g.medium, or db.serverless")],
)
def test_the_small_class_is_one_that_the_engine_has(stack: Any, kind: str, required: str) -> None:
    stack.add(kind, "db", {"instanceClass": "db.r8g.large"})
    spec = dev_database_small.spec
    [finding] = dev_database_small.judge(Stack(facts=Facts(stack.graph()), stage="dev", spec=spec))
    assert finding.parts is not None
    assert finding.parts.required == required
