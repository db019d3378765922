"""CodeCommit beside moto: tags, keys and the operations that change a repository, which it lacks."""

from __future__ import annotations

import json
from typing import Any

from offline.aws.moto.patching import add, after, given, kept

_TAGS = "tags_of_repositories"


def extend() -> None:
    """Tags, keys, and the operations that change a repository; moto has none of them."""
    from moto.codecommit.exceptions import RepositoryDoesNotExistException, RepositoryNameExistsException
    from moto.codecommit.responses import CodeCommitResponse

    def metadata(response: Any, parameter: str = "repositoryName") -> dict[str, Any]:
        found: dict[str, Any] = response.codecommit_backend.get_repository(response._get_param(parameter))
        return found

    def tags_of(response: Any) -> dict[str, dict[str, str]]:
        return kept(response.codecommit_backend, _TAGS)

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
