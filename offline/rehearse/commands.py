"""Runs programs for the rehearsal and the build of the engine: their output as it comes, and none of them left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from offline.rehearse.errors import CommandError

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a program ended. A negative exit status is the number of the signal that ended it."""

    exit_status: int
    output: str
    timed_out: bool = False


def stream(
    command: Sequence[str],
    *,
    report: Report,
    environment: Mapping[str, str],
    folder: Path | None = None,
    limit_s: float | None = None,
    inherit: Sequence[int] = (),
) -> Ended:
    """Run a program in a process group of its own; what is left of the group when it ends is ended with it.

    Standard output and error come as one, line by line, to `report`. After `limit_s` seconds the group is killed.
    The program has the file descriptors `inherit` too: a lock on one of them lasts as long as the program.
    """
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
        pass_fds=inherit,
    )
    assert process.stdout is not None
    late = threading.Event()

    def expire() -> None:
        late.set()
        _kill(process.pid)

    def end_with_it() -> None:
        process.wait()
        _kill(process.pid)  # what it left running would hold its output open

    watcher = threading.Thread(target=end_with_it, name="end-with-it", daemon=True)
    watcher.start()
    timer = threading.Timer(limit_s, expire) if limit_s is not None else None
    if timer is not None:
        timer.start()
    lines: list[str] = []
    try:
        for line in process.stdout:
            lines.append(line)
            report(line.rstrip("\n"))
        watcher.join()
    finally:
        if timer is not None:
            timer.cancel()
        if watcher.is_alive():
            _kill(process.pid)
        watcher.join()
        process.stdout.close()
    return Ended(exit_status=process.returncode, output="".join(lines), timed_out=late.is_set())


def ask(command: Sequence[str], where: str, *, environment: Mapping[str, str], folder: Path | None = None) -> bytes:
    """What a program prints. Raises CommandError, reported with `where`."""
    done = subprocess.run(
        command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode:
        output = done.stderr.decode(errors="replace") or done.stdout.decode(errors="replace")
        raise CommandError(where, command=" ".join(command), exit_status=done.returncode, output=output)
    return done.stdout


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
