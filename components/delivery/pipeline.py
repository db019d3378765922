"""Pipeline: takes a branch of one service's source to a verified deployment in one stage."""

from __future__ import annotations

from pulumi import ComponentResource, Resource, ResourceOptions
from pulumi_aws import cloudwatch, codebuild, codepipeline, iam

from ..calc.event_patterns import event_pattern
from ..calc.iam.delivery import (
    codecommit_source,
    connection_source,
    pipeline_assume_role,
    pipeline_policy,
)
from ..calc.iam.statements import Statement
from ..calc.names import check_name, pushed_rule_name
from ..roles import role_with_policy
from ..scope import COMPONENT_PACKAGE
from .pipeline_args import PipelineArgs
from .pipeline_projects import image_project
from .pipeline_stages import stages

__all__ = ["Pipeline", "PipelineArgs"]


class Pipeline(ComponentResource):
    """CodePipeline, the CodeBuild project of its image, their roles and the trigger."""

    name: str

    def __init__(self, name: str, args: PipelineArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(f"{COMPONENT_PACKAGE}:Pipeline", name, None, opts)
        self._args = args
        self.name = args.name
        self._pipeline(image_project(self, args))
        if (role := args.shared.trigger_role) is not None:
            self._trigger(role)
        self.register_outputs({"name": self.name})

    def _child(self, *depends_on: Resource) -> ResourceOptions:
        return ResourceOptions(parent=self, depends_on=list(depends_on))

    def _role(self, kind: str, trust: str, document: str) -> tuple[str, iam.RolePolicy]:
        """A role with its one policy; the ARN is known before the role exists."""
        logical_name = f"{self._args.settings.name}-{kind}"
        name = check_name("iam-role", f"{self.name}-{kind}")
        policy = role_with_policy(
            self, logical_name, name=name, trust=trust, kind=kind, document=document, tags=self._args.tags
        )
        return self._args.location.iam_role(name), policy

    def _source(self) -> tuple[str, dict[str, str], Statement]:
        """Provider and configuration of the source action, and what the pipeline's role needs for it."""
        args = self._args
        delivery, branch = args.delivery, args.pipeline.branch or ""
        if delivery.source == "connection":
            arn = delivery.connection_arn or ""
            configuration = {"ConnectionArn": arn, "FullRepositoryId": args.repository, "BranchName": branch}
            return (
                "CodeStarSourceConnection",
                {**configuration, "DetectChanges": "true", "OutputArtifactFormat": "CODE_ZIP"},
                connection_source(arn, args.repository),
            )
        configuration = {"RepositoryName": args.repository, "BranchName": branch}
        # The trigger reports pushes, so nothing polls.
        return (
            "CodeCommit",
            {**configuration, "PollForSourceChanges": "false", "OutputArtifactFormat": "CODE_ZIP"},
            codecommit_source(args.location, args.repository),
        )

    def _pipeline(self, project: codebuild.Project) -> None:
        args = self._args
        projects = [args.build_project, args.shared.verify_project]
        provider, configuration, source = self._source()
        role_arn, policy = self._role(
            "pipeline",
            pipeline_assume_role(args.location),
            pipeline_policy(args.location, source=source, artifacts=args.access, projects=projects, target=args.target),
        )
        codepipeline.Pipeline(
            args.settings.name,
            name=self.name,
            role_arn=role_arn,
            pipeline_type="V2",
            # One execution after the other, in the order of the pushes; none overtakes or replaces another.
            execution_mode="QUEUED",
            artifact_stores=[codepipeline.PipelineArtifactStoreArgs(type="S3", location=args.shared.artifacts.bucket)],
            stages=stages(args, provider, configuration),
            tags=args.tags,
            opts=self._child(policy, project, *args.shared.ready, *args.depends_on),
        )

    def _trigger(self, role_arn: str) -> None:
        """A push to the branch starts the pipeline, through EventBridge."""
        args = self._args
        rule_name = check_name("event-rule", pushed_rule_name(args.scope.stage, args.settings.aws_name))
        logical_name = f"{args.settings.name}-pushed"
        pattern = {
            "source": ["aws.codecommit"],
            "detail-type": ["CodeCommit Repository State Change"],
            "resources": [args.location.codecommit_repository(args.repository)],
            "detail": {
                "event": ["referenceCreated", "referenceUpdated"],
                "referenceType": ["branch"],
                "referenceName": [args.pipeline.branch],
            },
        }
        rule = cloudwatch.EventRule(
            logical_name,
            name=rule_name,
            description=f"Pushes to {args.pipeline.branch} of {args.repository}",
            event_pattern=event_pattern(pattern),
            tags=args.tags,
            opts=self._child(),
        )
        cloudwatch.EventTarget(
            logical_name,
            rule=rule.name,
            target_id="pipeline",
            arn=args.location.pipeline(self.name),
            role_arn=role_arn,
            opts=self._child(*args.shared.ready),
        )
