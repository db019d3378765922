"""From an asked operation to its exit code and what is printed, with a stand-in for the engine."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.ended import ended
from cli.stages import operation, serving
from gate.events import Event
from offline.aws.handler import AwsError
from offline.engine import deployment, events
from offline.engine.errors import StateError, UsageError
from offline.engine.outcome import Outcome
from offline.engine.program.process import ProgramProcess
from settings.origins import Origin
from settings.problems import Problem, SettingsError

Engine = Callable[..., Outcome]
STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"


@pytest.fixture(scope="module", autouse=True)
def _no_new_processes() -> None:
    """How the program's process is started is asked here."""


def outcome(result: Any = "succeeded", errors: tuple[str, ...] = ()) -> Outcome:
    return Outcome(result=result, changes={}, violations=(), errors=errors, outputs={}, resources=())


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """Runs an operation on an engine that is given as a function of its `on_event`."""

    def start(engine: Callable[[Callable[[Event], None]], Outcome], **options: Any) -> int:
        def fake(**arguments: Any) -> Outcome:
            stream = events.Stream(arguments["on_event"], clock=lambda: 1.0)
            return engine(stream.emit)

        monkeypatch.setattr(deployment, "run", fake)
        fields: dict[str, Any] = {"kind": "preview", "stage": "dev", "target": "-s dev", **options}
        asked = operation.Operation(project_dir=tmp_path, state_dir=tmp_path / ".state", **fields)
        return ended(lambda: operation.operate(asked))

    return start


def closes(emit: Any, *, succeeded: bool) -> None:
    emit(events.summary(changes={"create": 2}, packs={}, preview=True, seconds=1, succeeded=succeeded))
    emit(events.cancel())


def succeeds(emit: Any) -> Outcome:
    """An engine with which all goes well."""
    closes(emit, succeeded=True)
    return outcome()


def fails(text: str) -> Callable[[Any], Outcome]:
    """An engine with an error that is an event, too."""

    def engine(emit: Any) -> Outcome:
        emit(events.diagnostic("error", text))
        closes(emit, succeeded=False)
        return outcome("failed", (text,))

    return engine


def raises(error: Exception) -> Callable[[Any], Outcome]:
    """An engine that ends with an exception."""

    def engine(_: Any) -> Outcome:
        raise error

    return engine


