"""The CodeBuild projects of a pipeline: what builds or promotes the image, and what verifies its deployment."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi import Resource, ResourceOptions
from pulumi_aws import codebuild, ecr

from .build_project import BuildProjectArgs, build_project
from .calc.buildspec import Buildspec, deployment_buildspec, image_buildspec, promotion_buildspec
from .calc.delivery_iam import Publication, build_policy, promotion_policy, verify_policy
from .calc.ecr import lifecycle_policy
from .calc.names import check_name, resource_name
from .calc.placeholder import image_parameter
from .pipeline_args import PipelineArgs

BUILD_MINUTES = 30
VERIFY_MINUTES = 30
"""Longer than the verification waits for a verdict, so that it ends with one."""
CACHE_DAYS = 1
"""An untagged image of the cache repository is a cache that was replaced."""


def image_project(parent: Resource, args: PipelineArgs) -> codebuild.Project:
    """The project that leaves an image of the service in the stage's repository, and its image definitions."""
    return _promotion(parent, args) if args.promotes else _build(parent, args)


def verify_project(parent: Resource, args: PipelineArgs) -> codebuild.Project:
    """The project of the steps before and after the ECS action."""
    scope = args.scope
    families = [scope.name(job) for job in args.jobs]
    parameter = image_parameter(scope.stage, args.settings.name)
    return _project(
        parent,
        args,
        "verify",
        f"Verifies deployments of {args.settings.name} and publishes what is verified",
        deployment_buildspec(
            args.artifacts.scripts,
            cluster=args.cluster,
            service=args.name,
            parameter=parameter,
            job_families=families,
        ),
        verify_policy(
            args.location,
            log_group=args.log_group("verify"),
            artifacts=args.access,
            scripts_key=args.artifacts.scripts.key,
            target=args.target,
            service_log_group=f"/{scope.stage}/{args.settings.name}",
            publication=Publication(
                parameter=parameter,
                job_families=families,
                job_role_names=[role for job in args.jobs for role in args.workload_roles(job)],
            ),
        ),
        minutes=VERIFY_MINUTES,
    )


def _build(parent: Resource, args: PipelineArgs) -> codebuild.Project:
    settings, location = args.settings, args.location
    child = ResourceOptions(parent=parent)
    cache_name = check_name("ecr-repository", f"{args.name}-cache")
    cache = ecr.Repository(
        f"{settings.name}-cache",
        name=cache_name,
        # Its one tag moves to the newest build; no task ever runs from here.
        image_tag_mutability="MUTABLE",
        image_scanning_configuration=ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=False),
        encryption_configurations=[ecr.RepositoryEncryptionConfigurationArgs(encryption_type="AES256")],
        force_delete=True,
        tags=args.tags,
        opts=child,
    )
    ecr.LifecyclePolicy(
        f"{settings.name}-cache", repository=cache.name, policy=lifecycle_policy(CACHE_DAYS), opts=child
    )
    return _project(
        parent,
        args,
        "build",
        f"Builds the image of {settings.name}",
        image_buildspec(architecture=settings.architecture, bake_env=settings.bake_env),
        build_policy(
            location,
            log_group=args.log_group("build"),
            artifacts=args.access,
            repository=args.name,
            cache_repository=cache_name,
        ),
        minutes=BUILD_MINUTES,
        environment={"CACHE_URI": location.ecr_repository_url(cache_name), "ENVIRONMENT": args.scope.environment},
        builds_images=True,
    )


def _promotion(parent: Resource, args: PipelineArgs) -> codebuild.Project:
    settings = args.settings
    origin = args.pipeline.promote_from or ""
    parameter = image_parameter(origin, settings.name)
    return _project(
        parent,
        args,
        "build",
        f"Copies the image of {settings.name} that {origin} verified",
        promotion_buildspec(args.artifacts.scripts, source_parameter=parameter),
        promotion_policy(
            args.location,
            log_group=args.log_group("build"),
            artifacts=args.access,
            scripts_key=args.artifacts.scripts.key,
            source_parameter=parameter,
            source_repository=resource_name(origin, settings.name),
            repository=args.name,
        ),
        minutes=BUILD_MINUTES,
    )


def _project(
    parent: Resource,
    args: PipelineArgs,
    kind: str,
    description: str,
    buildspec: Buildspec,
    policy: str,
    *,
    minutes: int,
    environment: Mapping[str, str] | None = None,
    builds_images: bool = False,
) -> codebuild.Project:
    return build_project(
        parent,
        BuildProjectArgs(
            scope=args.scope,
            name=args.project(kind),
            logical_name=f"{args.settings.name}-{kind}",
            description=description,
            log_group=args.log_group(kind),
            policy=policy,
            buildspec=buildspec,
            environment={
                "CONTAINER_NAME": args.settings.name,
                "REPOSITORY_URI": args.location.ecr_repository_url(args.name),
                **(environment or {}),
            },
            # An image is built on its own architecture; the scripts run on either.
            architecture=args.settings.architecture if builds_images else "ARM64",
            privileged=builds_images,
            timeout_minutes=minutes,
            tags=args.tags,
        ),
    )
