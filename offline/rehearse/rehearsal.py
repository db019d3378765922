"""A rehearsal: a stage held, everything started that a delivery needs, the pipeline run, the end checked."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from delivery.ecs_deploy import running_revision
from delivery.parameters import missing
from delivery.revisions import short
from delivery.task_definition import describe, images_of
from offline.records import EngineName
from offline.rehearse.codebuild import Machine, variables_of
from offline.rehearse.commands import Report
from offline.rehearse.endpoint import running_endpoint
from offline.rehearse.errors import RehearsalError
from offline.rehearse.execution import Execution
from offline.rehearse.pipeline import Pipeline, read_pipeline
from offline.rehearse.programs import find_engine, programs, require_programs
from offline.rehearse.registry import Registry, running_registry
from offline.stage import OFFLINE_VALUE, OfflineStage, offline_stage
from policies.resources.json_text import read_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A delivery to rehearse."""

    stage: str
    name: str
    """Of the ECS service, its pipeline and its repository: `<stage>-<service>`."""
    source: Path
    env_file: Path | None
    project_dir: Path
    state_dir: Path
    keep: bool = False
    """Leave the rehearsal's folder, with the registry's images, where it is."""
    engine: EngineName | None = None
    """The engine that is to have recorded the stage; None: either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What a rehearsal ended with: the revision that the service runs, and its image by container."""

    revision: str
    images: dict[str, str]
    folder: Path


def rehearse(request: Request, *, report: Report) -> Delivered:
    """Rehearse a delivery and record in the stage what it changed, as `up` records.

    Raises RehearsalError, RequestError, ImageDefinitionsError, UsageError and StateError (a stage that is not up, or in
    use: nobody else works on it meanwhile). Every program that was started has ended then.
    """
    require_programs()
    with (
        offline_stage(
            project_dir=request.project_dir,
            state_dir=request.state_dir,
            stage=request.stage,
            mode="write",
            engine=request.engine,
        ) as stage,
        _folder(request) as folder,
    ):
        pipeline = read_pipeline(stage, request.name, stage_name=request.stage)
        repository = stage.call("ecr", "describe_repositories", repositoryNames=[request.name])["repositories"][0]
        engine = find_engine()
        with contextlib.ExitStack() as started:
            registry = started.enter_context(running_registry(folder / "registry"))
            report(f"images: {engine.kind}; ECR: docker-registry on {registry.address}")
            if made := _stand_ins(stage, pipeline):
                report(f"  secrets: stand-ins for {', '.join(made)}; in an account people store them first")
            path = started.enter_context(
                programs(
                    folder / "programs",
                    engine=engine,
                    ecr_host=repository["repositoryUri"].partition("/")[0],
                    registry=registry.address,
                )
            )
            endpoint = started.enter_context(running_endpoint(stage, registry, actor=f"pipeline {pipeline.name}"))
            machine = Machine(
                region=stage.provider.aws.region,
                account_id=stage.provider.aws.account_id,
                pipeline=pipeline.name,
                programs=path,
                folder=folder / "machine",
                variables={**endpoint.variables(), **_env_file(request.env_file)},
            )
            execution = Execution(
                stage=stage,
                pipeline=pipeline,
                machine=machine,
                registry=registry,
                source=request.source,
                folder=folder,
                branch_setting=f"pipeline.branch in Pulumi.{request.stage}.yaml",
                report=report,
            )
            execution.run()
            delivered = _checked(execution, registry, folder)
            report(f"Check: {request.name} runs {short(delivered.revision)}; the registry holds its image")
            return delivered


def _checked(execution: Execution, registry: Registry, folder: Path) -> Delivered:
    """What the service runs now, held against what was asked for and what the registry has. Raises RehearsalError."""
    if not execution.deployments:
        raise RehearsalError(f"The pipeline {execution.pipeline.name} deploys nothing: it has no ECS action.")
    deployment = execution.deployments[-1]
    revision = running_revision(execution.stage, cluster=deployment.cluster, service=deployment.service)
    running = images_of(describe(execution.stage, revision))
    for container, image in deployment.images.items():
        if running.get(container) != image or not registry.holds(image):
            raise RehearsalError(
                f"{deployment.service} runs {short(revision)} with {running.get(container)} in {container}; asked for was "
                f"{image}, from the registry."
            )
    return Delivered(revision=revision, images=deployment.images, folder=folder)


def _stand_ins(stage: OfflineStage, pipeline: Pipeline) -> list[str]:
    """Suppose that the missing secrets are stored, for this rehearsal only: the pipeline deploys nothing without them."""
    revisions: set[str] = set()
    for action in pipeline.actions:
        if action.provider == "ECS":
            cluster, service = action.configuration["ClusterName"], action.configuration["ServiceName"]
            revisions.add(running_revision(stage, cluster=cluster, service=service))
        declared = read_json(action.configuration.get("EnvironmentVariables", "[]"))
        revisions.update(variables_of(declared, where=action.title).get("JOB_FAMILIES", "").split())
    made = missing(stage, [describe(stage, revision) for revision in sorted(revisions)])
    with stage.supposed("stand-ins of secrets"):
        for name in made:
            stage.call("ssm", "put_parameter", Name=name, Type="SecureString", Value=OFFLINE_VALUE)
    return made


def _env_file(path: Path | None) -> dict[str, str]:
    """CodeBuild's convention for local builds; the folder is named, as nothing is mounted here."""
    return {} if path is None else {"ENV_VAR_FILE": path.name, "ENV_FILE_FOLDER": str(path.parent)}


@contextlib.contextmanager
def _folder(request: Request) -> Generator[Path]:
    """The rehearsal's own folder. What a killed rehearsal left there goes first: the stage's lock is held."""
    folder = request.state_dir / f"{request.stage}.rehearsal"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        if not request.keep:
            shutil.rmtree(folder, ignore_errors=True)
