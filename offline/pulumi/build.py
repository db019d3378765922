"""This project's own build of the Pulumi CLI: made in .engine, and there only when it is whole."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from offline.engine.errors import EngineError
from offline.pulumi.go import Go, find_go, go_build
from offline.pulumi.versions import MODULE, cli_to_build, cli_version
from policies.resources.json_text import read_json

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ".engine"
_UNFINISHED = "building"
_RECORD = "built.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """A whole build: the executable, its version ("3.274.1"), and whether this call made it."""

    path: Path
    version: str
    made: bool


def own_build(root: Path = ROOT) -> Build | None:
    """The build of what go.mod and go.sum say now, if it is there as it was recorded."""
    home = _home(root)
    path = home / "bin" / "pulumi"
    try:
        recorded = read_json((home / _RECORD).read_bytes())
        as_recorded = recorded == _record(path) and os.access(path, os.X_OK)
    except (OSError, ValueError):
        return None
    return Build(path=path, version=cli_to_build(), made=False) if as_recorded else None


def build(
    root: Path = ROOT,
    *,
    environment: Mapping[str, str],
    report: Callable[[str], None],
    begins: Callable[[Go], None],
    waits: Callable[[], None],
) -> Build:
    """The build that is there, or a new one. Raises EngineError; whatever ends it early leaves no build behind.

    `report` gets each line that Go prints, `begins` is called before Go starts, `waits` when another build is under way.
    """
    there = own_build(root)
    if there is not None:
        return there
    go = find_go(environment)
    try:
        with _alone(root / FOLDER, waits) as lock:
            there = own_build(root)
            if there is not None:
                return there
            begins(go)
            return _make(root, go, environment=environment, report=report, lock=lock)
    except OSError as error:
        where = error.filename or root / FOLDER
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise EngineError(
                f"The disk is full: {where} cannot be written. Make room; then run ./run engine again."
            ) from error
        raise EngineError(
            f"{where} cannot be written ({error.strerror}): the build needs the folder {root / FOLDER}."
        ) from error


def _make(root: Path, go: Go, *, environment: Mapping[str, str], report: Callable[[str], None], lock: int) -> Build:
    unfinished = root / FOLDER / _UNFINISHED
    _remove(unfinished)  # what a killed build left
    try:
        temporary = unfinished / "temporary"
        temporary.mkdir(parents=True)
        path = unfinished / "bin" / "pulumi"
        path.parent.mkdir()
        go_build(go, output=path, temporary=temporary, environment=environment, report=report, inherit=(lock,))
        version = cli_version(path, {**environment, "PULUMI_HOME": str(temporary)})
        if version != cli_to_build():
            raise EngineError(
                f"The CLI that was built says {version}, go.mod says {cli_to_build()}: run ./run engine again."
            )
        shutil.rmtree(temporary)
        _to_disk(path)
        record = unfinished / _RECORD
        record.write_text(json.dumps(_record(path)), "utf-8")
        _to_disk(record)
        for old in (root / FOLDER).glob("pulumi-[0-9]*"):
            _remove(old)
        unfinished.rename(_home(root))
    finally:
        _remove(unfinished)
    return Build(path=_home(root) / "bin" / "pulumi", version=version, made=True)


@contextlib.contextmanager
def _alone(folder: Path, waits: Callable[[], None]) -> Generator[int]:
    """Keep every other build out; gives the lock's file descriptor.

    Go gets it too: where this process was killed, the next build waits until the Go that it left is gone.
    """
    folder.mkdir(exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waits()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def _home(root: Path) -> Path:
    return root / FOLDER / f"pulumi-{cli_to_build()}"


def _record(path: Path) -> dict[str, Any]:
    """What distinguishes a build that is whole, and still what is asked for, from any other."""
    locked = b"".join((MODULE / name).read_bytes() for name in ("go.mod", "go.sum"))
    machine = os.uname()
    return {
        "bytes": path.stat().st_size,
        "locked": hashlib.sha256(locked).hexdigest(),
        "machine": f"{machine.sysname} {machine.machine}",
    }


def _to_disk(path: Path) -> None:
    """After a power cut a file that is in its place is whole."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
