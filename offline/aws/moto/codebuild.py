"""CodeBuild beside moto: project changes and members of CreateProject, which it drops; parts it wrongly refuses."""

from __future__ import annotations

from typing import Any

from offline.aws.moto.patching import add, after, given

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


def extend() -> None:
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
