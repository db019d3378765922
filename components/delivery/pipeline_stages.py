"""The stages of a pipeline in their order, as CodePipeline is given them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pulumi_aws import codepipeline

from ..calc.delivery.buildspec import IMAGE_DEFINITIONS
from ..calc.tasks.placeholder import image_parameter
from .pipeline_args import PipelineArgs

SOURCE_ARTIFACT = "SourceArtifact"
BUILD_ARTIFACT = "BuildArtifact"
SOURCE_NAMESPACE = "Source"
DEPLOYMENT_MINUTES = 30
"""After that the ECS action fails; its own limit, one hour, is how long a rolled-back deployment may leave it hanging."""


def stages(args: PipelineArgs, provider: str, source: Mapping[str, str]) -> list[codepipeline.PipelineStageArgs]:
    """Source, build (or promotion where another stage's image is copied), approval where there is one, deployment.

    provider: CodeCommit or CodeStarSourceConnection, the action that also reads GitLab through CodeConnections; source: its
    configuration.

    The approval is a stage of its own: a rejection must not roll the deployment back. The verification belongs to the
    deployment's stage: its failure rolls that stage back, and until it has ended no other execution enters the stage.
    """
    build_stage = "Promote" if args.promotes else "Build"
    fetch = _action(
        "Source", "Source", provider, source, namespace=SOURCE_NAMESPACE, output_artifacts=[SOURCE_ARTIFACT]
    )
    build = _action(
        build_stage,
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
                    "ServiceName": args.name,
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
    approvals = [_stage("Approve", _approve(args))] if args.pipeline.approval else []
    return [_stage("Source", fetch), _stage(build_stage, build), *approvals, deployment]


def _stage(name: str, action: codepipeline.PipelineStageActionArgs) -> codepipeline.PipelineStageArgs:
    return codepipeline.PipelineStageArgs(name=name, actions=[action])


def _approve(args: PipelineArgs) -> codepipeline.PipelineStageActionArgs:
    """A person's consent before the deployment; CodePipeline fills in the commit."""
    commit = f"#{{{SOURCE_NAMESPACE}.CommitId}}"
    asked = {"CustomData": f"Deploy {args.settings.name} at {commit} to {args.scope.stage}?"}
    if url := args.pipeline.change_url:
        link = url.replace("{repository}", args.settings.source_repository).replace("{commit}", commit)
        asked["ExternalEntityLink"] = link
    return _action("Approve", "Approval", "Manual", asked)


def _step(name: str, step: str, args: PipelineArgs, *, run_order: int) -> codepipeline.PipelineStageActionArgs:
    """One step of the delivery scripts; the stage's project runs both, for every service."""
    parameter = image_parameter(args.scope.stage, args.settings.aws_name)
    values = {"STEP": step, "SERVICE": args.name, "PARAMETER": parameter}
    if args.jobs:
        values["JOB_FAMILIES"] = " ".join(sorted(args.scope.name(job) for job in args.jobs))
    variables = [{"name": name, "value": value, "type": "PLAINTEXT"} for name, value in values.items()]
    return _action(
        name,
        "Build",
        "CodeBuild",
        {
            "ProjectName": args.shared.verify_project,
            "EnvironmentVariables": json.dumps(variables, separators=(",", ":")),
        },
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
