"""S3 buckets and the configurations that Pulumi models as resources of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.mapping import delete_by, each, pascal, put_again
from offline.aws.shapes import document, pascal_keys, present
from offline.aws.tagging import tag_list

# Route 53 hosted zones of S3 website endpoints (AWS General Reference, Amazon S3 website endpoints).
_WEBSITE_ZONES = {"ap-northeast-2": "Z3W03O7B5YMIYP", "us-east-1": "Z3AQBSTGFYJSTF", "eu-west-1": "Z1BKCTXD74EZPE"}
_ACCESS_BLOCK = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


_ENCRYPTION_RULE = pascal(
    "bucketKeyEnabled",
    applyServerSideEncryptionByDefault=pascal(sseAlgorithm="SSEAlgorithm", kmsMasterKeyId="KMSMasterKeyID"),
    blockedEncryptionTypes=lambda where, value: {"EncryptionType": value},
)
_VERSIONING = pascal("status", mfaDelete="MFADelete")


def _create_bucket(aws: Aws, inputs: dict[str, Any]) -> Applied:
    name = inputs["bucket"]
    # us-east-1 is the one region that must not be named as a location constraint.
    location = None if aws.region == "us-east-1" else {"LocationConstraint": aws.region}
    aws.call(
        "s3",
        "create_bucket",
        **present(
            Bucket=name, CreateBucketConfiguration=location, ObjectLockEnabledForBucket=inputs.get("objectLockEnabled")
        ),
    )
    if inputs.get("tags"):
        aws.call("s3", "put_bucket_tagging", Bucket=name, Tagging={"TagSet": tag_list(inputs["tags"])})
    return _bucket(aws, name)


def _bucket(aws: Aws, name: str) -> Applied:
    return Applied(
        id=name,
        outputs={
            "arn": f"arn:{aws.partition}:s3:::{name}",
            "bucketDomainName": f"{name}.s3.amazonaws.com",
            "bucketRegion": aws.region,
            "bucketRegionalDomainName": f"{name}.s3.{aws.region}.amazonaws.com",
            "hostedZoneId": _WEBSITE_ZONES.get(aws.region, ""),
        },
    )


def _update_bucket(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    if old.inputs.get("tags") != inputs.get("tags"):
        if inputs.get("tags"):
            aws.call("s3", "put_bucket_tagging", Bucket=old.id, Tagging={"TagSet": tag_list(inputs["tags"])})
        else:
            aws.call("s3", "delete_bucket_tagging", Bucket=old.id)


def _delete_bucket(aws: Aws, old: Recorded) -> None:
    if old.inputs.get("forceDestroy"):
        found = aws.call("s3", "list_object_versions", Bucket=old.id)
        for version in [*found.get("Versions", []), *found.get("DeleteMarkers", [])]:
            aws.call("s3", "delete_object", Bucket=old.id, Key=version["Key"], VersionId=version["VersionId"])
    aws.call("s3", "delete_bucket", Bucket=old.id)


def _lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """Pulumi's names are S3's in camelCase, except the rule's ID and the tags of a filter."""
    named: dict[str, Any] = pascal_keys({name: value for name, value in rule.items() if name not in ("id", "filter")})
    where = dict(rule.get("filter") or {})
    both = dict(where.pop("and", None) or {})
    if both:
        tags = {"Tags": tag_list(both.pop("tags"))} if both.get("tags") else {}
        where = {"And": {**pascal_keys(both), **tags}}
    else:
        where = pascal_keys(where) or {"Prefix": ""}
    return {"ID": rule["id"], **named, **({} if "Prefix" in named else {"Filter": where})}


def _put_policy(aws: Aws, inputs: dict[str, Any]) -> None:
    aws.call("s3", "put_bucket_policy", Bucket=inputs["bucket"], Policy=document(inputs["policy"]))


def _put_access_block(aws: Aws, inputs: dict[str, Any]) -> None:
    block = {name[:1].upper() + name[1:]: bool(inputs.get(name, False)) for name in _ACCESS_BLOCK}
    aws.call("s3", "put_public_access_block", Bucket=inputs["bucket"], PublicAccessBlockConfiguration=block)


def _put_encryption(aws: Aws, inputs: dict[str, Any]) -> None:
    rules = each(_ENCRYPTION_RULE)("aws:s3/bucketServerSideEncryptionConfiguration rules", inputs["rules"])
    encryption = {"Rules": rules}
    aws.call("s3", "put_bucket_encryption", Bucket=inputs["bucket"], ServerSideEncryptionConfiguration=encryption)


