"""ECR repository with its lifecycle policy and its resource policy."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, AwsInputError, Handler, Recorded
from offline.aws.mapping import camel, create_by, delete_by, differs, each, put_again, tags_upper, text
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


_LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
_LIFECYCLE_PUT = camel(repository="repositoryName", policy=("lifecyclePolicyText", text))
_POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy"
_POLICY_PUT = camel(repository="repositoryName", policy=("policyText", text))
_put_policy = create_by(_POLICY, "ecr", "set_repository_policy", _POLICY_PUT, id="{repository}")

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
        type_token=_LIFECYCLE,
        inputs=_LIFECYCLE_PUT.names,
        required=_LIFECYCLE_PUT.names,
        create=create_by(_LIFECYCLE, "ecr", "put_lifecycle_policy", _LIFECYCLE_PUT, id="{repository}"),
        # Terraform's AWS provider replaces it; both requests put the whole policy.
        update=None,
        delete=delete_by("ecr", "delete_lifecycle_policy", "repositoryName"),
        delete_before_replace=True,
        account="registryId",
    ),
    Handler(
        type_token=_POLICY,
        inputs=_POLICY_PUT.names,
        required=_POLICY_PUT.names,
        create=_put_policy,
        update=put_again(_put_policy),
        delete=delete_by("ecr", "delete_repository_policy", "repositoryName"),
        replace_on=frozenset({"repository"}),
        account="registryId",
    ),
)
