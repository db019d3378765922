"""What a pipeline is made from, and the names that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi import Resource

from settings.delivery import Delivery
from settings.delivery import Pipeline as PipelineSettings
from settings.workloads import Service as ServiceSettings

from ..calc.arns import Location
from ..calc.delivery.artifacts import artifact_prefix
from ..calc.iam.delivery import ArtifactAccess, DeploymentTarget
from ..calc.names import check_name
from ..scope import StageScope
from .stage_delivery import StageDelivery


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineArgs:
    """One service's way into one stage."""

    scope: StageScope
    settings: ServiceSettings
    delivery: Delivery
    pipeline: PipelineSettings
    cluster: str
    shared: StageDelivery
    jobs: Sequence[str]
    """Names in AWS, without the stage, of the batch jobs that run this service's image."""
    depends_on: Sequence[Resource] = ()
    """What a first run needs: the mirror and the service."""

    def __post_init__(self) -> None:
        if self.pipeline.branch is None:
            raise ValueError(
                f"The pipeline of {self.settings.name} has no branch: set pipeline.branch, for example develop."
            )
        if self.promotes and self.settings.bake_env:
            raise ValueError(
                f"{self.settings.name} bakes a stage's env file into its image, so the image of "
                f"{self.pipeline.promote_from} cannot be promoted: set bakeEnv or promote to false."
            )

    @property
    def promotes(self) -> bool:
        """Whether another stage's image is deployed instead of a build."""
        return self.pipeline.promote_from is not None and self.settings.promote

    @property
    def location(self) -> Location:
        return self.scope.location

    @property
    def name(self) -> str:
        """Name of the pipeline, of the ECS service and of its image repository."""
        return check_name("pipeline", self.scope.name(self.settings.aws_name))

    @property
    def tags(self) -> dict[str, str]:
        return self.scope.tags(self.settings.name, owner=self.settings.owner)

    @property
    def repository(self) -> str:
        """CodeCommit's name of the mirror, or GitLab's path of the project."""
        if self.delivery.source == "codecommit":
            return f"{self.scope.stage}-{self.settings.source_repository}"
        return f"{self.delivery.group}/{self.settings.source_repository}"

    @property
    def access(self) -> ArtifactAccess:
        return ArtifactAccess(bucket=self.shared.artifacts.bucket, prefix=artifact_prefix(self.name))

    @property
    def target(self) -> DeploymentTarget:
        return DeploymentTarget(
            cluster=self.cluster,
            service=self.name,
            role_names=[self.scope.name(f"{self.settings.aws_name}-{kind}") for kind in ("execution", "task")],
        )

    @property
    def build_project(self) -> str:
        """Name of the CodeBuild project that builds or promotes the image."""
        return check_name("codebuild-project", self.scope.name(f"{self.settings.aws_name}-build"))
