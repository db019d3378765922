"""IAM groups, their inline policies and who is in them."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.iam.principals import inline_policy
from offline.aws.mapping import delete_by, pascal
from offline.aws.shapes import changed

_GROUP = pascal("path", name="GroupName")


def _create_group(aws: Aws, inputs: dict[str, Any]) -> Applied:
    group = aws.call("iam", "create_group", **_GROUP.of("aws:iam/group:Group", inputs))["Group"]
    return _group(group)


def _group(group: dict[str, Any]) -> Applied:
    return Applied(id=group["GroupName"], outputs={"arn": group["Arn"], "uniqueId": group["GroupId"]})


def _update_group(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    if changed(old.inputs, inputs, "name", "path"):
        new = {"NewGroupName": inputs["name"], "NewPath": inputs.get("path", "/")}
        aws.call("iam", "update_group", GroupName=old.id, **new)
    return _group(aws.call("iam", "get_group", GroupName=inputs["name"])["Group"])


def _create_membership(aws: Aws, inputs: dict[str, Any]) -> Applied:
    _members(aws, inputs["group"], (), inputs["users"])
    return Applied(id=inputs["name"], outputs={})


def _members(aws: Aws, group: str, old: Any, new: Any) -> None:
    for user in sorted(set(old) - set(new)):
        aws.call("iam", "remove_user_from_group", GroupName=group, UserName=user)
    for user in sorted(set(new) - set(old)):
        aws.call("iam", "add_user_to_group", GroupName=group, UserName=user)


def _update_membership(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    _members(aws, inputs["group"], old.inputs["users"], inputs["users"])


def _delete_membership(aws: Aws, old: Recorded) -> None:
    _members(aws, old.inputs["group"], old.inputs["users"], ())


HANDLERS = (
    Handler(
        type_token="aws:iam/group:Group",
        inputs=_GROUP.names,
        create=_create_group,
        update=_update_group,
        delete=delete_by("iam", "delete_group", "GroupName"),
        name_property="name",
        defaults={"path": "/"},
    ),
    inline_policy("group"),
    Handler(
        type_token="aws:iam/groupMembership:GroupMembership",
        inputs=frozenset({"group", "name", "users"}),
        required=frozenset({"group", "users"}),
        create=_create_membership,
        update=_update_membership,
        delete=_delete_membership,
        replace_on=frozenset({"group", "name"}),
        name_property="name",
    ),
)
