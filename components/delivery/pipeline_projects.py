"""The CodeBuild project of a pipeline: what builds its image, or promotes the one that another stage verified."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi import Resource
from pulumi_aws import codebuild

from ..calc.delivery.buildspec import Buildspec, image_buildspec, promotion_buildspec
from ..calc.iam.delivery import build_policy, promotion_policy
from ..calc.names import builds_log_group, resource_name
from ..calc.tasks.placeholder import image_parameter
from .build_project import BuildProjectArgs, build_project
from .pipeline_args import PipelineArgs

BUILD_MINUTES = 30


def image_project(parent: Resource, args: PipelineArgs) -> codebuild.Project:
    """The project that leaves an image of the service in the stage's repository, and its image definitions."""
    return _promotion(parent, args) if args.promotes else _build(parent, args)


def _build(parent: Resource, args: PipelineArgs) -> codebuild.Project:
    settings = args.settings
    return _project(
        parent,
        args,
        f"Builds the image of {settings.name}",
        image_buildspec(architecture=settings.architecture, bake_env=settings.bake_env),
        build_policy(args.location, log_streams=_streams(args), artifacts=args.access, repository=args.name),
        environment={"ENVIRONMENT": args.scope.environment},
        builds_images=True,
    )


def _promotion(parent: Resource, args: PipelineArgs) -> codebuild.Project:
    settings = args.settings
    origin = args.pipeline.promote_from or ""
    parameter = image_parameter(origin, settings.aws_name)
    return _project(
        parent,
        args,
        f"Copies the image of {settings.name} that {origin} verified",
        promotion_buildspec(args.shared.artifacts.scripts, source_parameter=parameter),
        promotion_policy(
            args.location,
            log_streams=_streams(args),
            artifacts=args.access,
            scripts_key=args.shared.artifacts.scripts.key,
            source_parameter=parameter,
            source_repository=resource_name(origin, settings.aws_name),
            repository=args.name,
        ),
    )


def _streams(args: PipelineArgs) -> str:
    return args.location.log_streams_of(builds_log_group(args.scope.stage), args.build_project)


def _project(
    parent: Resource,
    args: PipelineArgs,
    description: str,
    buildspec: Buildspec,
    policy: str,
    *,
    environment: Mapping[str, str] | None = None,
    builds_images: bool = False,
) -> codebuild.Project:
    return build_project(
        parent,
        BuildProjectArgs(
            scope=args.scope,
            name=args.build_project,
            logical_name=f"{args.settings.name}-build",
            description=description,
            log_group=args.shared.log_group,
            policy=policy,
            buildspec=buildspec,
            environment={
                "CONTAINER_NAME": args.settings.aws_name,
                "REPOSITORY_URI": args.location.ecr_repository_url(args.name),
                **(environment or {}),
            },
            # An image is built on its own architecture; the scripts run on either.
            architecture=args.settings.architecture if builds_images else "ARM64",
            privileged=builds_images,
            timeout_minutes=BUILD_MINUTES,
            tags=args.tags,
        ),
    )
