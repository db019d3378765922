"""The health check of a container (healthCheck), as ECS takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.resources.once import per_document
from policies.resources.outcomes import Absent, Present, Reading
from policies.resources.reading import read_list, read_map, read_number, read_texts, required

_KEY = "healthCheck"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """command: its words. interval, timeout, start_period: seconds, and like retries AWS's default where left out."""

    command: tuple[str, ...]
    interval: Reading[int]
    timeout: Reading[int]
    retries: Reading[int]
    start_period: Reading[int]


@per_document
def health_check(container: Mapping[str, object]) -> HealthCheck | None:
    """The health check of a container, None where it has none. Raises NotDecidedError where it has no command of words."""
    if isinstance(read_map(container, _KEY), Absent):
        return None
    required(read_list(container, _KEY, "command"))
    return HealthCheck(
        command=tuple(read_texts(container, _KEY, "command")),
        interval=_number(container, "interval", 30),
        timeout=_number(container, "timeout", 5),
        retries=_number(container, "retries", 3),
        start_period=_number(container, "startPeriod", 0),
    )


def _number(container: Mapping[str, object], key: str, default: int) -> Reading[int]:
    found = read_number(container, _KEY, key)
    return Present(default) if isinstance(found, Absent) else found


def start_period(container: Mapping[str, object]) -> int:
    """Seconds in which a container's failed checks do not count, 0 where it has none. Raises NotDecidedError."""
    check = health_check(container)
    return 0 if check is None else required(check.start_period)
