"""CodeCommit repository."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.mapping import camel, delete_by
from offline.aws.tagging import Tagging

_REPOSITORY = "aws:codecommit/repository:Repository"
_TAGGING = Tagging(service="codecommit", resource="resourceArn", tags="tags", keys="tagKeys", pair=None)
_CREATED = camel("repositoryName kmsKeyId tags", description="repositoryDescription")


def _create(aws: Aws, inputs: dict[str, Any]) -> Applied:
    # The branch must exist, so a new repository cannot have one yet; it is set by the next update.
    return _applied(aws.call("codecommit", "create_repository", **_CREATED.of(_REPOSITORY, inputs)))


def _applied(answer: dict[str, Any]) -> Applied:
    metadata = answer["repositoryMetadata"]
    computed = {name: metadata[name] for name in ("cloneUrlHttp", "cloneUrlSsh", "repositoryId")}
    return Applied(id=metadata["repositoryName"], outputs={**computed, "arn": metadata["Arn"]})


def _update(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    name = inputs["repositoryName"]
    _TAGGING.change(aws, old, inputs)  # under the ARN of the old name
    if name != old.id:
        aws.call("codecommit", "update_repository_name", oldName=old.id, newName=name)
    before, after = old.inputs.get("description", ""), inputs.get("description", "")
    if before != after:
        aws.call("codecommit", "update_repository_description", repositoryName=name, repositoryDescription=after)
    branch, key = inputs.get("defaultBranch"), inputs.get("kmsKeyId")
    if branch and branch != old.inputs.get("defaultBranch"):
        aws.call("codecommit", "update_default_branch", repositoryName=name, defaultBranchName=branch)
    if key and key != old.inputs.get("kmsKeyId"):
        aws.call("codecommit", "update_repository_encryption_key", repositoryName=name, kmsKeyId=key)
    return _applied(aws.call("codecommit", "get_repository", repositoryName=name))


HANDLERS = (
    Handler(
        type_token=_REPOSITORY,
        inputs=_CREATED.names | {"defaultBranch"},
        required=frozenset({"repositoryName"}),
        create=_create,
        update=_update,
        delete=delete_by("codecommit", "delete_repository", "repositoryName"),
    ),
)
