"""The stages of a pipeline in their order, as CodePipeline is given them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pulumi_aws import codepipeline

from ..calc.delivery.buildspec import IMAGE_DEFINITIONS

SOURCE_ARTIFACT = "SourceArtifact"
BUILD_ARTIFACT = "BuildArtifact"
SOURCE_NAMESPACE = "Source"
DEPLOYMENT_MINUTES = 30
"""After that the ECS action fails; its own limit, one hour, is how long a rolled-back deployment may leave it hanging."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A person's consent before the deployment."""

    text: str
    link: str | None
    """What the approval points to; CodePipeline fills in `#{Source.CommitId}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StagesArgs:
    """What differs between pipelines."""

    source_provider: str
    """CodeCommit or CodeStarSourceConnection, the action that also reads GitLab through CodeConnections."""
    source: Mapping[str, str]
    """Configuration of the source action."""
    build_stage: str
    """Build, or Promote where another stage's image is copied."""
    build_project: str
    verify_project: str
    approval: Approval | None
    cluster: str
    service: str
    parameter: str
    """SSM parameter that gets the image of a verified deployment."""
    job_families: Sequence[str]
    """Task definition families of the batch jobs that get it, too."""


def stages(args: StagesArgs) -> list[codepipeline.PipelineStageArgs]:
    """Source, build, approval where there is one, deployment.

    The approval is a stage of its own: a rejection must not roll the deployment back. The verification belongs to the
    deployment's stage: its failure rolls that stage back, and until it has ended no other execution enters the stage.
    """
    source = _action(
        "Source",
        "Source",
        args.source_provider,
        args.source,
        namespace=SOURCE_NAMESPACE,
        output_artifacts=[SOURCE_ARTIFACT],
    )
    build = _action(
        args.build_stage,
        "Build",
        "CodeBuild",
        {"ProjectName": args.build_project},
        input_artifacts=[SOURCE_ARTIFACT],
        output_artifacts=[BUILD_ARTIFACT],
    )
    deployment = codepipeline.PipelineStageArgs(
        name="Deploy",
        actions=[
            _step("HandOver", "hand-over", args, run_order=1),
            _action(
                "Deploy",
                "Deploy",
                "ECS",
                {
                    "ClusterName": args.cluster,
                    "ServiceName": args.service,
                    "FileName": IMAGE_DEFINITIONS,
                    "DeploymentTimeout": str(DEPLOYMENT_MINUTES),
                },
                input_artifacts=[BUILD_ARTIFACT],
                run_order=2,
            ),
            _step("Verify", "verify", args, run_order=3),
        ],
        on_failure=codepipeline.PipelineStageOnFailureArgs(result="ROLLBACK"),
    )
    approvals = [] if args.approval is None else [_stage("Approve", _approve(args.approval))]
    return [_stage("Source", source), _stage(args.build_stage, build), *approvals, deployment]


def _stage(name: str, action: codepipeline.PipelineStageActionArgs) -> codepipeline.PipelineStageArgs:
    return codepipeline.PipelineStageArgs(name=name, actions=[action])


def _approve(approval: Approval) -> codepipeline.PipelineStageActionArgs:
    link = {} if approval.link is None else {"ExternalEntityLink": approval.link}
    return _action("Approve", "Approval", "Manual", {"CustomData": approval.text, **link})


def _step(name: str, step: str, args: StagesArgs, *, run_order: int) -> codepipeline.PipelineStageActionArgs:
    """One step of the delivery scripts; the stage's project runs both, for every service."""
    values = {"STEP": step, "SERVICE": args.service, "PARAMETER": args.parameter}
    if args.job_families:
        values["JOB_FAMILIES"] = " ".join(sorted(args.job_families))
    variables = [{"name": name, "value": value, "type": "PLAINTEXT"} for name, value in values.items()]
    return _action(
        name,
        "Build",
        "CodeBuild",
        {"ProjectName": args.verify_project, "EnvironmentVariables": json.dumps(variables, separators=(",", ":"))},
        input_artifacts=[BUILD_ARTIFACT],
        run_order=run_order,
    )


def _action(
    name: str,
    category: str,
    provider: str,
    configuration: Mapping[str, str],
    *,
    namespace: str | None = None,
    input_artifacts: list[str] | None = None,
    output_artifacts: list[str] | None = None,
    run_order: int = 1,
) -> codepipeline.PipelineStageActionArgs:
    return codepipeline.PipelineStageActionArgs(
        name=name,
        category=category,
        owner="AWS",
        provider=provider,
        version="1",
        configuration=configuration,
        namespace=namespace,
        input_artifacts=input_artifacts,
        output_artifacts=output_artifacts,
        run_order=run_order,
    )
