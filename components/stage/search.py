"""Search: the resource group of a stage, by its tags; one of its workloads is found by the tag Service."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi import ComponentResource, ResourceOptions
from pulumi_aws import resourcegroups

from ..calc.canonical import canonical_json
from ..calc.names import check_name
from ..scope import COMPONENT_PACKAGE, StageScope


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchArgs:
    """What people look for."""

    scope: StageScope


class Search(ComponentResource):
    """Resource group: everything of a stage in one list of the console."""

    stage_group: str
    """Name of the group that holds all of the stage."""

    def __init__(self, name: str, args: SearchArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(f"{COMPONENT_PACKAGE}:Search", name, None, opts)
        scope = args.scope
        self.stage_group = check_name("resource-group", scope.stage)
        resourcegroups.Group(
            scope.stage,
            name=self.stage_group,
            description=f"Everything of {scope.stage}",
            resource_query=resourcegroups.GroupResourceQueryArgs(
                type="TAG_FILTERS_1_0",
                query=canonical_json(
                    {
                        "ResourceTypeFilters": ["AWS::AllSupported"],
                        "TagFilters": [
                            {"Key": "Project", "Values": [scope.project]},
                            {"Key": "Stage", "Values": [scope.stage]},
                        ],
                    }
                ),
            ),
            tags=scope.tags("search"),
            opts=ResourceOptions(parent=self),
        )
        self.register_outputs({"stageGroup": self.stage_group})
