"""One execution of a pipeline: its actions one after the other, and the artifacts that they pass on."""

from __future__ import annotations

import contextlib
import itertools
import secrets
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

from delivery.aws import RequestError
from delivery.ecs_deploy import deploy, running_revision
from delivery.image_definitions import ImageDefinitionsError, parse_image_definitions
from delivery.revisions import short
from offline.rehearse.artifacts import get_object, put_object, read_file
from offline.rehearse.codebuild import Machine, build, read_project, variables_of
from offline.rehearse.commands import Report
from offline.rehearse.errors import RehearsalError
from offline.rehearse.pipeline import Action, Pipeline, resolved
from offline.rehearse.registry import Registry
from offline.rehearse.source import Mirror, unpack
from offline.stage import OfflineStage
from policies.resources.json_text import read_json

_PREFIX_OF_PIPELINE, _PREFIX_OF_ARTIFACT = 20, 10
"""How many characters of the names CodePipeline puts into an artifact's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What an ECS action asked for: images by container."""

    cluster: str
    service: str
    images: dict[str, str]


@dataclass(slots=True, kw_only=True)
class Execution:
    """What the actions have left so far."""

    stage: OfflineStage
    pipeline: Pipeline
    machine: Machine
    registry: Registry
    source: Path
    folder: Path
    branch_setting: str
    """Where the branch is set, for people."""
    report: Report
    commit: str = ""
    deployments: list[Deployment] = field(default_factory=list[Deployment])
    variables: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    keys: dict[str, str] = field(default_factory=dict[str, str])

    def run(self) -> None:
        """Carry out every action. Raises RehearsalError; a stage that says so is rolled back then."""
        for name, actions in itertools.groupby(self.pipeline.actions, key=lambda action: action.stage):
            self._run_stage(name, list(actions))

    def _run_stage(self, name: str, actions: list[Action]) -> None:
        with self._rolled_back(actions) if name in self.pipeline.rolled_back else contextlib.nullcontext():
            for action in actions:
                try:
                    self._carry_out(action)
                except (RequestError, ImageDefinitionsError) as error:
                    raise RehearsalError(f"{action.title} ({action.provider}) failed.\n  {error}") from error

    @contextlib.contextmanager
    def _rolled_back(self, actions: list[Action]) -> Generator[None]:
        """Services that the stage deploys go back to the revision they had, as CodePipeline deploys it again.

        The record keeps what was registered meanwhile: AWS keeps it too.
        """
        before: dict[tuple[str, str], str] = {}
        for settings in (action.configuration for action in actions if action.provider == "ECS"):
            service = settings["ClusterName"], settings["ServiceName"]
            with contextlib.suppress(RequestError):  # a missing service is the action's to report
                before[service] = running_revision(self.stage, cluster=service[0], service=service[1])
        try:
            yield
        except BaseException:
            for (cluster, service), revision in before.items():
                if running_revision(self.stage, cluster=cluster, service=service) != revision:
                    with self.stage.change(f"rollback of {self.pipeline.name}"):
                        self.stage.call(
                            "ecs", "update_service", cluster=cluster, service=service, taskDefinition=revision
                        )
                    self.report(f"rolled back: {service} runs {short(revision)} as before")
            raise

    def _carry_out(self, action: Action) -> None:
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
        self.report(f"{action.title}: git push --mirror into {repository}, branch {branch}")
        mirror = Mirror(self.folder / "repositories" / f"{repository}.git", where=f"{action.title} ({action.provider})")
        mirror.push(self.source, branch=branch, report=self._detail)
        revision = mirror.revision(branch, setting=self.branch_setting)
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
        self.report(f"{action.title}: CodeBuild {project.name}")
        source = self.folder / "sources" / f"{action.stage}-{action.name}"
        primary = action.configuration.get("PrimarySource", action.inputs[0])
        unpack(self._artifact(primary), source)
        declared = read_json(action.configuration.get("EnvironmentVariables", "[]"))
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
            report=self._detail,
        )
        if action.outputs:
            if artifact is None:
                raise RehearsalError(f"{action.title}: the buildspec of {project.name} leaves no artifact.")
            self._store(action.outputs, artifact)

    def _approval(self, action: Action) -> None:
        question = resolved(action.configuration.get("CustomData", ""), self.variables)
        link = resolved(action.configuration.get("ExternalEntityLink", ""), self.variables)
        self.report(f"{action.title}: a person would be asked: {question} {link}".rstrip())

    def _deploy(self, action: Action) -> None:
        settings = action.configuration
        cluster, service = settings["ClusterName"], settings["ServiceName"]
        self.report(f"{action.title}: ECS service {service} in {cluster}")
        name = settings.get("FileName", "imagedefinitions.json")
        images = parse_image_definitions(read_file(self._artifact(action.inputs[0]), name, where=action.title))
        with self.stage.change(f"pipeline {self.pipeline.name}"):
            deployed = deploy(self.stage, cluster=cluster, service=service, images=images)
        self.deployments.append(Deployment(cluster=cluster, service=service, images=images))
        self._detail(f"{short(deployed.before)} -> {short(deployed.requested)}")
        self._require_images(action, images)

    def _require_images(self, action: Action, images: dict[str, str]) -> None:
        """A deployment whose image no task can pull ends in the circuit breaker; offline no task says so."""
        for container, image in images.items():
            if not self.registry.holds(image):
                raise RehearsalError(
                    f"{action.title} ({action.provider}) failed.\n  No task could start: the registry does not hold {image}, "
                    f"the image of {container}."
                )

    def _artifact(self, name: str) -> bytes:
        return get_object(self.stage, bucket=self.pipeline.bucket, key=self.keys[name])

    def _store(self, names: tuple[str, ...], content: bytes) -> None:
        for name in names:
            head, middle = self.pipeline.name[:_PREFIX_OF_PIPELINE], name[:_PREFIX_OF_ARTIFACT]
            self.keys[name] = f"{head}/{middle}/{secrets.token_hex(4)}.zip"
            put_object(self.stage, bucket=self.pipeline.bucket, key=self.keys[name], content=content)
            self._detail(f"{name}: {len(content):,} bytes in s3://{self.pipeline.bucket}/{self.keys[name]}")

    def _detail(self, line: str) -> None:
        self.report(f"  {line}")
