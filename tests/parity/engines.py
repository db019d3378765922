"""Both engines behind one call: a project, a stage of it, and what each run told, sent to its pack and came to."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import textwrap
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pytest

from cli.comparison.cli_parity import HOSTED_VARIABLE
from gate.events import Event
from offline.engine import deployment
from offline.engine.outcome import Outcome
from offline.engine.urn import PROVIDER_PREFIX, name_of, type_of
from offline.pulumi import run as pulumi_run
from offline.records import EngineName
from tests.function_program import MainProgram
from tests.pack_here import packs_here
from tests.parity.recording_pack.recorder import RECORDING_PACK
from tests.plugins_here import plugins_here

ROOT = Path(__file__).resolve().parents[2]
ENGINES: tuple[EngineName, ...] = ("embedded", "pulumi")
Kind = Literal["preview", "up", "destroy"]
HEAD = "import pulumi\nimport pulumi_aws as aws\nfrom pulumi import ResourceOptions as Opts\n"


def is_default_provider(urn: str) -> bool:
    """Whether the engine made this provider itself."""
    return type_of(urn).startswith(PROVIDER_PREFIX) and name_of(urn).startswith("default")


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run: its outcome, its events, and the requests that reached the recording pack, if there was one."""

    outcome: Outcome
    events: list[Event]
    sent: list[Event]

    def of_kind(self, kind: str) -> list[Event]:
        """The payloads of all events of a kind."""
        return [event[kind] for event in self.events if kind in event]

    @cached_property
    def steps(self) -> dict[str, list[str]]:
        """URN to the operations that were told of it, each once and sorted: resources come in any order."""
        found: dict[str, set[str]] = {}
        for kind in ("resourcePreEvent", "resOutputsEvent"):
            for told in self.of_kind(kind):
                found.setdefault(told["metadata"]["urn"], set()).add(told["metadata"]["op"])
        return {urn: sorted(ops) for urn, ops in sorted(found.items()) if not is_default_provider(urn)}

    @cached_property
    def made(self) -> dict[str, Event]:
        """URN to id, inputs, outputs and options after the run, as the last event with a new side says them."""
        found: dict[str, Event] = {}
        for step in (told["metadata"] for told in self.of_kind("resOutputsEvent")):
            if step.get("new") and not is_default_provider(step["urn"]):
                found[step["urn"]] = {key: value for key, value in step["new"].items() if key != "provider"}
            elif step["op"] == "delete":  # the real engine refreshes what it is about to delete
                found.pop(step["urn"], None)
        return found

    def analyzed(self) -> dict[str, Event]:
        """URN to what the policy of resources was sent."""
        return {item["request"]["urn"]: item["request"] for item in self.sent if item["method"] == "Analyze"}

    def stack(self) -> dict[str, Event]:
        """URN to what the policy of the stack was sent; it is asked once."""
        [asked] = [item["request"] for item in self.sent if item["method"] == "AnalyzeStack"]
        return {resource["urn"]: resource for resource in asked["resources"]}


@dataclass
class Stage:
    """The stage dev of a project, on one engine."""

    engine: EngineName
    cli: Path
    project: Path
    state: Path
    pack: Path | None = None
    """The pack that judges; None: nothing is judged."""
    recorded: bool = False
    """Whether the pack that judges stands behind the one that records, which is there by itself where nothing is judged."""
    name: str = "dev"
    hosted: bool = HOSTED_VARIABLE in os.environ
    """Whether the CLI runs the program by its own language host."""
    runs: list[Run] = field(default_factory=list)

    def program(self, text: str) -> Stage:
        """Write `__main__.py`."""
        (self.project / "__main__.py").write_text(HEAD + textwrap.dedent(text))
        return self

    def run(self, kind: Kind, *, skip_preview: bool = False) -> Run:
        """One operation; raises what the engine raises."""
        events: list[Event] = []
        self.state.mkdir(parents=True, exist_ok=True)
        sent = self.state / "sent.jsonl"
        sent.unlink(missing_ok=True)
        environment = {"RECORDING_PACK": str(sent), "PYTHONPATH": str(ROOT), "GRPC_VERBOSITY": "NONE"}
        pack = self.pack
        if pack is None or self.recorded:
            environment |= {"RECORDED_PACK": str(pack)} if pack else {}
            pack = RECORDING_PACK
        how: dict[str, Any] = {
            "kind": kind,
            "stage": self.name,
            "project_dir": self.project,
            "state_dir": self.state,
            "pack_dir": pack,
            "on_event": events.append,
            "skip_preview": skip_preview,
        }
        # With a language host the CLI starts packs by itself.
        plugins = contextlib.nullcontext() if self.hosted else plugins_here()
        with packs_here(), plugins, pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            real = functools.partial(pulumi_run.run, cli=self.cli, hosted=self.hosted)
            embedded = functools.partial(deployment.run, program=MainProgram(self.project))
            outcome = (embedded if self.engine == "embedded" else real)(**how)
        lines = sent.read_text("utf-8").splitlines() if sent.is_file() else []
        run = Run(outcome=outcome, events=events, sent=[json.loads(line) for line in lines])
        self.runs.append(run)
        return run


@dataclass
class Pair:
    """One project on both engines, each with a state of its own."""

    embedded: Stage
    real: Stage

    def program(self, text: str) -> Pair:
        """Write `__main__.py` of both."""
        self.embedded.program(text)
        self.real.program(text)
        return self

    def run(self, kind: Kind, *, skip_preview: bool = False) -> tuple[Run, Run]:
        """The same operation on both: the embedded engine's run, then the real one's."""
        return self.embedded.run(kind, skip_preview=skip_preview), self.real.run(kind, skip_preview=skip_preview)


def small_project(directory: Path, *, more: str = "") -> Path:
    """A project named shop with the stage dev in ap-northeast-2; `more` follows in Pulumi.yaml."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "Pulumi.yaml").write_text(
        f"name: shop\nruntime: python\nconfig:\n  aws:region: ap-northeast-2\n{more}"
    )
    (directory / "Pulumi.dev.yaml").write_text("config: {}\n")
    return directory


def pair(directory: Path, cli: Path, *, more: str = "") -> Pair:
    """A new small project on both engines."""
    project = small_project(directory / "project", more=more)
    sides = [Stage(engine=engine, cli=cli, project=project, state=directory / engine) for engine in ENGINES]
    return Pair(*sides)


def project_copy(directory: Path) -> Path:
    """This project with Pulumi's files copied, to be edited; everything else is linked."""
    directory.mkdir(parents=True)
    for path in ROOT.iterdir():
        if path.name.startswith("Pulumi."):
            shutil.copyfile(path, directory / path.name)
        elif not path.name.startswith("."):
            (directory / path.name).symlink_to(path)
    return directory
