"""IAM roles and users, their inline policies, attached policies and service-specific credentials."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from offline.aws.account import Aws
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.shapes import changed, document, present, tag_changes, tag_list


def _retag(aws: Aws, kind: str, old: Recorded, inputs: dict[str, Any]) -> None:
    name = {f"{kind.capitalize()}Name": old.id}
    put, removed = tag_changes(old.inputs.get("tags"), inputs.get("tags"))
    if removed:
        aws.call("iam", f"untag_{kind}", **name, TagKeys=removed)
    if put:
        aws.call("iam", f"tag_{kind}", **name, Tags=tag_list(put))


def _change_boundary(aws: Aws, kind: str, old: Recorded, inputs: dict[str, Any]) -> None:
    if changed(old.inputs, inputs, "permissionsBoundary"):
        name = {f"{kind.capitalize()}Name": old.id}
        boundary = inputs.get("permissionsBoundary")
        if boundary:
            aws.call("iam", f"put_{kind}_permissions_boundary", **name, PermissionsBoundary=boundary)
        else:
            aws.call("iam", f"delete_{kind}_permissions_boundary", **name)


def _create_role(aws: Aws, inputs: dict[str, Any]) -> Applied:
    role = aws.call(
        "iam",
        "create_role",
        **present(
            RoleName=inputs["name"],
            AssumeRolePolicyDocument=document(inputs["assumeRolePolicy"]),
            Path=inputs.get("path"),
            Description=inputs.get("description"),
            MaxSessionDuration=inputs.get("maxSessionDuration"),
            PermissionsBoundary=inputs.get("permissionsBoundary"),
            Tags=tag_list(inputs.get("tags")) or None,
        ),
    )["Role"]
    return _role(inputs, arn=role["Arn"], uniqueId=role["RoleId"], createDate=role["CreateDate"].isoformat())


def _role(inputs: dict[str, Any], **computed: str) -> Applied:
    defaults = {"path": "/", "maxSessionDuration": 3600, "forceDetachPolicies": False}
    return Applied(id=inputs["name"], outputs={**defaults, **inputs, **computed})


def _update_role(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
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
    _change_boundary(aws, "role", old, inputs)
    _retag(aws, "role", old, inputs)
    return _role(inputs, **{name: old.outputs[name] for name in ("arn", "uniqueId", "createDate")})


def _delete_role(aws: Aws, old: Recorded) -> None:
    if old.inputs.get("forceDetachPolicies"):
        for policy in aws.call("iam", "list_attached_role_policies", RoleName=old.id)["AttachedPolicies"]:
            aws.call("iam", "detach_role_policy", RoleName=old.id, PolicyArn=policy["PolicyArn"])
        for name in aws.call("iam", "list_role_policies", RoleName=old.id)["PolicyNames"]:
            aws.call("iam", "delete_role_policy", RoleName=old.id, PolicyName=name)
    aws.call("iam", "delete_role", RoleName=old.id)


def _create_user(aws: Aws, inputs: dict[str, Any]) -> Applied:
    user = aws.call(
        "iam",
        "create_user",
        **present(
            UserName=inputs["name"],
            Path=inputs.get("path"),
            PermissionsBoundary=inputs.get("permissionsBoundary"),
            Tags=tag_list(inputs.get("tags")) or None,
        ),
    )["User"]
    return _user(inputs, arn=user["Arn"], uniqueId=user["UserId"])


def _user(inputs: dict[str, Any], **computed: str) -> Applied:
    return Applied(id=inputs["name"], outputs={"path": "/", "forceDestroy": False, **inputs, **computed})


def _update_user(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    if changed(old.inputs, inputs, "path"):
        aws.call("iam", "update_user", UserName=old.id, NewPath=inputs.get("path", "/"))
    _change_boundary(aws, "user", old, inputs)
    _retag(aws, "user", old, inputs)
    user = aws.call("iam", "get_user", UserName=old.id)["User"]
    return _user(inputs, arn=user["Arn"], uniqueId=user["UserId"])


def _delete_user(aws: Aws, old: Recorded) -> None:
    if old.inputs.get("forceDestroy"):
        credentials = aws.call("iam", "list_service_specific_credentials", UserName=old.id)
        for item in credentials["ServiceSpecificCredentials"]:
            credential = item["ServiceSpecificCredentialId"]
            aws.call(
                "iam", "delete_service_specific_credential", UserName=old.id, ServiceSpecificCredentialId=credential
            )
    aws.call("iam", "delete_user", UserName=old.id)


def _put_policy(kind: str) -> Callable[[Aws, dict[str, Any]], Applied]:
    def put(aws: Aws, inputs: dict[str, Any]) -> Applied:
        owner = inputs[kind]
        policy = document(inputs["policy"])
        named = {f"{kind.capitalize()}Name": owner}
        aws.call("iam", f"put_{kind}_policy", **named, PolicyName=inputs["name"], PolicyDocument=policy)
        return Applied(id=f"{owner}:{inputs['name']}", outputs=inputs)

    return put


def _delete_policy(kind: str) -> Callable[[Aws, Recorded], None]:
    def delete(aws: Aws, old: Recorded) -> None:
        named = {f"{kind.capitalize()}Name": old.inputs[kind]}
        aws.call("iam", f"delete_{kind}_policy", **named, PolicyName=old.inputs["name"])

    return delete


def _inline_policy(kind: str) -> Handler:
    put = _put_policy(kind)
    return Handler(
        type_token=f"aws:iam/{kind}Policy:{kind.capitalize()}Policy",
        inputs=frozenset({"name", "policy", kind}),
        required=frozenset({"policy", kind}),
        create=put,
        update=lambda aws, _old, inputs: put(aws, inputs),
        delete=_delete_policy(kind),
        replace_on=frozenset({"name", kind}),
        name_property="name",
    )


def _attach(aws: Aws, inputs: dict[str, Any]) -> Applied:
    role, policy = inputs["role"], inputs["policyArn"]
    aws.call("iam", "attach_role_policy", RoleName=role, PolicyArn=policy)
    return Applied(id=f"{role}-{hashlib.sha256(policy.encode()).hexdigest()[:24]}", outputs=inputs)


def _detach(aws: Aws, old: Recorded) -> None:
    aws.call("iam", "detach_role_policy", RoleName=old.inputs["role"], PolicyArn=old.inputs["policyArn"])


def _set_status(aws: Aws, credential_id: str, inputs: dict[str, Any], status: str) -> None:
    aws.call(
        "iam",
        "update_service_specific_credential",
        UserName=inputs["userName"],
        ServiceSpecificCredentialId=credential_id,
        Status=status,
    )


def _create_credential(aws: Aws, inputs: dict[str, Any]) -> Applied:
    made = aws.call(
        "iam",
        "create_service_specific_credential",
        **present(
            UserName=inputs["userName"],
            ServiceName=inputs["serviceName"],
            CredentialAgeDays=inputs.get("credentialAgeDays"),
        ),
    )["ServiceSpecificCredential"]
    credential_id = made["ServiceSpecificCredentialId"]
    if inputs.get("status", "Active") != "Active":
        _set_status(aws, credential_id, inputs, inputs["status"])
    return Applied(
        id=f"{inputs['serviceName']}:{inputs['userName']}:{credential_id}",
        outputs={
            "status": "Active",
            **inputs,
            "createDate": made["CreateDate"].isoformat(),
            "servicePassword": made["ServicePassword"],
            "serviceSpecificCredentialId": credential_id,
            "serviceUserName": made["ServiceUserName"],
        },
    )


def _update_credential(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    status = inputs.get("status", "Active")
    _set_status(aws, old.outputs["serviceSpecificCredentialId"], inputs, status)
    return Applied(id=old.id, outputs={**old.outputs, **inputs, "status": status})


def _delete_credential(aws: Aws, old: Recorded) -> None:
    aws.call(
        "iam",
        "delete_service_specific_credential",
        UserName=old.inputs["userName"],
        ServiceSpecificCredentialId=old.outputs["serviceSpecificCredentialId"],
    )


HANDLERS = (
    Handler(
        type_token="aws:iam/role:Role",
        inputs=frozenset(
            {"name", "path", "assumeRolePolicy", "description", "maxSessionDuration", "permissionsBoundary", "tags"}
            | {"forceDetachPolicies"}
        ),
        required=frozenset({"assumeRolePolicy"}),
        create=_create_role,
        update=_update_role,
        delete=_delete_role,
        replace_on=frozenset({"name", "path"}),
        name_property="name",
    ),
    Handler(
        type_token="aws:iam/user:User",
        inputs=frozenset({"name", "path", "permissionsBoundary", "forceDestroy", "tags"}),
        create=_create_user,
        update=_update_user,
        delete=_delete_user,
        replace_on=frozenset({"name"}),
        name_property="name",
    ),
    _inline_policy("role"),
    _inline_policy("user"),
    Handler(
        type_token="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        inputs=frozenset({"role", "policyArn"}),
        required=frozenset({"role", "policyArn"}),
        create=_attach,
        update=None,
        delete=_detach,
    ),
    Handler(
        type_token="aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
        inputs=frozenset({"userName", "serviceName", "status", "credentialAgeDays"}),
        required=frozenset({"userName", "serviceName"}),
        create=_create_credential,
        update=_update_credential,
        delete=_delete_credential,
        replace_on=frozenset({"userName", "serviceName", "credentialAgeDays"}),
    ),
)
