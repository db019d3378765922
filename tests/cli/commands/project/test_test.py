"""`./run test`: what reaches pytest, and what its exit code becomes."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import main


@pytest.mark.parametrize(("pytest_code", "code"), [(0, 0), (1, 1), (2, 1), (3, 1), (4, 2), (5, 1)])
def test_every_argument_goes_to_pytest_and_its_exit_code_is_told(
    monkeypatch: pytest.MonkeyPatch, project_root: Path, pytest_code: int, code: int
) -> None:
    def fake(command: list[str], *, cwd: Path, env: dict[str, str], check: bool) -> subprocess.CompletedProcess[str]:
        assert command == [sys.executable, "-m", "pytest", "-k", "budget", "--help"]
        assert (cwd, check) == (project_root, False)
        return subprocess.CompletedProcess(command, pytest_code)

    monkeypatch.setattr(subprocess, "run", fake)
    assert main(["test", "-k", "budget", "--help"]) == code


def test_fuzz_is_the_hostile_files_alone_and_many_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[list[str], str]] = []

    def fake(command: list[str], *, cwd: Path, env: dict[str, str], check: bool) -> subprocess.CompletedProcess[str]:
        asked.append((command[3:], env["FUZZ_CASES"]))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", fake)
    assert main(["test", "--fuzz", "-x"]) == 0
    assert asked == [(["tests/test_fuzz.py", "-x"], "20000")]


def test_quick_is_what_was_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def fake(command: list[str], *, cwd: Path, env: dict[str, str], check: bool) -> subprocess.CompletedProcess[str]:
        asked.append(command[3:])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr("cli.project.changed_tests.changed_tests", lambda root: ["tests/test_a.py", "tests/test_b.py"])
    monkeypatch.setattr(subprocess, "run", fake)
    assert main(["test", "-x", "--quick", "-q"]) == 0
    assert asked == [["-x", "tests/test_a.py", "tests/test_b.py", "-q"]]
