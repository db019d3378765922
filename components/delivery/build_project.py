"""One CodeBuild project with its role; it logs into a group that it shares with others, under its own name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Resource, ResourceOptions
from pulumi_aws import cloudwatch, codebuild

from ..calc.delivery.buildspec import Architecture, Buildspec
from ..calc.iam.delivery import project_assume_role
from ..calc.names import builds_log_group, check_name
from ..roles import role_with_policy
from ..scope import StageScope
from .buildspecs import render

# CodeBuild User Guide, "Docker images provided by CodeBuild": both have Docker, the AWS CLI, Python and boto3.
MACHINES: Mapping[Architecture, tuple[str, str]] = {
    "ARM64": ("ARM_CONTAINER", "aws/codebuild/amazonlinux-aarch64-standard:3.0"),
    "X86_64": ("LINUX_CONTAINER", "aws/codebuild/amazonlinux-x86_64-standard:5.0"),
}
QUEUED_MINUTES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildProjectArgs:
    """What one project builds, with which rights."""

    scope: StageScope
    name: str
    logical_name: str
    description: str
    log_group: cloudwatch.LogGroup
    policy: str
    """IAM document of the project's role."""
    buildspec: Buildspec
    environment: Mapping[str, str]
    architecture: Architecture
    privileged: bool
    """Whether the build starts a Docker daemon; nothing else needs it."""
    timeout_minutes: int
    tags: Mapping[str, str]


def build_project(parent: Resource, args: BuildProjectArgs) -> codebuild.Project:
    """Register the project and its role as children of `parent`."""
    name = check_name("codebuild-project", args.name)
    role_name = check_name("iam-role", name)
    machine, image = MACHINES[args.architecture]
    policy = role_with_policy(
        parent,
        args.logical_name,
        name=role_name,
        trust=project_assume_role(args.scope.location, name),
        kind="build",
        document=args.policy,
        tags=args.tags,
    )
    return codebuild.Project(
        args.logical_name,
        name=name,
        description=args.description,
        service_role=args.scope.location.iam_role(role_name),
        artifacts=codebuild.ProjectArtifactsArgs(type="CODEPIPELINE"),
        source=codebuild.ProjectSourceArgs(type="CODEPIPELINE", buildspec=render(args.buildspec)),
        environment=codebuild.ProjectEnvironmentArgs(
            type=machine,
            image=image,
            compute_type="BUILD_GENERAL1_SMALL",
            image_pull_credentials_type="CODEBUILD",
            privileged_mode=args.privileged,
            environment_variables=[
                codebuild.ProjectEnvironmentEnvironmentVariableArgs(name=variable, value=value, type="PLAINTEXT")
                for variable, value in sorted(args.environment.items())
            ],
        ),
        logs_config=codebuild.ProjectLogsConfigArgs(
            cloudwatch_logs=codebuild.ProjectLogsConfigCloudwatchLogsArgs(
                group_name=builds_log_group(args.scope.stage), stream_name=name, status="ENABLED"
            )
        ),
        build_timeout=args.timeout_minutes,
        queued_timeout=QUEUED_MINUTES,
        tags=args.tags,
        opts=ResourceOptions(parent=parent, depends_on=[args.log_group, policy]),
    )