def test_success(run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(succeeds) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "offline AWS, nothing deployed: preview of stage dev"
    assert lines[-1].startswith("preview succeeded: 2 to create; 0 mandatory, 0 advisory violations; ")
    assert lines[-1].endswith("(offline AWS, nothing deployed)")


def test_a_port_that_cannot_be_had_is_one_sentence(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(*_: Any, **__: Any) -> None:
        raise AwsError("The offline AWS cannot be served on 127.0.0.1:1: Permission denied. Choose another port.")

    monkeypatch.setattr(serving, "serve_stage", taken)
    assert run(succeeds, kind="up", serve=True, port=1) == 1
    assert capsys.readouterr().err == (
        "error: The offline AWS cannot be served on 127.0.0.1:1: Permission denied. Choose another port.\n"
    )


def test_a_violation_is_exit_code_1_with_the_next_command(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    def engine(emit: Any) -> Outcome:
        pack = events.pack_fields("platform", "1.0.0")
        emit(events.policy_violation(pack, urn=STACK, policy="budget", message="75 of 60", level="mandatory"))
        closes(emit, succeeded=False)
        return outcome("failed")

    assert run(engine, kind="up") == 1
    printed = capsys.readouterr().out
    assert "  [mandatory] budget  (platform)\n      75 of 60\n" in printed
    assert printed.endswith("Next: ./run preview -s dev   (after fixing what the policies name)\n")


def test_an_error_that_came_without_an_event_is_shown(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(raises(StateError("Another run works on stage 'dev'.")), kind="up") == 1
    assert "  error: Another run works on stage 'dev'.\n" in capsys.readouterr().out


def test_an_error_that_was_an_event_is_shown_once(run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(fails("no such subnet")) == 1
    assert capsys.readouterr().out.count("no such subnet") == 1


def test_an_interruption_says_how_to_go_on(run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(fails("interrupted: recorded"), kind="up") == 1
    assert "Next: ./run up -s dev   (finishes what was interrupted" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (UsageError("There is no stage 'stg'."), "error: There is no stage 'stg'.\n"),
        (
            SettingsError(
                [Problem(at=Origin(file="Pulumi.dev.yaml", key="a.b"), found="1", allowed="2", example="b: 2")]
            ),
            "The settings have 1 problem; nothing was created.\n\n"
            "Pulumi.dev.yaml a.b\n    found:   1\n    allowed: 2\n    example: b: 2\n",
        ),
    ],
)
def test_wrong_settings_are_exit_code_2(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str], error: Exception, text: str
) -> None:
    assert run(raises(error)) == 2
    printed = capsys.readouterr()
    assert printed.err == text
    assert printed.out == "offline AWS, nothing deployed: preview of stage dev\n"


def test_a_mistake_of_this_project_keeps_its_traceback(run: Callable[..., int]) -> None:
    with pytest.raises(ZeroDivisionError):
        run(raises(ZeroDivisionError()))


def test_json_is_events_and_nothing_else(run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    def engine(emit: Any) -> Outcome:
        print("the program prints")
        emit(events.diagnostic("error", "refused"))
        closes(emit, succeeded=False)
        return outcome("failed", ("refused",))

    assert run(engine, as_json=True) == 1
    printed = capsys.readouterr()
    kinds = [sorted(json.loads(line)) for line in printed.out.splitlines()]
    assert kinds == [
        ["diagnosticEvent", "sequence", "timestamp"],
        ["sequence", "summaryEvent", "timestamp"],
        ["cancelEvent", "sequence", "timestamp"],
    ]
    assert printed.err == "offline AWS, nothing deployed: preview of stage dev\nthe program prints\nerror: refused\n"


def test_an_unknown_service_is_refused_before_anything_runs(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Pulumi.yaml").write_text(
        "name: shop\nruntime: python\nconfig:\n  services: {value: {b: {}, a: {}}}\n  jobs: {value: {nightly: {}}}\n"
    )
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")

    assert run(raises(AssertionError("must not run")), only="c") == 2
    assert (
        capsys.readouterr().err == "error: There is no service or job 'c' in Pulumi.yaml; there are: a, b, nightly.\n"
    )


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("yes", 0), ("", 1), ("n", 1)])
def test_destroy_asks_a_person(
    run: Callable[..., int], monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: answer)

    assert run(succeeds, kind="destroy") == code


def test_destroy_with_yes_asks_nobody(run: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: pytest.fail("asked"))

    assert run(succeeds, kind="destroy", yes=True) == 0


@pytest.mark.parametrize(
    ("terminal", "options", "code"),
    [
        (True, {}, 0),
        (True, {"yes": True}, 1),
        (False, {}, 1),
        (False, {"yes": True}, 1),
        (False, {"yes": True, "accept_loss": True}, 0),
        (False, {"accept_loss": True}, 0),
    ],
)
def test_destroy_loses_nothing_that_nobody_has_agreed_to(
    run: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    terminal: bool,
    options: dict[str, bool],
    code: int,
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: terminal)
    monkeypatch.setattr("builtins.input", lambda _: "y")
    monkeypatch.setattr(
        "cli.stages.losses.losses", lambda *_: ["The log group /dev/a is deleted with all of its logs."]
    )

    assert run(succeeds, kind="destroy", **options) == code
    said = capsys.readouterr().out
    assert ("The log group /dev/a" in said) is ("accept_loss" not in options)
    assert ("./run destroy -s dev --accept-loss --yes" in said) is (code == 1)


def test_the_program_is_started_before_the_engine_and_ended_with_the_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "__main__.py").touch()
    seen: list[ProgramProcess] = []

    def fake(**arguments: Any) -> Outcome:
        seen.append(arguments["started"])
        assert os.getpgid(seen[0].pid) == seen[0].pid
        return outcome()

    monkeypatch.setattr(deployment, "run", fake)
    asked = operation.Operation(
        kind="preview", stage="dev", target="", project_dir=tmp_path, state_dir=tmp_path / ".state"
    )
    assert operation.operate(asked) == 0
    with pytest.raises(ProcessLookupError):
        os.getpgid(seen[0].pid)
