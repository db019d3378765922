"""ECR repository with its lifecycle policy and its resource policy."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, AwsInputError, Handler, Recorded
from offline.aws.mapping import camel, delete_by, differs, each, put_again, tags_upper
from offline.aws.shapes import document
from offline.aws.tagging import Tagging

_REPOSITORY = "aws:ecr/repository:Repository"
_TAGGING = Tagging(service="ecr", resource="resourceArn", tags="tags", keys="tagKeys")


def _one(where: str, value: Any) -> dict[str, Any]:
    if len(value) != 1:
        raise AwsInputError([f"{where} must hold one entry; found {len(value)}."])
    return _ENCRYPTION(where, value[0])


_ENCRYPTION = camel("encryptionType kmsKey")
_MUTABILITY = camel("imageTagMutability", imageTagMutabilityExclusionFilters=each(camel("filter filterType")))
_SCANNING = camel(imageScanningConfiguration=camel("scanOnPush"))
_CREATED = camel(
    name="repositoryName",
    encryptionConfigurations=("encryptionConfiguration", _one),
    tags=tags_upper,
)


def _create(aws: Aws, inputs: dict[str, Any]) -> Applied:
    request = {**_CREATED.of(_REPOSITORY, inputs), **_MUTABILITY.of(_REPOSITORY, inputs)}
    repository = aws.call("ecr", "create_repository", **request, **_SCANNING.of(_REPOSITORY, inputs))["repository"]
    return Applied(id=inputs["name"], outputs={"repositoryUrl": repository["repositoryUri"]})


def _update(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    if differs(old, inputs, _MUTABILITY):
        request = {"imageTagMutability": "MUTABLE", **_MUTABILITY.of(_REPOSITORY, inputs)}
        aws.call("ecr", "put_image_tag_mutability", repositoryName=old.id, **request)
    if differs(old, inputs, _SCANNING):
        request = {"imageScanningConfiguration": {"scanOnPush": False}, **_SCANNING.of(_REPOSITORY, inputs)}
        aws.call("ecr", "put_image_scanning_configuration", repositoryName=old.id, **request)


def _delete(aws: Aws, old: Recorded) -> None:
    aws.call("ecr", "delete_repository", repositoryName=old.id, force=bool(old.inputs.get("forceDelete")))


def _put_lifecycle(aws: Aws, inputs: dict[str, Any]) -> Applied:
    policy = document(inputs["policy"])
    aws.call("ecr", "put_lifecycle_policy", repositoryName=inputs["repository"], lifecyclePolicyText=policy)
    return Applied(id=inputs["repository"], outputs={})


def _put_policy(aws: Aws, inputs: dict[str, Any]) -> Applied:
    aws.call("ecr", "set_repository_policy", repositoryName=inputs["repository"], policyText=document(inputs["policy"]))
    return Applied(id=inputs["repository"], outputs={})


_ON_REPOSITORY = frozenset({"policy", "repository"})

HANDLERS = (
    Handler(
        type_token=_REPOSITORY,
        inputs=_CREATED.names | _MUTABILITY.names | _SCANNING.names | {"forceDelete"},
        create=_create,
        update=_update,
        delete=_delete,
        replace_on=frozenset({"name", "encryptionConfigurations"}),
        name_property="name",
        delete_before_replace=True,
        defaults={
            "imageTagMutability": "MUTABLE",
            "encryptionConfigurations": [{"encryptionType": "AES256", "kmsKey": ""}],
        },
        arn="ecr:repository/{id}",
        account="registryId",
        retag=_TAGGING.change,
    ),
    Handler(
        type_token="aws:ecr/lifecyclePolicy:LifecyclePolicy",
        inputs=_ON_REPOSITORY,
        required=_ON_REPOSITORY,
        create=_put_lifecycle,
        # Terraform's AWS provider replaces it; both requests put the whole policy.
        update=None,
        delete=delete_by("ecr", "delete_lifecycle_policy", "repositoryName"),
        delete_before_replace=True,
        account="registryId",
    ),
    Handler(
        type_token="aws:ecr/repositoryPolicy:RepositoryPolicy",
        inputs=_ON_REPOSITORY,
        required=_ON_REPOSITORY,
        create=_put_policy,
        update=put_again(_put_policy),
        delete=delete_by("ecr", "delete_repository_policy", "repositoryName"),
        replace_on=frozenset({"repository"}),
        account="registryId",
    ),
)
