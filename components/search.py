"""Search: a resource group of the stage and of each of its workloads, by their tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pulumi import ComponentResource, ResourceOptions
from pulumi_aws import resourcegroups

from settings.workloads import Workload

from .calc.canonical import canonical_json
from .calc.names import check_name
from .scope import COMPONENT_PACKAGE, StageScope, renamed


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchArgs:
    """What people look for."""

    scope: StageScope
    workloads: Sequence[Workload]
    """Services and jobs; their names are the values of the tag Service."""


class Search(ComponentResource):
    """Resource groups: everything of a stage in one list of the console, and everything of one workload."""

    stage_group: str
    """Name of the group that holds all of the stage."""

    def __init__(self, name: str, args: SearchArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(f"{COMPONENT_PACKAGE}:Search", name, None, opts)
        scope = args.scope
        tags = {"Project": scope.project, "Stage": scope.stage}
        self.stage_group = check_name("resource-group", scope.stage)
        self._group(
            scope.stage,
            name=self.stage_group,
            description=f"Everything of {scope.stage}",
            query=tags,
            tags=scope.tags("search"),
        )
        for found in args.workloads:
            self._group(
                found.name,
                name=check_name("resource-group", scope.name(found.aws_name)),
                description=f"Everything of {found.name} in {scope.stage}",
                query={**tags, "Service": found.name},
                tags=scope.tags(found.name, owner=found.owner),
                former_names=found.former_names,
            )
        self.register_outputs({"stageGroup": self.stage_group})

    def _group(
        self,
        logical: str,
        *,
        name: str,
        description: str,
        query: Mapping[str, str],
        tags: Mapping[str, str],
        former_names: Sequence[str] = (),
    ) -> None:
        filters = [{"Key": key, "Values": [value]} for key, value in query.items()]
        resourcegroups.Group(
            logical,
            name=name,
            description=description,
            resource_query=resourcegroups.GroupResourceQueryArgs(
                type="TAG_FILTERS_1_0",
                query=canonical_json({"ResourceTypeFilters": ["AWS::AllSupported"], "TagFilters": filters}),
            ),
            tags=tags,
            opts=ResourceOptions(parent=self, aliases=renamed(former_names)),
        )
