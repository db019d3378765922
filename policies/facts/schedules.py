"""When a schedule starts what it starts, and how late it still may: EventBridge Scheduler's and EventBridge's own values."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta

from policies.resources.graph import Resource
from policies.resources.reading import optional, read_integer, read_text, required

RETRIES, EVENT_AGE_S = (0, 185), (60, 86_400)
"""Least and most of a retry policy, the most where none is declared (EventBridge Scheduler API Reference, RetryPolicy)."""


def time_zone(schedule: Resource) -> str:
    """The zone that a schedule's expression is in, as it is written."""
    return optional(read_text(schedule, "scheduleExpressionTimezone"), "UTC")


def is_time_zone(name: str) -> bool:
    """Whether the IANA database has it."""
    try:
        zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def moves_clocks(zone: str) -> bool:
    """Whether a time zone puts its clocks forward and back in the course of this year."""
    year, place = datetime.now(UTC).year, zoneinfo.ZoneInfo(zone)
    return len({datetime(year, month, 15, tzinfo=place).utcoffset() for month in range(1, 13)}) > 1


def flexible_window(schedule: Resource) -> timedelta:
    """How late a schedule may start by its own choice. Raises NotDecidedError."""
    if optional(read_text(schedule, "flexibleTimeWindow", "mode"), "OFF") == "OFF":
        return timedelta(0)
    return timedelta(minutes=required(read_integer(schedule, "flexibleTimeWindow", "maximumWindowInMinutes")))


def retry_age(resource: Resource, *path: str) -> timedelta:
    """How late a failed start may still be retried, by the retry policy at a path. Raises NotDecidedError."""
    attempts = optional(read_integer(resource, *path, "retryPolicy", "maximumRetryAttempts"), RETRIES[1])
    age = optional(read_integer(resource, *path, "retryPolicy", "maximumEventAgeInSeconds"), EVENT_AGE_S[1])
    return timedelta(seconds=min(max(age, 0), EVENT_AGE_S[1])) if attempts != 0 else timedelta(0)
