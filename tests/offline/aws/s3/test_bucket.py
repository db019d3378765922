"""Buckets and their configurations."""

import json
from typing import Any

import pytest

from offline.aws.handler import AwsError
from offline.aws.provider import AwsProvider

NAME = "dev-alb-logs-123456789012"
BUCKET = "aws:s3/bucket:Bucket"


@pytest.fixture
def bucket(cloud: Any) -> Any:
    return cloud.make(BUCKET, "logs", bucket=NAME, tags={"Stage": "dev"})


def test_a_bucket_and_its_outputs(cloud: Any, bucket: Any) -> None:
    assert bucket.id == NAME
    assert bucket.outputs["arn"] == f"arn:aws:s3:::{NAME}"
    assert bucket.outputs["bucketRegionalDomainName"] == f"{NAME}.s3.ap-northeast-2.amazonaws.com"
    assert cloud.ask("s3", "get_bucket_location", Bucket=NAME)["LocationConstraint"] == "ap-northeast-2"
    cloud.change(BUCKET, "logs", tags={"Stage": "prd"})
    assert cloud.ask("s3", "get_bucket_tagging", Bucket=NAME)["TagSet"] == [{"Key": "Stage", "Value": "prd"}]
    cloud.change(BUCKET, "logs", tags=None)
    with pytest.raises(AwsError, match="NoSuchTagSet"):
        cloud.ask("s3", "get_bucket_tagging", Bucket=NAME)


def test_a_bucket_in_the_first_region() -> None:
    provider = AwsProvider(region="us-east-1")
    provider.create(BUCKET, "urn::logs", {"bucket": NAME}, seed="b#1")
    (call,) = provider.calls_of_last_operation()
    assert call["params"] == {"Bucket": NAME}


def test_only_force_deletes_a_bucket_with_objects(cloud: Any, bucket: Any) -> None:
    with cloud.provider.aws.operation("object#1"):
        cloud.provider.aws.call("s3", "put_object", Bucket=NAME, Key="log")
    with pytest.raises(AwsError, match="AWS refused s3:delete_bucket with BucketNotEmpty"):
        cloud.provider.delete(BUCKET, "urn::logs", NAME, {"bucket": NAME}, {}, seed="d#1")
    cloud.change(BUCKET, "logs", forceDestroy=True)
    cloud.delete(BUCKET, "logs")
    assert cloud.operations_of_last() == ["delete_object", "delete_bucket"]


def test_an_access_block(cloud: Any, bucket: Any) -> None:
    kind = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    cloud.make(kind, "logs", bucket=NAME, blockPublicAcls=True)
    cloud.change(kind, "logs", blockPublicPolicy=True)
    found = cloud.ask("s3", "get_public_access_block", Bucket=NAME)["PublicAccessBlockConfiguration"]
    assert found == {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": False,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": False,
    }
    cloud.delete(kind, "logs")
    with pytest.raises(AwsError, match="NoSuchPublicAccessBlockConfiguration"):
        cloud.ask("s3", "get_public_access_block", Bucket=NAME)


def test_encryption(cloud: Any, bucket: Any) -> None:
    rule = {
        "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "alias/dev"},
        "bucketKeyEnabled": True,
    }
    kind = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    cloud.make(kind, "logs", bucket=NAME, rules=[rule])
    found = cloud.ask("s3", "get_bucket_encryption", Bucket=NAME)["ServerSideEncryptionConfiguration"]["Rules"]
    assert found[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/dev"}
    assert found[0]["BucketKeyEnabled"] is True


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"filter": {"prefix": ""}}, {"Filter": {"Prefix": ""}}),
        ({}, {"Filter": {"Prefix": ""}}),
        ({"filter": {"prefix": "dev/"}}, {"Filter": {"Prefix": "dev/"}}),
        ({"filter": {"tag": {"key": "Stage", "value": "dev"}}}, {"Filter": {"Tag": {"Key": "Stage", "Value": "dev"}}}),
        (
            {"filter": {"and": {"prefix": "dev/", "tags": {"Stage": "dev"}}}},
            {"Filter": {"And": {"Prefix": "dev/", "Tags": [{"Key": "Stage", "Value": "dev"}]}}},
        ),
    ],
)
def test_lifecycle_rules(cloud: Any, bucket: Any, where: dict[str, Any], found: dict[str, Any]) -> None:
    cloud.make(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "logs",
        bucket=NAME,
        rules=[
            {
                "id": "expire",
                "status": "Enabled",
                "expiration": {"days": 90},
                "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                "noncurrentVersionExpiration": {"noncurrentDays": 30},
                **where,
            }
        ],
    )
    (rule,) = cloud.ask("s3", "get_bucket_lifecycle_configuration", Bucket=NAME)["Rules"]
    assert rule == {
        "ID": "expire",
        "Status": "Enabled",
        "Expiration": {"Days": 90},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        **found,
    }


def test_versioning_is_suspended_when_it_is_no_longer_declared(cloud: Any, bucket: Any) -> None:
    kind = "aws:s3/bucketVersioning:BucketVersioning"
    cloud.make(kind, "logs", bucket=NAME, versioningConfiguration={"status": "Disabled"})
    assert cloud.operations_of_last() == []
    cloud.change(kind, "logs", versioningConfiguration={"status": "Enabled"})
    assert cloud.ask("s3", "get_bucket_versioning", Bucket=NAME)["Status"] == "Enabled"
    cloud.delete(kind, "logs")
    assert cloud.ask("s3", "get_bucket_versioning", Bucket=NAME)["Status"] == "Suspended"


def test_policy_and_ownership(cloud: Any, bucket: Any) -> None:
    policy = {"Version": "2012-10-17", "Statement": []}
    cloud.make("aws:s3/bucketPolicy:BucketPolicy", "logs", bucket=NAME, policy=json.dumps(policy))
    assert json.loads(cloud.ask("s3", "get_bucket_policy", Bucket=NAME)["Policy"]) == policy
    kind = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    cloud.make(kind, "logs", bucket=NAME, rule={"objectOwnership": "BucketOwnerEnforced"})
    controls = cloud.ask("s3", "get_bucket_ownership_controls", Bucket=NAME)["OwnershipControls"]
    assert controls == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


def test_a_taken_name_is_refused(cloud: Any, bucket: Any) -> None:
    with pytest.raises(AwsError, match="AWS refused s3:create_bucket with BucketAlreadyOwnedByYou"):
        cloud.make(BUCKET, "again", bucket=NAME)
