"""Watches a service until there is a verdict, reports the progress, and explains a verdict that is none."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from .aws import RequestError
from .observe import Observer, StoppedTask
from .revisions import short
from .verify import Requested, Verdict, Verification, Waiting

LIMIT_S = 20 * 60.0
INTERVAL_S = 10.0
_NOTHING_STOPPED = ("verified", "missing", "unanswered", "idle", "placeholder")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Time, so that tests need none."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A verdict with what explains it."""

    verdict: Verdict
    stopped: tuple[StoppedTask, ...] = ()
    unexplained: str = ""
    """Why the stopped tasks could not be read."""

    def lines(self) -> list[str]:
        """The report for people."""
        lines = [self.verdict.sentence]
        for task in self.stopped:
            lines.append(f"  task {task.task} of {short(task.revision)} stopped: {task.reason}")
            lines += [f"    {sentence}" for sentence in task.containers]
            lines += [f"      {line}" for line in task.lines]
        if self.unexplained:
            lines.append(f"  The stopped tasks could not be read: {self.unexplained}")
        elif not self.stopped and self.verdict.kind not in _NOTHING_STOPPED:
            lines.append("  No stopped task is left to ask (ECS keeps them for about an hour).")
        return lines


def watch(
    observer: Observer,
    requested: Requested,
    *,
    service: str,
    report: Callable[[str], None],
    limit_s: float = LIMIT_S,
    clock: Clock | None = None,
) -> Report:
    """Look every INTERVAL_S seconds until it is decided, at most `limit_s`. Every change is reported once."""
    clock = clock or Clock()
    started = clock.now()
    state = Verification(service=service, requested=requested, limit_s=limit_s)
    reported = ""
    while True:
        state, result = state.advance(observer.look(), clock.now() - started)
        if isinstance(result, Waiting):
            if result.progress != reported:
                reported = result.progress
                report(reported)
            clock.sleep(INTERVAL_S)
            continue
        if result.kind in _NOTHING_STOPPED:
            return Report(verdict=result)
        try:
            return Report(verdict=result, stopped=observer.stopped_tasks(result.revision))
        except RequestError as error:
            return Report(verdict=result, unexplained=str(error))