def _put_lifecycle(aws: Aws, inputs: dict[str, Any]) -> None:
    aws.call(
        "s3",
        "put_bucket_lifecycle_configuration",
        **present(
            Bucket=inputs["bucket"],
            LifecycleConfiguration={"Rules": [_lifecycle_rule(rule) for rule in inputs["rules"]]},
            TransitionDefaultMinimumObjectSize=inputs.get("transitionDefaultMinimumObjectSize"),
        ),
    )


def _put_versioning(aws: Aws, inputs: dict[str, Any]) -> None:
    wanted = _VERSIONING("aws:s3/bucketVersioning versioningConfiguration", inputs["versioningConfiguration"])
    # "Disabled" is Pulumi's word for a bucket that never had versioning: there is nothing to ask S3 for.
    if wanted["Status"] != "Disabled":
        aws.call(
            "s3",
            "put_bucket_versioning",
            **present(Bucket=inputs["bucket"], VersioningConfiguration=wanted, MFA=inputs.get("mfa")),
        )


def _stop_versioning(aws: Aws, old: Recorded) -> None:
    if old.inputs["versioningConfiguration"]["status"] == "Enabled":
        suspended = {"Status": "Suspended"}
        aws.call("s3", "put_bucket_versioning", Bucket=old.inputs["bucket"], VersioningConfiguration=suspended)


def _put_ownership(aws: Aws, inputs: dict[str, Any]) -> None:
    rule = pascal("objectOwnership")("aws:s3/bucketOwnershipControls rule", inputs["rule"])
    aws.call("s3", "put_bucket_ownership_controls", Bucket=inputs["bucket"], OwnershipControls={"Rules": [rule]})


def _configuration(
    name: str,
    put: Callable[[Aws, dict[str, Any]], None],
    delete: Callable[[Aws, Recorded], None],
    properties: set[str],
    required: set[str],
    defaults: dict[str, Any] | None = None,
) -> Handler:
    """A part of a bucket's configuration: put whole, deleted whole, identified by its bucket."""

    def create(aws: Aws, inputs: dict[str, Any]) -> Applied:
        put(aws, inputs)
        return Applied(id=inputs["bucket"], outputs={})

    return Handler(
        type_token=f"aws:s3/{name[:1].lower()}{name[1:]}:{name}",
        inputs=frozenset({"bucket", *properties}),
        required=frozenset({"bucket", *required}),
        create=create,
        update=put_again(create),
        delete=delete,
        replace_on=frozenset({"bucket"}),
        defaults=defaults or {},
    )


def _deleted(operation: str, unless: str = "") -> Callable[[Aws, Recorded], None]:
    return delete_by("s3", operation, "Bucket", unless=unless)


HANDLERS = (
    Handler(
        type_token="aws:s3/bucket:Bucket",
        inputs=frozenset({"bucket", "forceDestroy", "objectLockEnabled", "tags"}),
        create=_create_bucket,
        update=_update_bucket,
        delete=_delete_bucket,
        replace_on=frozenset({"bucket", "objectLockEnabled"}),
        name_property="bucket",
        defaults={"forceDestroy": False, "objectLockEnabled": False},
    ),
    _configuration("BucketPolicy", _put_policy, _deleted("delete_bucket_policy"), {"policy"}, {"policy"}),
    _configuration(
        "BucketPublicAccessBlock",
        _put_access_block,
        _deleted("delete_public_access_block", "skipDestroy"),
        {*_ACCESS_BLOCK, "skipDestroy"},
        set(),
        dict.fromkeys(_ACCESS_BLOCK, False),
    ),
    _configuration(
        "BucketServerSideEncryptionConfiguration",
        _put_encryption,
        _deleted("delete_bucket_encryption"),
        {"rules"},
        {"rules"},
    ),
    _configuration(
        "BucketLifecycleConfiguration",
        _put_lifecycle,
        _deleted("delete_bucket_lifecycle"),
        {"rules", "transitionDefaultMinimumObjectSize"},
        {"rules"},
        {"transitionDefaultMinimumObjectSize": "all_storage_classes_128K"},
    ),
    _configuration(
        "BucketVersioning",
        _put_versioning,
        _stop_versioning,
        {"versioningConfiguration", "mfa"},
        {"versioningConfiguration"},
    ),
    _configuration(
        "BucketOwnershipControls", _put_ownership, _deleted("delete_bucket_ownership_controls"), {"rule"}, {"rule"}
    ),
)
