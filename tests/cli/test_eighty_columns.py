"""On a terminal of 80 columns: no table is wider or folded by the screen, and what people copy is in one piece."""

import re
import shutil
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from cli.main import find
from offline.engine import deployment
from offline.engine.outcome import Outcome
from tests.commands import command, programs_here
from tests.platform.renaming import edit, project_to_edit

pytestmark = pytest.mark.slow

COLUMNS = 80
RUNS: dict[str, list[tuple[str, ...]]] = {
    "up": [("-s", "dev")],
    "preview": [("tracking-api", "-s", "dev")],
    "connections": [
        ("-s", "dev", "--set", "tracking-api.limit=40"),
        ("-s", "prd", "--burst", "100", "--hold-ms", "80"),
        ("-s", "prd", "--rate", "200/s", "--hold-ms", "80", "--p99-ms", "100"),
        ("-s", "dev", "--live"),
    ],
    "buildspec": [("datalab-api", "-s", "dev")],
    "verify": [("-s", "dev")],
    "secrets": [("-s", "dev"), ("-s", "dev", "--check")],
    "env": [("tracking-api", "-s", "dev"), ("tracking-api", "-s", "dev", "--diff"), ("ranking-batch", "-s", "prd")],
    "parity": [()],
    "job": [("ranking-batch", "-s", "dev")],
    "doctor": [("-s", "dev")],
    "schema": [],
    "policies": [(), ("-s", "prd")],
    "version": [()],
    "completion": [],
    "help": [(), ("connections",), ("stage",)],
    "destroy": [("-s", "dev", "--accept-loss")],
    "stage": [("new", "staging", "--from", "prd")],
}
"""Of every command what it is tried with, in this order; documents for programs, which have no columns, are left out."""
ONCE = {"up", "destroy", "stage"}
"""What changes something, and says another thing the second time."""
ELSEWHERE = {"gate", "rehearse", "test", "lint", "engine", "bench"}
"""What they show is the note of a merge request or another program's, or takes what this test does not have."""
COPIED = re.compile(
    r"https?://[^\s,;)]+|arn:aws:[^\s,;)]+|\d{12}\.dkr\.ecr\.\S+|/(?:dev|prd)/\S+/\S+|Pulumi\.\w+\.yaml:\d+|\./run \w+ -s \w+"
)
COLUMN = re.compile(r"\S {2,}\S")
SENTENCE = re.compile(r"^ *(?:Next: .+|(?:\w+:|ok|FAILED) +)")
"""What may stand in front of a sentence, which the terminal folds."""
ONE_PIECE = re.compile(r"^ *(?:\S.*?(?:  +| : ))?\S+$")
"""A value that is wide by itself, such as a URL, with or without its name in front."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, to be changed."""
    project = project_to_edit(tmp_path_factory.mktemp("columns") / "project")
    shutil.copyfile(Path(__file__).parents[2] / ".gitlab-ci.yml", project / ".gitlab-ci.yml")
    return project


@pytest.fixture(scope="module", autouse=True)
def each_preview_once() -> Generator[None]:
    """Whoever asks for a preview again, on the other screen or in another command, is given its events and its outcome."""
    with programs_here(once(deployment.run)):
        yield


def once(run: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """The engine; a preview of what has not changed since is not run again."""
    done: dict[tuple[object, ...], tuple[Outcome, list[Any]]] = {}

    def asked(*, kind: str, stage: str, project_dir: Path, state_dir: Path, **told: Any) -> Outcome:
        told |= {"kind": kind, "stage": stage, "project_dir": project_dir, "state_dir": state_dir}
        if kind != "preview":
            return run(**told)
        state = state_dir / f"{stage}.jsonl"
        key = (stage, project_dir, told["pack_dir"], state.read_bytes() if state.is_file() else b"")
        if key not in done:
            events: list[Any] = []
            done[key] = run(**told | {"on_event": events.append}), events
        outcome, events = done[key]
        for event in events:
            told["on_event"](event)
        return outcome

    return asked


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with a budget that does not fit."""
    project = project_to_edit(tmp_path_factory.mktemp("broken") / "project")
    edit(project / "Pulumi.dev.yaml", ("dbConnLimit: 10", "dbConnLimit: 20"))
    return project


def said(project: Path, *arguments: str, terminal: bool) -> str:
    """What a command writes on a terminal of 80 columns, or into a file."""
    place = () if arguments[0] in ("help", "version") else ("--project", str(project))
    environment = {"COLUMNS": str(COLUMNS), "TERM": "dumb", "NO_COLOR": "1"}
    ended = command(project, *arguments, *place, terminal=terminal, environment=environment)
    return ended.stdout + ended.stderr


def test_every_command_is_tried_or_has_no_screen_of_its_own() -> None:
    assert set(RUNS) | ELSEWHERE == set(find())


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [(verb, run) for verb, runs in RUNS.items() for run in runs],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else each,
)
def test_tables_fit_and_what_is_copied_is_whole(project: Path, verb: str, arguments: tuple[str, ...]) -> None:
    shown = said(project, verb, *arguments, terminal=True)
    assert too_wide(shown) == []
    if verb not in ONCE:
        whole = {found[0] for found in COPIED.finditer(said(project, verb, *arguments, terminal=False))}
        assert [text for text in sorted(whole) if text not in shown] == []


@pytest.mark.parametrize("verb", ["preview", "connections"])
def test_a_refused_budget_fits(broken: Path, verb: str) -> None:
    shown = said(broken, verb, "-s", "dev", terminal=True)
    assert "dev-tracking-api: DB_CONN_LIMIT at most 13" in shown
    assert too_wide(shown) == []


def too_wide(shown: str) -> list[str]:
    """The lines of tables that the terminal would fold."""
    assert shown.strip()
    return [
        line
        for line in shown.splitlines()
        if len(line) > COLUMNS and COLUMN.search(SENTENCE.sub("", line).strip()) and not ONE_PIECE.match(line)
    ]
