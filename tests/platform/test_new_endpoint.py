"""An endpoint is added to a stage that runs: the preview names the clients to redeploy, and `up` does it after it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from offline.aws.provider import AwsProvider
from offline.engine.deployment import run
from offline.engine.outcome import Outcome
from tests.function_program import MainProgram
from tests.project import PROJECT

ROOT = Path(__file__).parents[2]
Operate = Callable[[str, bool], tuple[dict[str, str], Outcome, AwsProvider]]
SEARCH = "http://search-api.dev-itemscout-ns:3000"


@pytest.fixture
def operate(tmp_path: Path) -> Operate:
    """An operation on dev with or without search-api, which the gateway's settings name from the start.

    Answers what happened to each ECS service, the outcome, and the AWS.
    """
    catalogue = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]["services"]["value"]
    overrides = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"][f"{PROJECT}:serviceOverrides"]

    def operation(kind: Any, with_search: bool) -> tuple[dict[str, str], Outcome, AwsProvider]:
        provider = AwsProvider(region="ap-northeast-2")
        events: list[dict[str, Any]] = []
        outcome = run(
            kind=kind,
            stage="dev",
            project_dir=ROOT,
            state_dir=tmp_path,
            pack_dir=None,
            on_event=events.append,
            provider=provider,
            program=MainProgram(ROOT),
            config_overrides={
                f"{PROJECT}:services": {**catalogue, **({"search-api": {}} if with_search else {})},
                f"{PROJECT}:serviceOverrides": {
                    **overrides,
                    "gateway": {"environment": {"SEARCH_API_URL": SEARCH}},
                },
            },
        )
        steps = (event["resourcePreEvent"]["metadata"] for event in events if "resourcePreEvent" in event)
        services = (step for step in steps if step["type"] == "aws:ecs/service:Service")
        return {step["urn"].rpartition("::")[2]: step["op"] for step in services}, outcome, provider

    return operation


def test_its_clients_and_no_others_are_redeployed_after_it(operate: Operate) -> None:
    assert operate("up", False)[1].result == "succeeded"
    expected = {
        "api-docs": "same",
        "datalab-api": "same",
        "gateway": "update",
        "legacy-api": "same",
        "search-api": "create",
        "tracking-api": "same",
    }
    seen, outcome, _ = operate("preview", True)
    assert (seen, outcome.result) == (expected, "succeeded")
    seen, outcome, provider = operate("up", True)
    assert (seen, outcome.result) == (expected, "succeeded")
    calls = [call for call in provider.call_log if call["operation"] in ("create_service", "update_service")]
    created, updated = calls[-2:]
    assert (created["operation"], created["params"]["serviceName"]) == ("create_service", "dev-search-api")
    assert (updated["operation"], updated["params"]["service"].rpartition("/")[2]) == ("update_service", "dev-gateway")
    assert updated["params"]["forceNewDeployment"] is True
