"""The build: whole or not there, found again without Go, one at a time, and nothing left of one that ended early."""

import errno
import fcntl
import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from offline.engine.errors import EngineError
from offline.pulumi.build import Build, build, own_build
from offline.pulumi.versions import cli_to_build
from tests.offline.pulumi.fake_go import BUILDS, FakeGo
from tests.refusals import refusal


def make(root: Path, go: FakeGo, *, waits: Callable[[], None] = lambda: None) -> Build:
    return build(root, environment=go.environment, report=lambda _line: None, begins=lambda _go: None, waits=waits)


def left(root: Path) -> list[str]:
    folder = root / ".engine"
    return sorted(path.name for path in folder.iterdir() if path.name != "lock") if folder.exists() else []


def home(root: Path) -> Path:
    return root / ".engine" / f"pulumi-{cli_to_build()}"


def test_it_is_built_once_and_then_found_without_go(root: Path, go: FakeGo) -> None:
    assert own_build(root) is None
    path = home(root) / "bin" / "pulumi"
    assert make(root, go) == Build(path=path, version=cli_to_build(), made=True)
    assert sorted(file.relative_to(home(root)).as_posix() for file in home(root).rglob("*")) == [
        "bin",
        "bin/pulumi",
        "built.json",
    ]
    (go.folder / "go").unlink()
    assert make(root, go) == own_build(root) == Build(path=path, version=cli_to_build(), made=False)
    assert len(go.called) == 1


def test_a_moved_project_keeps_its_build(root: Path, go: FakeGo) -> None:
    make(root, go)
    moved = root.rename(root.with_name("moved"))
    assert own_build(moved) == Build(path=home(moved) / "bin" / "pulumi", version=cli_to_build(), made=False)


@pytest.mark.parametrize(
    "harm", ["no record", "damaged record", "shorter", "not executable", "another lock", "another machine", "gone"]
)
def test_what_is_not_whole_is_no_build_and_is_made_anew(root: Path, go: FakeGo, harm: str) -> None:
    make(root, go)
    path, record = home(root) / "bin" / "pulumi", home(root) / "built.json"
    recorded = json.loads(record.read_text())
    match harm:
        case "no record":
            record.unlink()
        case "damaged record":
            record.write_text(record.read_text()[:-5])
        case "shorter":
            path.write_text("#!/bin/sh\n")
        case "not executable":
            path.chmod(0o644)
        case "another lock":
            record.write_text(json.dumps({**recorded, "locked": "0" * 64}))
        case "another machine":
            record.write_text(json.dumps({**recorded, "machine": "Plan9 mips"}))
        case _:
            path.unlink()
    assert own_build(root) is None
    assert make(root, go).made
    assert own_build(root) is not None


def test_an_older_build_makes_room(root: Path, go: FakeGo) -> None:
    old = root / ".engine" / "pulumi-3.1.0" / "bin"
    old.mkdir(parents=True)
    make(root, go)
    assert left(root) == [home(root).name]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            'printf half > "$output"; echo "write $output: no space left on device" >&2; exit 1',
            "The disk is full: write ",
        ),
        ("exit 1", "go build failed with exit status 1 and said: nothing"),
        (BUILDS.replace(cli_to_build(), "3.1.0"), f"The CLI that was built says 3.1.0, go.mod says {cli_to_build()}: "),
        (BUILDS + 'printf "#!/bin/sh\\nexit 1\\n" > "$output"', "printed no version but 'nothing' (exit status 1)"),
        ("exit 0", "cannot be started (No such file or directory)"),
    ],
)
def test_a_build_that_fails_leaves_nothing(root: Path, go: FakeGo, script: str, message: str) -> None:
    go.does(f'mkdir "$GOTMPDIR/go-build1"\n{script}')
    assert message in refusal(lambda: make(root, go), EngineError)
    assert left(root) == []
    go.does(BUILDS)
    assert make(root, go).made


def test_what_a_killed_build_left_is_removed(root: Path, go: FakeGo) -> None:
    half = root / ".engine" / "building" / "bin"
    half.mkdir(parents=True)
    (half / "pulumi").write_text("half")
    assert own_build(root) is None
    make(root, go)
    assert left(root) == [home(root).name]


def test_a_second_build_waits_for_the_first_and_uses_it(root: Path, go: FakeGo) -> None:
    waiting = threading.Event()
    begun, goes_on = root / "begun", root / "goes-on"
    go.does(f"touch {begun}; while [ ! -e {goes_on} ]; do sleep 0.01; done\n{BUILDS}")
    made: list[bool] = []

    def one() -> None:
        made.append(make(root, go, waits=waiting.set).made)

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert waiting.wait(30)
    goes_on.touch()
    for thread in threads:
        thread.join(30)
    assert sorted(made) == [False, True]
    assert len(go.called) == 1


def test_go_holds_the_lock_too(root: Path, go: FakeGo) -> None:
    """So a build after a killed one waits until the Go that was left behind is gone."""
    go.does('ls -l /proc/$$/fd | grep -c "/.engine/lock$" > "$GOTMPDIR/../../held"\n' + BUILDS)
    make(root, go)
    assert (root / ".engine" / "held").read_text() == "1\n"
    with (root / ".engine" / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_folder_that_cannot_be_made_is_named(root: Path, go: FakeGo) -> None:
    (root / ".engine").write_text("a file")
    with pytest.raises(EngineError) as refused:
        make(root, go)
    folder = root / ".engine"
    assert str(refused.value) == (f"{folder} cannot be written (File exists): the build needs the folder {folder}.")


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOSPC, "The disk is full: "),
        (errno.EROFS, "cannot be written (Read-only file system): the build needs the folder "),
        (errno.EACCES, "cannot be written (Permission denied): the build needs the folder "),
    ],
)
def test_what_the_system_refuses_is_reported(
    root: Path, go: FakeGo, monkeypatch: pytest.MonkeyPatch, number: int, message: str
) -> None:
    def refuse(path: Path, *_: object) -> Path:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(Path, "rename", refuse)
    assert message in refusal(lambda: make(root, go), EngineError)
    assert left(root) == []


def test_without_go_nothing_is_made(root: Path, go: FakeGo) -> None:
    shutil.rmtree(go.folder)
    with pytest.raises(EngineError, match=r"^Go is missing: "):
        make(root, go)
    assert list(root.iterdir()) == []
