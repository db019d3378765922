"""`./run parity --cli`: refused where a part of the CLI is missing, else the parity suite with the CLI's own language host."""

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli import main


def on_path(folder: Path, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Only these programs are on PATH."""
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ((), "pulumi and pulumi-language-python"),
        (("pulumi",), "pulumi-language-python"),
        (("pulumi-language-python",), "pulumi"),
    ],
)
def test_a_missing_part_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    there: tuple[str, ...],
    missing: str,
) -> None:
    on_path(tmp_path, monkeypatch, *there)
    assert main.main(["parity", "--cli"]) == 2
    assert capsys.readouterr().err.startswith(f"error: {missing} not found on PATH: --cli needs the whole Pulumi CLI")


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (1, 1), (5, 1)])
def test_the_suite_is_told_that_the_cli_runs_the_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, expected: int
) -> None:
    on_path(tmp_path, monkeypatch, "pulumi", "pulumi-language-python")
    asked: list[Any] = []

    def run(command: list[str], **how: Any) -> SimpleNamespace:
        asked.append((command[1:], how["env"]["PARITY_HOSTED"]))
        return SimpleNamespace(returncode=code)

    monkeypatch.setattr(subprocess, "run", run)
    assert main.main(["parity", "--cli"]) == expected
    assert asked == [(["-m", "pytest", "tests/parity"], "1")]
