"""IAM users, their inline policies and service-specific credentials."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.iam.principals import change_boundary, inline_policy, tagging
from offline.aws.mapping import delete_by, pascal, tags_upper
from offline.aws.shapes import changed

_USER = pascal("path permissionsBoundary", name="UserName", tags=tags_upper)
_CREDENTIAL = pascal("credentialAgeDays serviceName userName")


def _create_user(aws: Aws, inputs: dict[str, Any]) -> Applied:
    return _user(aws.call("iam", "create_user", **_USER.of("aws:iam/user:User", inputs))["User"])


def _user(user: dict[str, Any]) -> Applied:
    return Applied(id=user["UserName"], outputs={"arn": user["Arn"], "uniqueId": user["UserId"]})


def _update_user(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    if changed(old.inputs, inputs, "path"):
        aws.call("iam", "update_user", UserName=old.id, NewPath=inputs.get("path", "/"))
    change_boundary(aws, "user", old, inputs)
    return _user(aws.call("iam", "get_user", UserName=old.id)["User"])


def _delete_user(aws: Aws, old: Recorded) -> None:
    if old.inputs.get("forceDestroy"):
        credentials = aws.call("iam", "list_service_specific_credentials", UserName=old.id)
        for item in credentials["ServiceSpecificCredentials"]:
            credential = item["ServiceSpecificCredentialId"]
            aws.call(
                "iam", "delete_service_specific_credential", UserName=old.id, ServiceSpecificCredentialId=credential
            )
    aws.call("iam", "delete_user", UserName=old.id)


def _set_status(aws: Aws, credential_id: str, inputs: dict[str, Any], status: str) -> None:
    aws.call(
        "iam",
        "update_service_specific_credential",
        UserName=inputs["userName"],
        ServiceSpecificCredentialId=credential_id,
        Status=status,
    )


def _create_credential(aws: Aws, inputs: dict[str, Any]) -> Applied:
    request = _CREDENTIAL.of("aws:iam/serviceSpecificCredential:ServiceSpecificCredential", inputs)
    made = aws.call("iam", "create_service_specific_credential", **request)["ServiceSpecificCredential"]
    credential_id = made["ServiceSpecificCredentialId"]
    if inputs.get("status", "Active") != "Active":
        _set_status(aws, credential_id, inputs, inputs["status"])
    return Applied(
        id=f"{inputs['serviceName']}:{inputs['userName']}:{credential_id}",
        outputs={
            "createDate": made["CreateDate"].isoformat(),
            "servicePassword": made["ServicePassword"],
            "serviceSpecificCredentialId": credential_id,
            "serviceUserName": made["ServiceUserName"],
        },
    )


def _update_credential(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    _set_status(aws, old.outputs["serviceSpecificCredentialId"], inputs, inputs.get("status", "Active"))


HANDLERS = (
    Handler(
        type_token="aws:iam/user:User",
        inputs=_USER.names | {"forceDestroy"},
        create=_create_user,
        update=_update_user,
        delete=_delete_user,
        replace_on=frozenset({"name"}),
        name_property="name",
        defaults={"path": "/", "forceDestroy": False},
        retag=tagging("user").change,
    ),
    inline_policy("user"),
    Handler(
        type_token="aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
        inputs=_CREDENTIAL.names | {"status"},
        required=frozenset({"userName", "serviceName"}),
        create=_create_credential,
        update=_update_credential,
        delete=delete_by(
            "iam",
            "delete_service_specific_credential",
            {"UserName": "userName", "ServiceSpecificCredentialId": "serviceSpecificCredentialId"},
        ),
        replace_on=_CREDENTIAL.names,
        defaults={"status": "Active"},
    ),
)
