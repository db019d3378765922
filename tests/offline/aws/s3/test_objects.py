"""Objects whose content is text in the program, in buckets whose policy asks for TLS."""

import json
from typing import Any

import pytest

from offline.aws.handler import AwsError

OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
BUCKET = "dev-artifacts-123456789012"
TLS = {
    "Sid": "DenyInsecureTransport",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


@pytest.fixture
def bucket(cloud: Any) -> Any:
    cloud.make("aws:s3/bucket:Bucket", "artifacts", bucket=BUCKET)
    configuration = {"status": "Enabled"}
    kind = "aws:s3/bucketVersioning:BucketVersioning"
    return cloud.make(kind, "artifacts", bucket=BUCKET, versioningConfiguration=configuration)


def put_policy(cloud: Any, *statements: dict[str, Any]) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    cloud.make("aws:s3/bucketPolicy:BucketPolicy", "artifacts", bucket=BUCKET, policy=policy)


def make(cloud: Any, **inputs: Any) -> Any:
    given = {"key": "delivery/a.py", "content": "one\n", "contentType": "text/x-python", **inputs}
    return cloud.make(OBJECT, "script", bucket=BUCKET, **given)


def content(cloud: Any) -> str:
    return cloud.ask("s3", "get_object", Bucket=BUCKET, Key="delivery/a.py")["Body"].read().decode()


def test_an_object_and_its_outputs(cloud: Any, bucket: Any) -> None:
    made = make(cloud, tags={"Stage": "dev"})
    assert made.id == f"{BUCKET}/delivery/a.py"
    assert made.outputs["arn"] == f"arn:aws:s3:::{BUCKET}/delivery/a.py"
    assert made.outputs["etag"] == "5bbf5a52328e7439ae6e719dfe712200"
    found = cloud.ask("s3", "get_object", Bucket=BUCKET, Key="delivery/a.py")
    assert (found["Body"].read(), found["ContentType"], found["VersionId"]) == (
        b"one\n",
        "text/x-python",
        made.outputs["versionId"],
    )
    tags = cloud.ask("s3", "get_object_tagging", Bucket=BUCKET, Key="delivery/a.py")["TagSet"]
    assert tags == [{"Key": "Stage", "Value": "dev"}]


def test_new_content_is_a_new_version_and_new_tags_are_none(cloud: Any, bucket: Any) -> None:
    first = make(cloud)
    second = cloud.change(OBJECT, "script", content="two\n")
    assert (content(cloud), second.id) == ("two\n", first.id)
    assert second.outputs["versionId"] != first.outputs["versionId"]
    third = cloud.change(OBJECT, "script", tags={"Stage": "prd"})
    assert cloud.operations_of_last() == ["put_object_tagging"]
    assert third.outputs["versionId"] == second.outputs["versionId"]


def test_deleted_are_all_versions_of_this_key_alone(cloud: Any, bucket: Any) -> None:
    make(cloud)
    cloud.make(OBJECT, "other", bucket=BUCKET, key="delivery/a.pyc", content="x")
    cloud.change(OBJECT, "script", content="two\n")
    cloud.delete(OBJECT, "script")
    assert cloud.operations_of_last() == ["delete_object", "delete_object"]
    left = cloud.ask("s3", "list_object_versions", Bucket=BUCKET)["Versions"]
    assert [version["Key"] for version in left] == ["delivery/a.pyc"]


def test_another_key_is_another_object(cloud: Any) -> None:
    assert cloud.provider.replace_keys(OBJECT) == {"bucket", "key"}


def test_a_policy_that_asks_for_tls_refuses_nothing_here(cloud: Any, bucket: Any) -> None:
    """moto leaves the conditions of bucket policies out; the addition goes when it has learnt them."""
    put_policy(cloud, TLS)
    make(cloud)
    assert content(cloud) == "one\n"


def test_what_a_policy_denies_to_everyone_is_refused(cloud: Any, bucket: Any) -> None:
    put_policy(cloud, TLS, {**TLS, "Sid": "Closed", "Action": "s3:PutObject", "Condition": {}})
    with pytest.raises(AwsError, match="AWS refused s3:put_object with 403"):
        make(cloud)
