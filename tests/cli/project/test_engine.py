"""`./run engine` as people call it: progress, the closing line, Ctrl-C, a kill in the middle; and one real build."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.ended import ended
from cli.project import engine
from offline.engine.errors import EngineError
from offline.pulumi.build import own_build
from offline.pulumi.go import find_go
from offline.pulumi.versions import cli_to_build
from tests.offline.pulumi.fake_go import BUILDS, FakeGo


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project without a build."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeGo:
    """The only Go on PATH."""
    fake = FakeGo(tmp_path / "bin")
    for name, value in fake.environment.items():
        monkeypatch.setenv(name, value)
    return fake


@pytest.fixture
def start(project_root: Path, root: Path, go: FakeGo) -> Callable[[], subprocess.Popen[str]]:
    """Starts the command in a process of its own."""
    code = "import sys; from pathlib import Path; from cli.project.engine import engine; sys.exit(engine(Path(sys.argv[1])))"

    def begin() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", code, str(root)],
            cwd=project_root,
            env=go.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return begin


def left(root: Path) -> list[str]:
    return sorted(path.name for path in (root / ".engine").iterdir() if path.name != "lock")


def appears(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def ends(pid: int) -> None:
    """Wait until there is no such process: who takes note of its end is another process, a little later."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    raise AssertionError(f"process {pid} goes on")


def test_it_says_what_it_does_and_the_second_time_that_there_is_nothing_to_do(
    root: Path, go: FakeGo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert engine.engine(root) == 0
    first, last = capsys.readouterr().out.splitlines()
    version = cli_to_build()
    path = root / ".engine" / f"pulumi-{version}" / "bin" / "pulumi"
    assert first == (
        f"Building pulumi {version} with Go 1.99.0: several minutes the first time, seconds from Go's build cache."
    )
    assert re.fullmatch(rf"{re.escape(str(path))}: pulumi {version}, built in \d+\.\d s", last)
    shutil.rmtree(go.folder)
    assert engine.engine(root) == 0
    assert capsys.readouterr().out == f"{path}: pulumi {version}, built before, nothing to do\n"


def test_progress_goes_on_while_go_is_silent(
    root: Path, go: FakeGo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "PLAIN_PROGRESS_SECONDS", 0.1)
    go.does(f"{BUILDS}\nsleep 1")
    assert engine.engine(root) == 0
    progress = capsys.readouterr().out.splitlines()[1:-1]
    assert len(progress) > 2
    assert re.fullmatch(r"  2 modules fetched, 1 packages built, \d s", progress[-1])


@pytest.mark.parametrize(
    ("script", "version", "message"),
    [
        (None, "", "error: Go is missing: "),
        (BUILDS, "1.19.8", "error: Go is too old to build the real engine: "),
        (
            "echo 'dial tcp: no such host'; exit 1",
            "1.99.0",
            "error: Go's modules cannot be fetched: dial tcp: no such host. ",
        ),
        (
            "echo 'write: no space left on device'; exit 1",
            "1.99.0",
            "error: The disk is full: write: no space left on device. ",
        ),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    root: Path, go: FakeGo, capsys: pytest.CaptureFixture[str], script: str | None, version: str, message: str
) -> None:
    if script is None:
        (go.folder / "go").unlink()
    else:
        go.does(script, version=version)
    assert ended(lambda: engine.engine(root)) == 1
    error = capsys.readouterr().err
    assert error.startswith(message)
    assert error.count("\n") == 1
    assert own_build(root) is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_leaves_nothing_and_the_next_one_builds(
    root: Path, go: FakeGo, start: Callable[[], subprocess.Popen[str]], number: int
) -> None:
    go.does(f"{BUILDS}\necho $$ > {root}/pid.part; mv {root}/pid.part {root}/pid; sleep 1000")
    process = start()
    appears(root / "pid")
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 1
    assert error == "\nInterrupted: nothing was built; the next ./run engine goes on from Go's cache.\n"
    assert left(root) == []
    ends(int((root / "pid").read_text()))
    go.does(BUILDS)
    assert engine.engine(root) == 0


def test_a_build_after_a_killed_one_waits_for_the_go_that_was_left(
    root: Path, go: FakeGo, start: Callable[[], subprocess.Popen[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    begun, goes_on = root / "begun", root / "goes-on"
    go.does(f"{BUILDS}\ntouch {begun}; while [ ! -e {goes_on} ]; do sleep 0.01; done")
    process = start()
    appears(begun)
    process.kill()
    process.communicate(timeout=60)
    assert left(root) == ["building"]
    assert own_build(root) is None
    go.does(BUILDS)
    second = start()
    assert second.stdout is not None
    assert second.stdout.readline() == "Another ./run engine is building; waiting for it.\n"
    goes_on.touch()
    out, error = second.communicate(timeout=60)
    assert (second.returncode, error) == (0, "")
    assert out.startswith(f"Building pulumi {cli_to_build()} ")
    assert left(root) == [f"pulumi-{cli_to_build()}"]


@pytest.mark.slow
def test_the_real_build_starts(project_root: Path) -> None:
    """Of this project itself, so that it is made once: what is there already is used."""
    if own_build(project_root) is None:
        try:
            find_go(os.environ)
        except EngineError as missing:
            pytest.skip(str(missing))
    command = [sys.executable, str(project_root / "cli" / "__main__.py"), "engine"]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    built = own_build(project_root)
    assert built is not None
    help_ = subprocess.run([built.path, "preview", "--help"], capture_output=True, text=True, check=True)
    assert "--policy-pack" in help_.stdout
