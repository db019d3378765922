"""The resource group of the real stages, by tags that all resources carry."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from offline.engine.outcome import Outcome

Preview = Callable[..., Outcome]


def groups(outcome: Outcome) -> dict[str, dict[str, Any]]:
    """Group to what it asks for: tag to value."""
    found: dict[str, dict[str, Any]] = {}
    for resource in outcome.resources:
        if resource.type == "aws:resourcegroups/group:Group":
            query = json.loads(resource.inputs["resourceQuery"]["query"])
            assert query["ResourceTypeFilters"] == ["AWS::AllSupported"]
            found[resource.inputs["name"]] = {entry["Key"]: entry["Values"] for entry in query["TagFilters"]}
    return found


@pytest.mark.parametrize("stage", ["dev", "prd"])
def test_a_group_holds_everything_of_a_stage(preview: Preview, stage: str) -> None:
    assert groups(preview(stage)) == {stage: {"Project": ["itemscout"], "Stage": [stage]}}


@pytest.mark.parametrize("workload", ["category-batch", "datalab-api", "gateway"])
def test_the_tag_service_finds_a_workload_with_its_log(preview: Preview, workload: str) -> None:
    found = {
        resource.type.rpartition(":")[2]
        for resource in preview("dev").resources
        if isinstance(tags := resource.inputs.get("tags"), dict) and tags.get("Service") == workload
    }
    assert {"LogGroup", "Role", "TaskDefinition"} <= found
