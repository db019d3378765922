"""Who calls whom on the real stages: ordered, redeployed when an endpoint is added, and told how long to keep connections."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from offline.engine.outcome import Outcome
from offline.engine.state import ResourceRecord

Preview = Callable[..., Outcome]


def services(outcome: Outcome) -> dict[str, ResourceRecord]:
    return {resource.name: resource for resource in outcome.resources if resource.type == "aws:ecs/service:Service"}


@pytest.mark.parametrize("stage", ["dev", "prd"])
def test_the_gateway_is_redeployed_with_what_it_calls_and_comes_after_it(preview: Preview, stage: str) -> None:
    found = services(preview(stage))
    called = {
        name: f"http://{name}.{stage}-itemscout-ns:3000" for name in ("datalab-api", "legacy-api", "tracking-api")
    }
    assert found["gateway"].inputs["triggers"] == called
    assert {found[name].urn for name in called} <= set(found["gateway"].dependencies)
    assert not {found["gateway"].urn} & {urn for name in called for urn in found[name].dependencies}
    assert [name for name in called if "triggers" in found[name].inputs] == []


def test_api_docs_is_redeployed_with_the_pages_it_shows(preview: Preview) -> None:
    assert services(preview("dev"))["api-docs"].inputs["triggers"] == {
        name: f"http://{name}.dev-itemscout-ns:3000" for name in ("datalab-api", "legacy-api", "tracking-api")
    }


@pytest.mark.parametrize(("idle", "told"), [(60, "65000"), (120, "125000")])
def test_servers_behind_the_load_balancer_keep_connections_longer_than_it(
    preview: Preview, idle: int, told: str
) -> None:
    outcome = preview("dev", {"loadBalancer": {"httpOnly": True, "idleTimeoutSeconds": idle}})
    found: dict[str, Any] = {}
    for resource in outcome.resources:
        if resource.type == "aws:ecs/taskDefinition:TaskDefinition":
            for container in json.loads(resource.inputs["containerDefinitions"]):
                variables = {entry["name"]: entry["value"] for entry in container["environment"]}
                if "KEEP_ALIVE_TIMEOUT_MS" in variables:
                    found[container["name"]] = variables["KEEP_ALIVE_TIMEOUT_MS"]
    assert found == dict.fromkeys(("datalab-api", "gateway", "legacy-api", "tracking-api"), told)
