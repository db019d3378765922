"""S3 objects whose content is text in the program."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.mapping import differs, joined, pascal
from offline.aws.tagging import tag_list

_OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
_WHERE = pascal("bucket key")
_PUT = pascal(
    "cacheControl contentDisposition contentEncoding contentLanguage contentType metadata serverSideEncryption "
    "storageClass",
    bucketKeyEnabled="BucketKeyEnabled",
    content="Body",
    kmsKeyId="SSEKMSKeyId",
)
_TAGS = pascal(tags="Tagging")


def _put(aws: Aws, inputs: dict[str, Any]) -> Applied:
    request = joined(_WHERE, _PUT).of(_OBJECT, {"content": "", **inputs})
    tags = {"Tagging": urlencode(inputs["tags"])} if inputs.get("tags") else {}
    return _object(aws, inputs, aws.call("s3", "put_object", **request, **tags))


def _object(aws: Aws, inputs: dict[str, Any], answer: dict[str, Any]) -> Applied:
    content = str(inputs.get("content", ""))
    computed = {
        "arn": f"arn:{aws.partition}:s3:::{inputs['bucket']}/{inputs['key']}",
        "etag": str(answer.get("ETag", hashlib.md5(content.encode()).hexdigest())).strip('"'),
        "versionId": answer.get("VersionId", ""),
    }
    defaults = {
        "contentType": "application/octet-stream",
        "forceDestroy": False,
        "serverSideEncryption": answer.get("ServerSideEncryption", ""),
        "storageClass": "STANDARD",
    }
    return Applied(id=f"{inputs['bucket']}/{inputs['key']}", outputs={**defaults, **inputs, **computed})


def _update(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    """New content is a new object under the same key; tags alone change in place."""
    if differs(old, inputs, _PUT):
        return _put(aws, inputs)
    where = _WHERE.of(_OBJECT, inputs)
    if differs(old, inputs, _TAGS):
        aws.call("s3", "put_object_tagging", **where, Tagging={"TagSet": tag_list(inputs.get("tags") or {})})
    return Applied(id=old.id, outputs={**old.outputs, **inputs})


def _delete(aws: Aws, old: Recorded) -> None:
    """Every version: what pulumi-aws deletes, so that the bucket can follow."""
    bucket, key = old.inputs["bucket"], old.inputs["key"]
    found = aws.call("s3", "list_object_versions", Bucket=bucket, Prefix=key)
    for version in [*found.get("Versions", []), *found.get("DeleteMarkers", [])]:
        if version["Key"] == key:
            aws.call("s3", "delete_object", Bucket=bucket, Key=key, VersionId=version["VersionId"])


HANDLERS = (
    Handler(
        type_token=_OBJECT,
        inputs=joined(_WHERE, _PUT, _TAGS).names | {"forceDestroy"},
        required=_WHERE.names,
        create=_put,
        update=_update,
        delete=_delete,
        replace_on=_WHERE.names,
    ),
)
