"""The making of .venv: when it is due, how it is found ready, interrupted or impossible. pip is a stand-in."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import bootstrap

LOCK = "pulumi==3.272.0 \\\n    --hash=sha256:aa\nrich==15.0.0 \\\n    --hash=sha256:bb\n    # via -r requirements.in\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with both locks; an environment is made in no time, without pip."""
    (tmp_path / "requirements.txt").write_text(LOCK)
    (tmp_path / "requirements-dev.txt").write_text(LOCK + "pytest==9.2.0 \\\n    --hash=sha256:cc\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    return tmp_path


@pytest.fixture
def installs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lock files that were installed, in order."""
    done: list[str] = []

    def create(venv: Path) -> None:
        (venv / "bin").mkdir(parents=True, exist_ok=True)
        (venv / bootstrap.MARKER).touch()
        (venv / "bin" / "python").symlink_to(sys.executable) if not (venv / "bin" / "python").exists() else None
        done.append("new")

    monkeypatch.setattr(bootstrap, "create", create)
    monkeypatch.setattr(bootstrap, "install", lambda _venv, lock: done.append(lock.name))
    return done


def test_the_first_call_installs_and_the_second_finds_it_ready(project: Path, installs: list[str]) -> None:
    for _ in range(2):
        bootstrap.prepare("requirements.txt")
    assert installs == ["new", "requirements.txt"]
    assert bootstrap.is_ready(project / ".venv", project / "requirements.txt")
    assert not bootstrap.is_ready(project / ".venv", project / "requirements-dev.txt")


def test_tests_add_to_what_is_there(project: Path, installs: list[str]) -> None:
    bootstrap.prepare("requirements.txt")
    bootstrap.prepare("requirements-dev.txt")
    bootstrap.prepare("requirements.txt")
    assert installs == ["new", "requirements.txt", "requirements-dev.txt"]


def test_tests_first_make_both_ready(project: Path, installs: list[str]) -> None:
    bootstrap.prepare("requirements-dev.txt")
    bootstrap.prepare("requirements.txt")
    assert installs == ["new", "requirements-dev.txt"]


def test_a_changed_lock_makes_it_anew(project: Path, installs: list[str]) -> None:
    bootstrap.prepare("requirements.txt")
    (project / "requirements.txt").write_text(LOCK.replace("aa", "dd"))
    bootstrap.prepare("requirements.txt")
    assert installs == ["new", "requirements.txt", "new", "requirements.txt"]


@pytest.mark.parametrize("harm", ["interrupted", "no python"])
def test_what_is_not_whole_is_made_anew(
    project: Path, installs: list[str], monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    if harm == "interrupted":
        with monkeypatch.context() as patch:

            def stopped(_venv: Path, _lock: Path) -> None:
                raise KeyboardInterrupt

            patch.setattr(bootstrap, "install", stopped)
            with pytest.raises(KeyboardInterrupt):
                bootstrap.prepare("requirements.txt")
    else:
        bootstrap.prepare("requirements.txt")
        (project / ".venv" / "bin" / "python").unlink()
    installs.clear()
    bootstrap.prepare("requirements.txt")
    assert installs == ["new", "requirements.txt"]


def test_a_python_without_venv_is_refused_with_the_package_to_install(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "requirements.txt"])
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ensurepip" else object())
    assert bootstrap.main() == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "has no venv or ensurepip module, so no .venv can be made.\n" in printed.err
    assert "apt install python3-venv" in printed.err
    assert not (project / ".venv").exists()


def pip(project: Path, script: str) -> Path:
    """An environment whose pip does this."""
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return project / ".venv"


def test_a_failed_installation_shows_pips_words(project: Path) -> None:
    venv = pip(project, "echo Collecting pulumi==3.272.0\necho ERROR: no network >&2\nexit 1")
    with pytest.raises(bootstrap.BootstrapError) as refused:
        bootstrap.install(venv, project / "requirements.txt")
    assert str(refused.value).startswith(
        "pip could not install requirements.txt:\n  Collecting pulumi==3.272.0\n  ERROR: no network\n"
    )


def test_pip_is_held_to_the_hashes(project: Path) -> None:
    bootstrap.install(pip(project, f'echo "$@" > {project}/arguments'), project / "requirements.txt")
    arguments = (project / "arguments").read_text().split()
    assert arguments[:4] == ["-m", "pip", "install", "--require-hashes"]
    assert arguments[-2:] == ["-r", str(project / "requirements.txt")]


@pytest.fixture
def shell(project_root: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `run` of a copied project with a PATH of the test's own."""
    project = tmp_path / "project"
    (project / "cli").mkdir(parents=True)
    (project / "requirements.txt").write_text(LOCK)
    (project / "run").write_bytes((project_root / "run").read_bytes())
    (project / "run").chmod(0o755)
    (project / "cli" / "__main__.py").write_text('import sys\nprint("commands", sys.argv[1:])\n')
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("dirname", "cmp", "sh"):
        (tools / name).symlink_to(Path("/usr/bin") / name)

    def start(*arguments: str, python: str) -> subprocess.CompletedProcess[str]:
        (tools / "python3").unlink(missing_ok=True)
        (tools / "python3").write_text(f"#!/bin/sh\n{python}\n")
        (tools / "python3").chmod(0o755)
        return subprocess.run(
            [str(project / "run"), *arguments],
            cwd="/",
            env={"PATH": str(tools)},
            capture_output=True,
            text=True,
            check=False,
        )

    return start


def test_an_old_python_is_refused_in_one_sentence(shell: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = shell(python='[ "$1" = --version ] && echo Python 3.9.2 && exit 0; exit 1')
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: this project needs Python 3.11 or newer; found: Python 3.9.2.\n")


def test_a_ready_environment_runs_at_once_from_anywhere(
    shell: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    venv = tmp_path / "project" / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    (venv / ".requirements.txt").write_text(LOCK)
    done = shell("up", "-s", "a b", python="exit 1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "commands ['up', '-s', 'a b']\n", "")
