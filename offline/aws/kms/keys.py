"""KMS keys and their aliases."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, AwsInputError, Handler, Recorded
from offline.aws.mapping import delete_by, pairs, pascal, text
from offline.aws.shapes import changed, document, present
from offline.aws.tagging import Tagging

_TAGGING = Tagging(service="kms", resource="KeyId", pair=("TagKey", "TagValue"), by="id")
_KEY = pascal(
    "bypassPolicyLockoutSafetyCheck description keyUsage multiRegion",
    customerMasterKeySpec="KeySpec",
    policy=text,
    tags=pairs("TagKey", "TagValue"),
)
_DEFAULTS: dict[str, Any] = {
    "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
    "deletionWindowInDays": 30,
    "enableKeyRotation": False,
    "isEnabled": True,
    "keyUsage": "ENCRYPT_DECRYPT",
    "multiRegion": False,
}


def _create_key(aws: Aws, inputs: dict[str, Any]) -> Applied:
    key = aws.call("kms", "create_key", **_KEY.of("aws:kms/key:Key", inputs))["KeyMetadata"]
    _switch(aws, key["KeyId"], _DEFAULTS, {**_DEFAULTS, **inputs})
    return Applied(id=key["KeyId"], outputs={"arn": key["Arn"], "keyId": key["KeyId"]})


def _switch(aws: Aws, key_id: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Rotation and the key's state are requests of their own; rotation can only be changed while the key is enabled."""
    if changed(old, new, "isEnabled") and new["isEnabled"]:
        aws.call("kms", "enable_key", KeyId=key_id)
    if changed(old, new, "enableKeyRotation", "rotationPeriodInDays"):
        if new["enableKeyRotation"]:
            period = present(RotationPeriodInDays=new.get("rotationPeriodInDays"))
            aws.call("kms", "enable_key_rotation", KeyId=key_id, **period)
        elif old["enableKeyRotation"]:
            aws.call("kms", "disable_key_rotation", KeyId=key_id)
    if changed(old, new, "isEnabled") and not new["isEnabled"]:
        aws.call("kms", "disable_key", KeyId=key_id)


def _update_key(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    _switch(aws, old.id, {**_DEFAULTS, **old.inputs}, {**_DEFAULTS, **inputs})
    if changed(old.inputs, inputs, "description"):
        aws.call("kms", "update_key_description", KeyId=old.id, Description=inputs.get("description", ""))
    if changed(old.inputs, inputs, "policy") and "policy" in inputs:
        aws.call("kms", "put_key_policy", KeyId=old.id, PolicyName="default", Policy=document(inputs["policy"]))


def _delete_key(aws: Aws, old: Recorded) -> None:
    days = old.inputs.get("deletionWindowInDays", _DEFAULTS["deletionWindowInDays"])
    aws.call("kms", "schedule_key_deletion", KeyId=old.id, PendingWindowInDays=days)


def _alias(aws: Aws, inputs: dict[str, Any]) -> Applied:
    key = aws.call("kms", "describe_key", KeyId=inputs["targetKeyId"])["KeyMetadata"]
    return Applied(id=inputs["name"], outputs={"targetKeyArn": key["Arn"]})


def _create_alias(aws: Aws, inputs: dict[str, Any]) -> Applied:
    if not str(inputs["name"]).startswith("alias/"):
        raise AwsInputError([f'aws:kms/alias:Alias: the name "{inputs["name"]}" must begin with "alias/".'])
    aws.call("kms", "create_alias", AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"])
    return _alias(aws, inputs)


def _update_alias(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    aws.call("kms", "update_alias", AliasName=old.id, TargetKeyId=inputs["targetKeyId"])
    return _alias(aws, inputs)


HANDLERS = (
    Handler(
        type_token="aws:kms/key:Key",
        inputs=_KEY.names | {"deletionWindowInDays", "enableKeyRotation", "isEnabled", "rotationPeriodInDays"},
        create=_create_key,
        update=_update_key,
        delete=_delete_key,
        replace_on=frozenset({"customerMasterKeySpec", "keyUsage", "multiRegion"}),
        defaults=_DEFAULTS,
        retag=_TAGGING.change,
    ),
    Handler(
        type_token="aws:kms/alias:Alias",
        inputs=frozenset({"name", "targetKeyId"}),
        required=frozenset({"name", "targetKeyId"}),
        create=_create_alias,
        update=_update_alias,
        delete=delete_by("kms", "delete_alias", "AliasName"),
        replace_on=frozenset({"name"}),
        arn="kms:{id}",
    ),
)
