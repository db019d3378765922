"""`pulumi preview` as a person types it, without any variable: the pack asks the CLI what runs, and compares."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from offline.engine.judging.pack_process import BASELINE_VARIABLE, pack_environment
from tests.parity.engines import Stage, small_project

pytestmark = pytest.mark.slow

PROGRAM = """
aws.cloudwatch.LogGroup("{name}", name="/dev/{name}", retention_in_days=14)
"""


def test_what_a_rename_loses_is_refused(cli: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def plain(*given: Any, **named: Any) -> dict[str, str]:
        return {key: value for key, value in pack_environment(*given, **named).items() if key != BASELINE_VARIABLE}

    monkeypatch.setattr("offline.pulumi.run.pack_environment", plain)
    monkeypatch.delenv(BASELINE_VARIABLE, raising=False)
    folder = Path(__file__).parent / "language_host"
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("PARITY_PYTHON", sys.executable)
    root = Path(__file__).resolve().parents[2]
    stage = Stage(
        engine="pulumi",
        cli=cli,
        project=small_project(tmp_path / "project"),
        state=tmp_path / "state",
        pack=root / "policies",
        hosted=True,
    )
    stage.program(PROGRAM.format(name="api"))
    assert stage.run("up").outcome.result == "succeeded"
    stage.program(PROGRAM.format(name="rank"))
    refused = {
        told["policyName"]: told["message"]
        for told in stage.run("preview").outcome.violations
        if told["enforcementLevel"] == "mandatory"
    }
    assert set(refused) == {"nothing-lost"}
    assert "The log group /dev/api is deleted with all of its logs" in refused["nothing-lost"]
