"""A rehearsal from the first stage of a pipeline to the last: one action after the other, artifacts between them."""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

from delivery.ecs_deploy import deploy, running_revision
from delivery.image_definitions import parse_image_definitions
from delivery.revisions import short
from delivery.task_definition import describe, images_of
from tools.offline import OfflineStage, offline_stage
from tools.rehearse.artifacts import get_object, put_object, read_file
from tools.rehearse.codebuild import Machine, build, read_project, variables_of
from tools.rehearse.commands import Tell
from tools.rehearse.endpoint import running_endpoint
from tools.rehearse.errors import RehearsalError
from tools.rehearse.pipeline import Action, Pipeline, read_pipeline, resolved
from tools.rehearse.programs import find_engine, programs, require_programs
from tools.rehearse.registry import Registry, running_registry
from tools.rehearse.source import Mirror, unpack

_PREFIX_OF_PIPELINE, _PREFIX_OF_ARTIFACT = 20, 10
"""How many characters of the names CodePipeline puts into an artifact's key."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What a rehearsal ended with: the revision that the service runs, and its image by container."""

    revision: str
    images: dict[str, str]
    folder: Path


def rehearse(request: Request, *, tell: Tell) -> Delivered:
    """Rehearse a delivery and record in the stage what it changed, as `up` records.

    Raises RehearsalError, RequestError, ImageDefinitionsError, UsageError and StateError (a stage that is not up, or in
    use: nobody else works on it meanwhile). Every program that was started has ended then.
    """
    require_programs()
    with (
        offline_stage(
            project_dir=request.project_dir, state_dir=request.state_dir, stage=request.stage, mode="write"
        ) as stage,
        _folder(request) as folder,
    ):
        pipeline = read_pipeline(stage, request.name, stage_name=request.stage)
        repository = stage.call("ecr", "describe_repositories", repositoryNames=[request.name])["repositories"][0]
        engine = find_engine()
        with contextlib.ExitStack() as started:
            registry = started.enter_context(running_registry(folder / "registry"))
            tell(f"images: {engine.kind}; ECR: docker-registry on {registry.address}")
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
            run = _Run(request=request, stage=stage, pipeline=pipeline, machine=machine, folder=folder, tell=tell)
            for action in pipeline.actions:
                run.carry_out(action)
            return _checked(request, run, registry, folder)


@dataclass(slots=True, kw_only=True)
class _Run:
    """One execution of the pipeline: what its actions have left so far."""

    request: Request
    stage: OfflineStage
    pipeline: Pipeline
    machine: Machine
    folder: Path
    tell: Tell
    commit: str = ""
    cluster: str = ""
    variables: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    keys: dict[str, str] = field(default_factory=dict[str, str])

    def carry_out(self, action: Action) -> None:
        """Do what AWS would do for the action."""
        match action.provider:
            case "CodeCommit" | "CodeStarSourceConnection":
                self._source(action)
            case "CodeBuild":
                self._build(action)
            case "Manual":
                self._approval(action)
            case "ECS":
                self._deploy(action)
            case other:
                raise RehearsalError(f"{action.title}: actions of {other} are not rehearsed.")

    def _source(self, action: Action) -> None:
        settings = action.configuration
        repository = settings.get("RepositoryName") or settings["FullRepositoryId"]
        branch = settings["BranchName"]
        self.tell(f"{action.title}: git push --mirror into {repository}, branch {branch}")
        mirror = Mirror(self.folder / "repositories" / f"{repository}.git")
        mirror.push(self.request.source, branch=branch, tell=self._detail)
        where = f"pipeline.branch in Pulumi.{self.request.stage}.yaml"
        revision = mirror.revision(branch, setting=where)
        self.commit = revision.commit
        if action.namespace:
            self.variables[action.namespace] = {
                "CommitId": revision.commit,
                "CommitMessage": revision.subject,
                "BranchName": branch,
                "RepositoryName": repository,
            }
        self._detail(f"commit {revision.commit[:12]} {revision.subject}")
        self._store(action.outputs, mirror.archive(revision))

    def _build(self, action: Action) -> None:
        project = read_project(self.stage, action.configuration["ProjectName"])
        self.tell(f"{action.title}: CodeBuild {project.name}")
        source = self.folder / "sources" / f"{action.stage}-{action.name}"
        primary = action.configuration.get("PrimarySource", action.inputs[0])
        unpack(self._artifact(primary), source)
        declared = json.loads(action.configuration.get("EnvironmentVariables", "[]"))
        given = {
            name: resolved(value, self.variables) for name, value in variables_of(declared, where=action.title).items()
        }
        artifact = build(
            project,
            self.machine,
            title=action.title,
            source=source,
            commit=self.commit,
            artifact=f"arn:aws:s3:::{self.pipeline.bucket}/{self.keys[primary]}",
            variables=given,
            tell=self._detail,
        )
        if action.outputs:
            if artifact is None:
                raise RehearsalError(f"{action.title}: the buildspec of {project.name} leaves no artifact.")
            self._store(action.outputs, artifact)

    def _approval(self, action: Action) -> None:
        question = resolved(action.configuration.get("CustomData", ""), self.variables)
        link = resolved(action.configuration.get("ExternalEntityLink", ""), self.variables)
        self.tell(f"{action.title}: a person would be asked: {question} {link}".rstrip())

    def _deploy(self, action: Action) -> None:
        settings = action.configuration
        self.cluster, service = settings["ClusterName"], settings["ServiceName"]
        self.tell(f"{action.title}: ECS service {service} in {self.cluster}")
        name = settings.get("FileName", "imagedefinitions.json")
        images = parse_image_definitions(read_file(self._artifact(action.inputs[0]), name, where=action.title))
        with self.stage.change(f"pipeline {self.pipeline.name}"):
            deployed = deploy(self.stage, cluster=self.cluster, service=service, images=images)
        self._detail(f"{short(deployed.before)} -> {short(deployed.requested)}")

    def _artifact(self, name: str) -> bytes:
        return get_object(self.stage, bucket=self.pipeline.bucket, key=self.keys[name])

    def _store(self, names: tuple[str, ...], content: bytes) -> None:
        for name in names:
            head, middle = self.pipeline.name[:_PREFIX_OF_PIPELINE], name[:_PREFIX_OF_ARTIFACT]
            self.keys[name] = f"{head}/{middle}/{secrets.token_hex(4)}.zip"
            put_object(self.stage, bucket=self.pipeline.bucket, key=self.keys[name], content=content)
            self._detail(f"{name}: {len(content):,} bytes in s3://{self.pipeline.bucket}/{self.keys[name]}")

    def _detail(self, line: str) -> None:
        self.tell(f"  {line}")


def _checked(request: Request, run: _Run, registry: Registry, folder: Path) -> Delivered:
    """What the service runs now, held against what the registry has."""
    revision = running_revision(run.stage, cluster=run.cluster, service=request.name)
    images = images_of(describe(run.stage, revision))
    for container, image in images.items():
        repository, _, digest = image.partition("@")
        held = registry.digest(repository.partition("/")[2], digest) if digest else None
        if held != digest:
            raise RehearsalError(
                f"{short(revision)} runs {image} in {container}, which the registry does not hold (it answers {held})."
            )
    run.tell(f"Check: {request.name} runs {short(revision)}; the registry holds its image")
    return Delivered(revision=revision, images=images, folder=folder)


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
