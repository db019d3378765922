"""Resource groups of the real stages: one a stage, one a workload, each by tags that its resources carry."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from offline.engine.outcome import Outcome

Preview = Callable[..., Outcome]
WORKLOADS = {"category-batch", "datalab-api", "gateway", "legacy-api", "ranking-batch", "tracking-api"}


def groups(outcome: Outcome) -> dict[str, dict[str, Any]]:
    """Group to what it asks for: tag to value."""
    found: dict[str, dict[str, Any]] = {}
    for resource in outcome.resources:
        if resource.type == "aws:resourcegroups/group:Group":
            query = json.loads(resource.inputs["resourceQuery"]["query"])
            assert query["ResourceTypeFilters"] == ["AWS::AllSupported"]
            found[resource.inputs["name"]] = {entry["Key"]: entry["Values"] for entry in query["TagFilters"]}
    return found


@pytest.mark.parametrize(("stage", "more"), [("dev", {"api-docs"}), ("prd", set[str]())])
def test_a_group_a_stage_and_a_workload(preview: Preview, stage: str, more: set[str]) -> None:
    everything = {"Project": ["itemscout"], "Stage": [stage]}
    assert groups(preview(stage)) == {
        stage: everything,
        **{f"{stage}-{name}": {**everything, "Service": [name]} for name in WORKLOADS | more},
    }


@pytest.mark.parametrize("stage", ["dev", "prd"])
def test_every_group_finds_the_service_and_its_log(preview: Preview, stage: str) -> None:
    tagged = [resource for resource in preview(stage).resources if isinstance(resource.inputs.get("tags"), dict)]
    for name, wanted in groups(preview(stage)).items():
        kinds = {
            resource.type.rpartition(":")[2]
            for resource in tagged
            if all(resource.inputs["tags"].get(key) in values for key, values in wanted.items())
        }
        assert {"LogGroup", "Role", "SecurityGroup", "TaskDefinition"} <= kinds, name
