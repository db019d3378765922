"""IAM roles, their inline policies and attached policies."""

from __future__ import annotations

import hashlib
from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.iam.principals import change_boundary, inline_policy, tagging
from offline.aws.mapping import delete_by, pascal, tags_upper, text
from offline.aws.shapes import changed, document

_ROLE = pascal(
    "description maxSessionDuration path permissionsBoundary",
    assumeRolePolicy=("AssumeRolePolicyDocument", text),
    name="RoleName",
    tags=tags_upper,
)


def _create_role(aws: Aws, inputs: dict[str, Any]) -> Applied:
    role = aws.call("iam", "create_role", **_ROLE.of("aws:iam/role:Role", inputs))["Role"]
    computed = {"arn": role["Arn"], "uniqueId": role["RoleId"], "createDate": role["CreateDate"].isoformat()}
    return Applied(id=inputs["name"], outputs=computed)


def _update_role(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    if changed(old.inputs, inputs, "assumeRolePolicy"):
        policy = document(inputs["assumeRolePolicy"])
        aws.call("iam", "update_assume_role_policy", RoleName=old.id, PolicyDocument=policy)
    if changed(old.inputs, inputs, "description", "maxSessionDuration"):
        aws.call(
            "iam",
            "update_role",
            RoleName=old.id,
            Description=inputs.get("description", ""),
            MaxSessionDuration=inputs.get("maxSessionDuration", 3600),
        )
    change_boundary(aws, "role", old, inputs)


def _delete_role(aws: Aws, old: Recorded) -> None:
    if old.inputs.get("forceDetachPolicies"):
        for policy in aws.call("iam", "list_attached_role_policies", RoleName=old.id)["AttachedPolicies"]:
            aws.call("iam", "detach_role_policy", RoleName=old.id, PolicyArn=policy["PolicyArn"])
        for name in aws.call("iam", "list_role_policies", RoleName=old.id)["PolicyNames"]:
            aws.call("iam", "delete_role_policy", RoleName=old.id, PolicyName=name)
    aws.call("iam", "delete_role", RoleName=old.id)


def _attach(aws: Aws, inputs: dict[str, Any]) -> Applied:
    role, policy = inputs["role"], inputs["policyArn"]
    aws.call("iam", "attach_role_policy", RoleName=role, PolicyArn=policy)
    return Applied(id=f"{role}-{hashlib.sha256(policy.encode()).hexdigest()[:24]}", outputs={})


HANDLERS = (
    Handler(
        type_token="aws:iam/role:Role",
        inputs=_ROLE.names | {"forceDetachPolicies"},
        required=frozenset({"assumeRolePolicy"}),
        create=_create_role,
        update=_update_role,
        delete=_delete_role,
        replace_on=frozenset({"name", "path"}),
        name_property="name",
        defaults={"path": "/", "maxSessionDuration": 3600, "forceDetachPolicies": False},
        retag=tagging("role").change,
    ),
    inline_policy("role"),
    Handler(
        type_token="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        inputs=frozenset({"role", "policyArn"}),
        required=frozenset({"role", "policyArn"}),
        create=_attach,
        update=None,
        delete=delete_by("iam", "detach_role_policy", {"RoleName": "role", "PolicyArn": "policyArn"}),
    ),
)
