"""Resource group: all resources that carry some tags."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Handler, Recorded
from offline.aws.mapping import Shape, create_by, delete_by, differs, each, joined, pascal
from offline.aws.tagging import Tagging

_SERVICE = "resource-groups"
_GROUP = "aws:resourcegroups/group:Group"
_TAGGING = Tagging(service=_SERVICE, tag="tag", untag="untag", resource="Arn", keys="Keys", pair=None)

_DESCRIPTION = pascal("description")


def _query(where: str, value: Any) -> dict[str, Any]:
    return pascal("query type")(where, {"type": "TAG_FILTERS_1_0", **value})


_QUERY = pascal(resourceQuery=_query)
_PARAMETERS = each(pascal("name values"))
_CONFIGURATION = pascal(configurations=("Configuration", each(pascal("type", parameters=_PARAMETERS))))
_CREATED = joined(pascal("name tags"), _DESCRIPTION, _QUERY, _CONFIGURATION)


def _update(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    changes: tuple[tuple[str, Shape, dict[str, Any]], ...] = (
        ("update_group", _DESCRIPTION, {"Description": ""}),
        ("update_group_query", _QUERY, {}),
        ("put_group_configuration", _CONFIGURATION, {"Configuration": []}),
    )
    for operation, shape, default in changes:
        if differs(old, inputs, shape):
            target = "GroupName" if operation != "put_group_configuration" else "Group"
            aws.call(_SERVICE, operation, **{target: old.id, **default, **shape.of(_GROUP, inputs)})


HANDLERS = (
    Handler(
        type_token=_GROUP,
        inputs=_CREATED.names,
        create=create_by(
            _GROUP, _SERVICE, "create_group", _CREATED, id="{name}", part="Group", outputs={"arn": "GroupArn"}
        ),
        update=_update,
        delete=delete_by(_SERVICE, "delete_group", "GroupName"),
        replace_on=frozenset({"name"}),
        name_property="name",
        retag=_TAGGING.change,
    ),
)
