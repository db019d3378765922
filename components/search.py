"""Search: a resource group of the stage and of each of its workloads, by their tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import ComponentResource, ResourceOptions
from pulumi_aws import resourcegroups

from .calc.canonical import canonical_json
from .calc.names import check_name
from .scope import COMPONENT_PACKAGE, StageScope


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchArgs:
    """What people look for."""

    scope: StageScope
    workloads: Mapping[str, str]
    """Services and jobs to their owners; their names are the values of the tag Service."""


class Search(ComponentResource):
    """Resource groups: everything of a stage in one list of the console, and everything of one workload."""

    stage_group: str
    """Name of the group that holds all of the stage."""

    def __init__(self, name: str, args: SearchArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(f"{COMPONENT_PACKAGE}:Search", name, None, opts)
        scope = args.scope
        tags = {"Project": scope.project, "Stage": scope.stage}
        self.stage_group = self._group(scope, scope.stage, scope.stage, f"Everything of {scope.stage}", tags)
        for workload, owner in args.workloads.items():
            self._group(
                scope,
                workload,
                scope.name(workload),
                f"Everything of {workload} in {scope.stage}",
                {**tags, "Service": workload},
                owner,
            )
        self.register_outputs({"stageGroup": self.stage_group})

    def _group(
        self,
        scope: StageScope,
        logical: str,
        name: str,
        description: str,
        query: Mapping[str, str],
        owner: str | None = None,
    ) -> str:
        resourcegroups.Group(
            logical,
            name=check_name("resource-group", name),
            description=description,
            resource_query=resourcegroups.GroupResourceQueryArgs(
                type="TAG_FILTERS_1_0",
                query=canonical_json(
                    {
                        "ResourceTypeFilters": ["AWS::AllSupported"],
                        "TagFilters": [{"Key": key, "Values": [value]} for key, value in query.items()],
                    }
                ),
            ),
            tags=scope.tags(query.get("Service", "search"), owner=owner),
            opts=ResourceOptions(parent=self),
        )
        return name
