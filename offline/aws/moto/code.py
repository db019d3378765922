"""CodeCommit and CodeBuild beside moto: tags and changes of repositories, project changes and members it drops."""

from __future__ import annotations

import json
from typing import Any

from offline.aws.moto.services import add, after, given

_TAGS = "tags_of_repositories"
# Members of CreateProject that moto drops, under the names by which BatchGetProjects shows them.
_DROPPED = (
    "autoRetryLimit",
    "buildBatchConfig",
    "concurrentBuildLimit",
    "encryptionKey",
    "fileSystemLocations",
    "secondaryArtifacts",
    "secondarySources",
    "secondarySourceVersions",
)
_CHANGED = (
    *_DROPPED,
    "artifacts",
    "cache",
    "description",
    "environment",
    "logsConfig",
    "queuedTimeoutInMinutes",
    "serviceRole",
    "source",
    "sourceVersion",
    "tags",
    "timeoutInMinutes",
    "vpcConfig",
)


def extend_codecommit() -> None:
    """Tags, keys, and the operations that change a repository; moto has none of them."""
    from moto.codecommit.exceptions import RepositoryDoesNotExistException, RepositoryNameExistsException
    from moto.codecommit.responses import CodeCommitResponse

    def metadata(response: Any, parameter: str = "repositoryName") -> dict[str, Any]:
        found: dict[str, Any] = response.codecommit_backend.get_repository(response._get_param(parameter))
        return found

    def tags_of(response: Any) -> dict[str, dict[str, str]]:
        # In the backend's own dictionary: they go when the backend is reset.
        kept: dict[str, dict[str, str]] = response.codecommit_backend.__dict__.setdefault(_TAGS, {})
        return kept

    def created(response: Any) -> None:
        repository = metadata(response)
        repository.update(given(response, "kmsKeyId"))
        tags_of(response)[repository["Arn"]] = dict(response._get_param("tags") or {})

    def update_repository_description(self: Any) -> str:
        metadata(self)["repositoryDescription"] = self._get_param("repositoryDescription") or ""
        return "{}"

    def update_default_branch(self: Any) -> str:
        metadata(self)["defaultBranch"] = self._get_param("defaultBranchName")
        return "{}"

    def update_repository_encryption_key(self: Any) -> str:
        repository = metadata(self)
        before = repository.get("kmsKeyId", "")
        repository["kmsKeyId"] = self._get_param("kmsKeyId")
        changed = {"repositoryId": repository["repositoryId"], "kmsKeyId": repository["kmsKeyId"]}
        return json.dumps({**changed, "originalKmsKeyId": before})

    def update_repository_name(self: Any) -> str:
        repositories = self.codecommit_backend.repositories
        old, new = self._get_param("oldName"), self._get_param("newName")
        if new in repositories:
            raise RepositoryNameExistsException(new)
        repository = metadata(self, "oldName")
        tags = tags_of(self).pop(repository["Arn"], {})
        repository.update(
            {name: repository[name].removesuffix(old) + new for name in ("Arn", "cloneUrlHttp", "cloneUrlSsh")},
            repositoryName=new,
        )
        repositories[new] = repositories.pop(old)
        tags_of(self)[repository["Arn"]] = tags
        return ""

    def tags_of_arn(response: Any) -> dict[str, str]:
        wanted = response._get_param("resourceArn")
        if wanted not in tags_of(response):
            raise RepositoryDoesNotExistException(wanted)
        return tags_of(response)[wanted]

    def tag_resource(self: Any) -> str:
        tags_of_arn(self).update(self._get_param("tags"))
        return "{}"

    def untag_resource(self: Any) -> str:
        for key in self._get_param("tagKeys"):
            tags_of_arn(self).pop(key, None)
        return "{}"

    def list_tags_for_resource(self: Any) -> str:
        return json.dumps({"tags": tags_of_arn(self)})

    after(CodeCommitResponse, "create_repository", created)
    add(
        CodeCommitResponse,
        update_repository_description,
        update_default_branch,
        update_repository_encryption_key,
        update_repository_name,
        tag_resource,
        untag_resource,
        list_tags_for_resource,
    )


def extend_codebuild() -> None:
    """UpdateProject, members of CreateProject that moto drops, and locations and types that moto wrongly refuses."""
    import moto.codebuild.responses
    from moto.codebuild.exceptions import ResourceNotFoundException
    from moto.core.responses import ActionResult

    responses: Any = moto.codebuild.responses
    check_source, check_artifacts = (
        responses._validate_required_params_source,
        responses._validate_required_params_artifacts,
    )

    def of_pipeline(check: Any) -> Any:
        # A project of a pipeline takes its source from there and leaves its artifact there: neither has a location.
        return lambda part: None if part["type"] in ("CODEPIPELINE", "NO_SOURCE") else check(part)

    responses._validate_required_params_source = of_pipeline(check_source)
    responses._validate_required_params_artifacts = of_pipeline(check_artifacts)
    # moto's lists of types and sizes lack the newer ones; botocore's model has them.
    responses._validate_required_params_environment = lambda environment: None

    def keep(response: Any, *members: str) -> dict[str, Any]:
        name = response._get_param("name")
        projects = response.codebuild_backend.codebuild_projects
        if name not in projects:
            raise ResourceNotFoundException(f"Project cannot be found: {name}")
        project: dict[str, Any] = projects[name].project_metadata
        project.update(given(response, *members))
        badge = response._get_param("badgeEnabled")
        if badge is not None:
            project["badge"] = {"badgeEnabled": badge}
        return project

    def created(response: Any) -> None:
        keep(response, *_DROPPED)

    def update_project(self: Any) -> Any:
        return ActionResult({"project": keep(self, *_CHANGED)})

    after(responses.CodeBuildResponse, "create_project", created)
    add(responses.CodeBuildResponse, update_project)
