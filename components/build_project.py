"""One CodeBuild project of a pipeline with its role and its log group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Resource, ResourceOptions
from pulumi_aws import cloudwatch, codebuild, iam

from .buildspecs import render
from .calc.buildspec import Architecture, Buildspec
from .calc.delivery_iam import project_assume_role
from .calc.logs import check_retention
from .calc.names import check_name
from .calc.statements import check_role_policy
from .scope import StageScope

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
    log_group: str
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
    """Register the project, its role and its log group as children of `parent`."""
    child = ResourceOptions(parent=parent)
    name = check_name("codebuild-project", args.name)
    role_name = check_name("iam-role", name)
    machine, image = MACHINES[args.architecture]
    log_group = cloudwatch.LogGroup(
        args.logical_name,
        name=check_name("log-group", args.log_group),
        retention_in_days=check_retention(args.scope.log_retention_days),
        tags=args.tags,
        opts=child,
    )
    role = iam.Role(
        args.logical_name,
        name=role_name,
        assume_role_policy=project_assume_role(args.scope.location, name),
        tags=args.tags,
        opts=child,
    )
    document = check_role_policy(role_name, args.policy)
    policy = iam.RolePolicy(args.logical_name, name="build", role=role.name, policy=document, opts=child)
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
            cloudwatch_logs=codebuild.ProjectLogsConfigCloudwatchLogsArgs(group_name=args.log_group, status="ENABLED")
        ),
        build_timeout=args.timeout_minutes,
        queued_timeout=QUEUED_MINUTES,
        tags=args.tags,
        opts=ResourceOptions(parent=parent, depends_on=[log_group, policy]),
    )
