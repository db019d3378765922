"""The resource group of the real stages, by tags that all resources carry."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pulumi import ComponentResource, ResourceOptions
from pulumi_aws import resourcegroups

from components.calc.arns import Location
from components.scope import COMPONENT_PACKAGE, StageScope
from components.stage.search import stage_group
from offline.engine.outcome import Outcome
from tests.function_program import unjudged

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


def test_a_group_that_was_in_a_component_stays(project_root: Path, tmp_path: Path) -> None:
    scope = StageScope(
        stage="dev",
        environment="development",
        project="itemscout",
        owner="platform",
        location=Location(region="ap-northeast-2", account_id="123456789012"),
        log_retention_days=30,
    )

    class Search(ComponentResource):
        def __init__(self) -> None:
            super().__init__(f"{COMPONENT_PACKAGE}:Search", "dev")
            found = {"TagFilters": [{"Key": "Stage", "Values": ["dev"]}], "ResourceTypeFilters": ["AWS::AllSupported"]}
            query = resourcegroups.GroupResourceQueryArgs(type="TAG_FILTERS_1_0", query=json.dumps(found))
            resourcegroups.Group("dev", name="dev", resource_query=query, opts=ResourceOptions(parent=self))

    def changes(program: Callable[[], object]) -> dict[str, int]:
        outcome = unjudged("up", project_root, tmp_path, program=program)
        assert (outcome.result, outcome.errors) == ("succeeded", ())
        return {kind: number for kind, number in outcome.changes.items() if number and kind != "same"}

    assert changes(Search) == {"create": 3}
    assert changes(lambda: stage_group(scope)) == {"delete": 1, "update": 1}


@pytest.mark.parametrize("workload", ["category-batch", "datalab-api", "gateway"])
def test_the_tag_service_finds_a_workload_with_its_log(preview: Preview, workload: str) -> None:
    found = {
        resource.type.rpartition(":")[2]
        for resource in preview("dev").resources
        if isinstance(tags := resource.inputs.get("tags"), dict) and tags.get("Service") == workload
    }
    assert {"LogGroup", "Role", "TaskDefinition"} <= found
