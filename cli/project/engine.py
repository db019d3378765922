"""`./run engine`: builds the real Pulumi engine with Go, and says all the while how far it is."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

from cli.command import DONE, FAILED
from cli.ended import interrupted_by_sigterm
from cli.report.screens import console
from offline.pulumi.build import build
from offline.pulumi.go import FETCHING, Go, is_package
from offline.pulumi.versions import cli_to_build

PLAIN_PROGRESS_SECONDS = 15.0
_LIVE_PROGRESS_SECONDS = 1.0


class Progress:
    """How far the build is: a live line on a terminal, now and then a plain line elsewhere, also while Go is silent."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self._fetched = 0
        self._packages = 0
        self._out = console()
        self._ended = threading.Event()
        self._reporter = threading.Thread(target=self._report_on, name="progress", daemon=True)
        self._status = self._out.status("") if self._out.is_terminal else None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._reporter.is_alive():
            self._reporter.join()
        if self._status is not None:
            self._status.stop()

    def say(self, line: str) -> None:
        """Print a line."""
        self._out.print(line)

    def begins(self, go: Go) -> None:
        """Go is about to start."""
        self.say(
            f"Building pulumi {cli_to_build()} with Go {go.version}: several minutes the first time, "
            "seconds from Go's build cache."
        )
        if self._status is not None:
            self._status.start()
        self._reporter.start()

    def take(self, line: str) -> None:
        """Count a line that Go printed."""
        if line.startswith(FETCHING):
            self._fetched += 1
        elif is_package(line):
            self._packages += 1

    def seconds(self) -> float:
        """Seconds since the command began."""
        return time.monotonic() - self.started

    def _report_on(self) -> None:
        while not self._ended.wait(PLAIN_PROGRESS_SECONDS if self._status is None else _LIVE_PROGRESS_SECONDS):
            line = f"{self._fetched} modules fetched, {self._packages} packages built, {self.seconds():.0f} s"
            if self._status is None:
                self.say(f"  {line}")
            else:
                self._status.update(line)


def engine(root: Path) -> int:
    """Build it, unless it is there; exit code 0 it is there, 1 it was interrupted. Raises EngineError."""
    try:
        with interrupted_by_sigterm(), Progress() as progress:
            built = build(
                root,
                environment=os.environ,
                report=progress.take,
                begins=progress.begins,
                waits=lambda: progress.say("Another ./run engine is building; waiting for it."),
            )
    except KeyboardInterrupt:
        print("\nInterrupted: nothing was built; the next ./run engine goes on from Go's cache.", file=sys.stderr)
        return FAILED
    how = f"built in {progress.seconds():.1f} s" if built.made else "built before, nothing to do"
    progress.say(f"{built.path}: pulumi {built.version}, {how}")
    return DONE
