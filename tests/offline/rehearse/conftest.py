"""The stage dev of a smaller catalogue when it is up, sources to deliver to it, and calls that rehearse and look at the stage."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from delivery.aws import RequestError
from offline.engine.deployment import run
from offline.engine.outcome import Outcome
from offline.rehearse.errors import MissingProgramError
from offline.rehearse.programs import require_programs
from offline.rehearse.rehearsal import Delivered, Request, rehearse
from offline.stage import OfflineStage, offline_stage
from tests.function_program import MainProgram
from tests.platform.renaming import made_small, project_to_edit
from tests.replays import replayed_once as replayed_once

ROOT = Path(__file__).parents[3]
SERVICE, JOB = "dev-datalab-api", "dev-category-batch"


@dataclass(kw_only=True)
class Bench:
    """A project, its stage's record and what rehearsals told of it."""

    project: Path
    state: Path
    told: list[str] = field(default_factory=list)

    def rehearse(self, source: Path, *, report: Callable[[str], None] | None = None, **options: Any) -> Delivered:
        def note(line: str) -> None:
            self.told.append(line)
            if report is not None:
                report(line)

        request = Request(
            stage="dev",
            name=options.pop("name", SERVICE),
            source=source,
            env_file=options.pop("env_file", None),
            project_dir=self.project,
            state_dir=self.state,
            **options,
        )
        return rehearse(request, report=note)

    def up(self) -> Outcome:
        return run(
            kind="up",
            stage="dev",
            project_dir=self.project,
            state_dir=self.state,
            pack_dir=None,
            on_event=lambda event: None,
            program=MainProgram(self.project),
        )

    @contextlib.contextmanager
    def aws(self, *, write: bool = False) -> Generator[OfflineStage]:
        mode: Any = "write" if write else "read"
        with offline_stage(project_dir=self.project, state_dir=self.state, stage="dev", mode=mode) as stage:
            yield stage

    def change(self, service: str, operation: str, /, **params: Any) -> None:
        """What someone does to AWS by hand."""
        with self.aws(write=True) as stage, stage.change("someone"):
            stage.call(service, operation, **params)

    def change_build(self, **members: Any) -> None:
        """Change the build project; `script` and `variables` by their meaning, the rest as boto3 takes it."""
        with self.aws(write=True) as stage:
            [project] = stage.call("codebuild", "batch_get_projects", names=[f"{SERVICE}-build"])["projects"]
            environment, source = project["environment"], project["source"]
            if variables := members.pop("variables", None):
                kept = [item for item in environment["environmentVariables"] if item["name"] not in variables]
                given = [{"name": name, "value": value, "type": "PLAINTEXT"} for name, value in variables.items()]
                members["environment"] = {**environment, "environmentVariables": [*kept, *given]}
            if script := members.pop("script", None):
                phases = {"build": {"on-failure": "ABORT", "commands": [script]}}
                spec = {"version": 0.2, "env": {"shell": "bash"}, "phases": phases}
                text = yaml.safe_dump({**spec, "artifacts": {"files": ["imagedefinitions.json"]}})
                members["source"] = {**source, "buildspec": text}
            with stage.change("someone"):
                stage.call("codebuild", "update_project", name=project["name"], **members)

    def leave_out(self, name: str) -> None:
        """Change the pipeline to one without an action."""
        with self.aws(write=True) as stage:
            declared = stage.call("codepipeline", "get_pipeline", name=SERVICE)["pipeline"]
            for part in declared["stages"]:
                part["actions"] = [action for action in part["actions"] if action["name"] != name]
            with stage.change("someone"):
                stage.call("codepipeline", "update_pipeline", pipeline=declared)

    def seen(self) -> dict[str, Any]:
        """What a delivery changes: the service's revision, its image and command, the job's image, the parameter."""
        with self.aws() as stage:
            [service] = stage.call("ecs", "describe_services", cluster="dev-item", services=[SERVICE])["services"]
            container = self._container(stage, service["taskDefinition"])
            return {
                "revision": service["taskDefinition"].rsplit("/", 1)[-1],
                "image": container["image"],
                "command": container.get("command"),
                "job": self._container(stage, JOB)["image"],
                "parameter": self._parameter(stage),
            }

    def record(self) -> bytes:
        """The stage's record as it lies on disk."""
        return (self.state / "dev.jsonl").read_bytes()

    def _container(self, stage: OfflineStage, definition: str) -> dict[str, Any]:
        answer = stage.call("ecs", "describe_task_definition", taskDefinition=definition)["taskDefinition"]
        container = next(item for item in answer["containerDefinitions"] if item["name"] != "otel-collector")
        return dict(container)

    def _parameter(self, stage: OfflineStage) -> str | None:
        try:
            return str(stage.call("ssm", "get_parameter", Name="/dev/images/datalab-api")["Parameter"]["Value"])
        except RequestError:
            return None


@pytest.fixture(scope="session")
def stage_that_is_up(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("up")
    project = project_to_edit(folder / "project")
    made_small(project)
    bench = Bench(project=project, state=folder / "state")
    assert bench.up().errors == ()
    return bench


@pytest.fixture(scope="session")
def new_bench(stage_that_is_up: Bench) -> Callable[[Path], Bench]:
    """Makes a stage that nobody else changes, in a folder."""
    up = stage_that_is_up
    return lambda folder: Bench(project=up.project, state=Path(shutil.copytree(up.state, folder / "state")))


@pytest.fixture
def bench(new_bench: Callable[[Path], Bench], tmp_path: Path) -> Bench:
    """A stage of the test's own."""
    return new_bench(tmp_path)


@pytest.fixture(scope="session")
def real_parts() -> None:
    """Skips, with the Debian package's name, where a program is missing that stands for a part of AWS."""
    try:
        require_programs()
    except MissingProgramError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def sample() -> Path:
    """The sample application."""
    return ROOT / "examples" / "datalab-api"


Git = Callable[..., str]


@pytest.fixture
def git() -> Git:
    """Runs git with an identity of its own."""
    identity = ["-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgSign=false"]

    def call(*arguments: object) -> str:
        done = subprocess.run(["git", *identity, *map(str, arguments)], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    return call


@pytest.fixture
def repository(tmp_path: Path, sample: Path, git: Git) -> Path:
    """The sample as a team's repository, with main and develop."""
    folder = Path(shutil.copytree(sample, tmp_path / "application"))
    git("init", "--quiet", "--initial-branch", "main", folder)
    git("-C", folder, "add", "--all")
    git("-C", folder, "commit", "--quiet", "-m", "The application")
    git("-C", folder, "branch", "develop")
    return folder
