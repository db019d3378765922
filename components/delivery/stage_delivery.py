"""StageDelivery: what all pipelines of a stage share: their builds' log group, the verification, the right to be started."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi import ComponentResource, Resource, ResourceOptions
from pulumi_aws import cloudwatch

from ..calc.delivery.buildspec import deployment_buildspec
from ..calc.iam.delivery import trigger_assume_role, trigger_policy, verify_policy
from ..calc.logs import check_retention
from ..calc.names import builds_log_group, check_name, pushed_rule_name
from ..roles import role_with_policy
from ..scope import COMPONENT_PACKAGE, StageScope
from .artifacts import Artifacts, ArtifactsArgs, delivery_scripts
from .build_project import BuildProjectArgs, build_project

VERIFY_MINUTES = 30
"""Longer than the verification waits for a verdict, so that it ends with one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDeliveryArgs:
    """The stage's pipelines as a whole."""

    scope: StageScope
    cluster: str
    pushes: bool
    """Whether pushes reach the pipelines as EventBridge events."""


class StageDelivery(ComponentResource):
    """CodeBuild project that runs the steps around a deployment, log group of all builds, and the triggers' role."""

    artifacts: Artifacts
    log_group: cloudwatch.LogGroup
    verify_project: str
    """Name of the project that hands over and verifies; its runs are given the service by variables."""
    trigger_role: str | None
    """ARN of the role with which EventBridge starts a pipeline; None without pushes."""
    ready: tuple[Resource, ...]
    """What must exist before a pipeline runs."""

    def __init__(self, name: str, args: StageDeliveryArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(f"{COMPONENT_PACKAGE}:StageDelivery", name, None, opts)
        scope = args.scope
        self.artifacts = Artifacts(scope.stage, ArtifactsArgs(scope=scope, scripts=delivery_scripts()))
        scripts = self.artifacts.scripts
        child = ResourceOptions(parent=self)
        self.log_group = cloudwatch.LogGroup(
            "builds",
            name=check_name("log-group", builds_log_group(scope.stage)),
            retention_in_days=check_retention(scope.log_retention_days),
            tags=scope.tags("delivery"),
            opts=child,
        )
        self.verify_project = check_name("codebuild-project", scope.name("verify"))
        verify = build_project(
            self,
            BuildProjectArgs(
                scope=scope,
                name=self.verify_project,
                logical_name="verify",
                description=f"Verifies deployments to {scope.stage} and publishes what is verified",
                log_group=self.log_group,
                policy=verify_policy(
                    scope.location,
                    stage=scope.stage,
                    cluster=args.cluster,
                    project=self.verify_project,
                    bucket=self.artifacts.bucket,
                    scripts_key=scripts.key,
                ),
                buildspec=deployment_buildspec(scripts, cluster=args.cluster),
                environment={},
                architecture="ARM64",
                privileged=False,
                timeout_minutes=VERIFY_MINUTES,
                tags=scope.tags("delivery"),
            ),
        )
        self.trigger_role, trigger = self._trigger(scope) if args.pushes else (None, ())
        self.ready = (verify, *trigger, *self.artifacts.ready)
        self.register_outputs({"verifyProject": self.verify_project})

    def _trigger(self, scope: StageScope) -> tuple[str, tuple[Resource, ...]]:
        name = check_name("iam-role", scope.name("trigger"))
        policy = role_with_policy(
            self,
            "trigger",
            name=name,
            trust=trigger_assume_role(scope.location, pushed_rule_name(scope.stage, "*")),
            kind="trigger",
            document=trigger_policy(scope.location, f"{scope.stage}-*"),
            tags=scope.tags("delivery"),
        )
        return scope.location.iam_role(name), (policy,)
