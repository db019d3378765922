"""A preview by the CLI on PATH: what it is asked, and that its exit code and its events have to agree."""

import json
import sys
from pathlib import Path

import pytest

from cli.gate.gate import Gate, judged
from cli.gate.previews import has_backend
from gate.document import Stage
from tests.parity.engines import ROOT

STREAM = (ROOT / "tests/gate/inputs/streams/fresh-log.jsonl").read_text("utf-8").replace("pulumi:dev::", "pulumi:prd::")
CLI = """#!{python}
import json, os, pathlib, shutil, sys
said = sys.argv[1:]
with open({calls!r}, "a") as calls:
    kept = {{key: os.environ.get(key) for key in ("PULUMI_OPTION_POLICY_PACK", "CONNECTION_BUDGET_BASELINE")}}
    calls.write(json.dumps([said, kept]) + "\\n")
value = lambda name: said[said.index(name) + 1]
if said[0] == "version":
    print("v3.274.1")
elif said[:2] == ["stack", "export"]:
    if {export}:
        pathlib.Path(value("--file")).write_text("{{}}")
    else:
        sys.exit("error: no stack named prd")
elif said[0] == "preview":
    shutil.copyfile({stream!r}, value("--event-log"))
    sys.exit({code})
"""


def stage_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, code: int = 0, stream: str = STREAM, export: bool = True
) -> tuple[Stage, list[list[object]]]:
    calls = tmp_path / "calls"
    log = tmp_path / "log.jsonl"
    log.write_text(stream, "utf-8")
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text(CLI.format(python=sys.executable, calls=str(calls), stream=str(log), code=code, export=export))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///nowhere")
    monkeypatch.setenv("PULUMI_OPTION_POLICY_PACK", "other")
    assert has_backend()
    document = judged(Gate(stages=["prd"], project_dir=ROOT, state_dir=tmp_path, out=tmp_path))
    return document.stages[0], [json.loads(line) for line in calls.read_text().splitlines()]


def test_the_cli_is_asked_with_the_pack_and_a_fresh_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage, calls = stage_of(tmp_path, monkeypatch)
    assert (stage.verdict, stage.engine.kind, stage.engine.version) == ("ok", "pulumi", "3.274.1")
    assert stage.budgets == ()
    assert "reported no budgets" in stage.budget_missing
    [preview] = [call for call in calls if call[0][0] == "preview"]  # type: ignore[index]
    said, environment = preview
    assert said[:5] == ["preview", "--stack", "prd", "--non-interactive", "--color"]  # type: ignore[index]
    assert str(ROOT / "policies") in said  # type: ignore[operator]
    assert environment["PULUMI_OPTION_POLICY_PACK"] is None  # type: ignore[index]
    assert environment["CONNECTION_BUDGET_BASELINE"].endswith("baseline.json")  # type: ignore[index]


@pytest.mark.parametrize("code", [1, 255])
def test_an_exit_code_that_disagrees_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    stage, _ = stage_of(tmp_path, monkeypatch, code=code)
    assert (stage.verdict, stage.reasons) == (
        "failed",
        (f"The engine's exit code {code} and its summary (succeeded) disagree.",),
    )


def test_a_cli_that_tells_nothing_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage, _ = stage_of(tmp_path, monkeypatch, stream="")
    assert stage.verdict == "failed"
    assert "The event stream is empty: the engine sent nothing." in stage.reasons


def test_a_log_of_another_stack_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage, _ = stage_of(tmp_path, monkeypatch, stream=STREAM.replace("pulumi:prd::", "pulumi:dev::"))
    assert (stage.verdict, stage.reasons) == ("failed", ("The events are of the stack dev, and prd was asked for.",))


def test_without_an_export_the_way_there_is_not_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage, _ = stage_of(tmp_path, monkeypatch, export=False)
    assert stage.verdict == "failed"
    assert "What runs now could not be exported" in stage.reasons[0]


def test_without_a_backend_the_cli_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    assert not has_backend()
