"""The real stages as previewed, budgets from plain numbers, and a dev platform brought up on the offline AWS."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli import main
from cli.connections import ask
from cli.connections.account import Account, read_account
from cli.connections.comparison import Comparison
from cli.connections.look import comparison
from cli.connections.stage import Stage, preview_stage
from cli.connections.wanted import wanted_of
from offline.aws.moto.runtime import LOCK
from offline.aws.provider import AwsProvider
from offline.engine.state import Journal
from policies.resources.graph import Graph, PlainResource
from tests.function_program import unjudged

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Stage]:
    """A real stage, previewed once a session."""
    done: dict[str, Stage] = {}

    def preview(name: str) -> Stage:
        if name not in done:
            done[name] = preview_stage(stage=name, project_dir=ROOT, state_dir=tmp_path_factory.mktemp("state"))
        return done[name]

    return preview


@pytest.fixture
def altered(stage: Callable[[str], Stage]) -> Callable[..., Stage]:
    """A real stage with properties of one resource changed, found by its type and logical name; None removes one."""

    def change(name: str, kind: str, logical_name: str, /, **props: Any) -> Stage:
        given = stage(name)
        [resource] = [found for found in given.graph.of_type(kind) if found.name == logical_name]
        merged = {key: value for key, value in {**resource.props, **props}.items() if value is not None}
        return replace(given, graph=given.graph.with_resource(PlainResource.like(resource, props=merged)))

    return change


@pytest.fixture
def empty_stage() -> Stage:
    """A stage without resources."""
    return Stage(name="dev", region="ap-northeast-2", graph=Graph(()))


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of a dev platform that was brought up once."""
    folder = tmp_path_factory.mktemp("recorded")
    outcome = unjudged("up", ROOT, folder)
    assert outcome.result == "succeeded", outcome.errors
    return folder


@dataclass(frozen=True)
class Console:
    """The account of the dev platform, to be changed as a person would by hand, and to be compared."""

    declared: Stage
    client: Callable[[str], Any]
    now: datetime = NOW

    def read(self) -> Account:
        return read_account(self.client, wanted_of(self.declared), now=self.now)

    def compare(self) -> Comparison:
        return comparison(self.declared, self.read(), target="offline")

    def rows(self) -> list[tuple[str, str, str, str, bool]]:
        """Each difference without its advice."""
        return [(row.subject, row.what, row.declared, row.found, row.breaks) for row in self.compare().differences]

    def revise(self, family: str, **environment: str | None) -> str:
        """Register a revision with other variables (None takes one away) and let the service run it."""
        ecs = self.client("ecs")
        answer = ecs.describe_task_definition(taskDefinition=family, include=["TAGS"])
        definition = answer["taskDefinition"]
        kept = ("family", "taskRoleArn", "executionRoleArn", "networkMode", "requiresCompatibilities", "cpu", "memory")
        for container in (entry for entry in definition["containerDefinitions"] if entry["essential"]):
            values = {item["name"]: item["value"] for item in container["environment"]} | environment
            container["environment"] = [
                {"name": key, "value": value} for key, value in values.items() if value is not None
            ]
        request = {key: definition[key] for key in kept}
        revised = ecs.register_task_definition(
            **request, containerDefinitions=definition["containerDefinitions"], tags=answer["tags"]
        )["taskDefinition"]["taskDefinitionArn"]
        return str(revised)


@pytest.fixture
def console(stage: Callable[[str], Stage], recorded: Path) -> Iterator[Console]:
    with contextlib.closing(Journal(recorded, "dev", mode="read")) as journal:
        operations = journal.operations()
    provider = AwsProvider(region="ap-northeast-2")
    provider.replay(operations)
    with LOCK:
        runtime = provider.aws.open()
        yield Console(declared=stage("dev"), client=lambda service: runtime.client(service, "ap-northeast-2"))


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stage: Callable[[str], Stage]
) -> Callable[..., tuple[int, str, str]]:
    """Runs the command on a screen of 80 columns that is no terminal; exit code, output, errors."""
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(ask, "preview_stage", lambda **asked: stage(asked["stage"]))

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main.main(["connections", *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call
