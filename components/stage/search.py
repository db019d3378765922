"""The resource group of a stage, by its tags; one of its workloads is found by the tag Service."""

from __future__ import annotations

from pulumi import Alias, ResourceOptions, create_urn
from pulumi_aws import resourcegroups

from ..calc.canonical import canonical_json
from ..calc.names import check_name
from ..scope import COMPONENT_PACKAGE, StageScope


def stage_group(scope: StageScope) -> None:
    """Register the group that holds everything of a stage in one list of the console."""
    tags = {"Project": scope.project, "Stage": scope.stage}
    query = {
        "ResourceTypeFilters": ["AWS::AllSupported"],
        "TagFilters": [{"Key": key, "Values": [value]} for key, value in tags.items()],
    }
    former_parent = create_urn(scope.stage, f"{COMPONENT_PACKAGE}:Search")
    resourcegroups.Group(
        scope.stage,
        name=check_name("resource-group", scope.stage),
        description=f"Everything of {scope.stage}",
        resource_query=resourcegroups.GroupResourceQueryArgs(type="TAG_FILTERS_1_0", query=canonical_json(query)),
        tags=scope.tags("search"),
        opts=ResourceOptions(aliases=[Alias(parent=former_parent)]),
    )
