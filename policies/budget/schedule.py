"""Reads AWS schedule expressions (rate, cron with AWS's six fields, at) and finds the shortest time between two runs.

Source: Amazon EventBridge Scheduler User Guide, "Schedule types in EventBridge Scheduler"; EventBridge User Guide, "Creating a rule
that runs on a schedule".
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from policies.budget.cron import Cron, CronError, parse_cron

_EXAMPLES = 'for example "rate(1 hour)", "cron(0 3 * * ? *)" or "at(2030-01-31T03:00:00)"'
_UNITS = {
    "minute": datetime.timedelta(minutes=1),
    "hour": datetime.timedelta(hours=1),
    "day": datetime.timedelta(days=1),
}


class ScheduleError(ValueError):
    """An expression AWS would refuse; the message is a full sentence with an example. reason: what is wrong with it, half of one."""

    def __init__(self, expression: str, reason: str) -> None:
        super().__init__(f'The schedule expression "{expression}" is wrong: {reason}; {_EXAMPLES}.')
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A schedule AWS takes. Exactly one of period (rate), cron, once (at; local time of the schedule's zone) is set."""

    expression: str
    period: datetime.timedelta | None = None
    cron: Cron | None = None
    once: datetime.datetime | None = None

    def shortest_period(self, *, daylight_saving: bool = False) -> datetime.timedelta:
        """The shortest time between two runs; `timedelta.max` where there is at most one run.

        daylight_saving: the zone puts its clocks forward, which brings two runs of a cron expression an hour closer.
        """
        if self.period is not None:
            return self.period
        if self.cron is None:
            return datetime.timedelta.max
        shortest = self.cron.shortest_gap()
        hour = _UNITS["hour"]
        return shortest - hour if daylight_saving and hour < shortest < datetime.timedelta.max else shortest


def parse_schedule(expression: str) -> Schedule:
    """The schedule, or ScheduleError that says what is wrong with the expression."""
    match = re.fullmatch(r"(rate|cron|at)\((.*)\)", expression)
    if match is None:
        raise ScheduleError(expression, "it is none of rate(...), cron(...), at(...)")
    kind, inner = match.groups()
    if kind == "rate":
        return Schedule(expression=expression, period=_rate(expression, inner))
    if kind == "at":
        return Schedule(expression=expression, once=_once(expression, inner))
    try:
        return Schedule(expression=expression, cron=parse_cron(inner))
    except CronError as error:
        raise ScheduleError(expression, str(error)) from None


def _rate(expression: str, inner: str) -> datetime.timedelta:
    match = re.fullmatch(r"([1-9][0-9]{0,5}) (minute|hour|day)s?", inner, re.ASCII)
    if match is None:
        raise ScheduleError(expression, "a rate is a positive integer and minute(s), hour(s) or day(s)")
    return int(match[1]) * _UNITS[match[2]]


def _once(expression: str, inner: str) -> datetime.datetime:
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}", inner, re.ASCII):
            raise ValueError
        return datetime.datetime.fromisoformat(inner)
    except ValueError:
        raise ScheduleError(expression, "at(...) takes a date that exists as yyyy-mm-ddThh:mm:ss") from None
