"""The CLI of the real engine: without one these tests say so and are skipped; CI builds it first."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from offline.engine.errors import EngineError
from offline.pulumi.executable import find_cli
from tests.parity.edits import BEFORE, edited
from tests.parity.engines import ENGINES, ROOT, Kind, Pair, Run, Stage, pair
from tests.replays import replayed_once as replayed_once


@pytest.fixture(scope="session")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CLI that `--engine pulumi` takes, but it writes its state once, when it ends.

    Otherwise it writes out the whole of it for every resource, which is most of what it does; runs that are interrupted are
    those of `./run` itself.
    """
    try:
        found = find_cli(os.environ).path
    except EngineError as error:
        pytest.skip(f"no Pulumi CLI: ./run engine ({error})")
    path = tmp_path_factory.mktemp("cli") / "pulumi"
    path.write_text(f'#!/bin/sh\nPULUMI_SKIP_CHECKPOINTS=true exec {shlex.quote(str(found))} "$@"\n', "utf-8")
    path.chmod(0o700)
    return path


@pytest.fixture(scope="session")
def small(cli: Path, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The project that `edits` is about; it is up on both engines once `edits` has run."""
    return pair(tmp_path_factory.mktemp("small"), cli)


@pytest.fixture(scope="session")
def edits(small: Pair) -> dict[str, tuple[Run, Run]]:
    """A small program brought up, its edits previewed and made, and up again: on the embedded engine and on the real one."""
    found = {"created": small.program(BEFORE).run("up", skip_preview=True)}
    small.program(edited(BEFORE))
    found["previewed"] = small.run("preview")
    found["edited"] = small.run("up", skip_preview=True)
    found["again"] = small.run("up", skip_preview=True)
    return found


@pytest.fixture
def both(cli: Path, tmp_path: Path) -> Pair:
    """A new small project on both engines."""
    return pair(tmp_path, cli)


def stage(name: str, cli: Path, folder: Path) -> Pair:
    """A real stage on both engines, judged by the project's own pack."""
    sides = [
        Stage(
            engine=engine,
            cli=cli,
            project=ROOT,
            state=folder / engine,
            pack=ROOT / "policies",
            recorded=True,
            name=name,
        )
        for engine in ENGINES
    ]
    return Pair(*sides)


@pytest.fixture(scope="session")
def dev(cli: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Run, Run]]:
    """dev previewed, brought up, up again and destroyed: on the embedded engine and on the real one."""
    both = stage("dev", cli, tmp_path_factory.mktemp("dev"))
    kinds: dict[str, Kind] = {"preview": "preview", "up": "up", "again": "up", "destroy": "destroy"}
    return {name: both.run(kind, skip_preview=True) for name, kind in kinds.items()}


@pytest.fixture(scope="session")
def prd(cli: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """prd previewed on the embedded engine and on the real one."""
    return stage("prd", cli, tmp_path_factory.mktemp("prd")).run("preview")
