"""Thresholds of alarms that follow from other settings."""

from __future__ import annotations


def connection_alarm_thresholds(max_connections: int) -> tuple[int, int]:
    """The numbers of connections that are 70 % and 90 % of `max_connections`, rounded up: 60 gives (42, 54).

    At 70 % there is time to look, at 90 % the next deployment may meet "Too many connections".
    Raises ValueError when `max_connections` is below 1.
    """
    if max_connections < 1:
        raise ValueError(f"max_connections is {max_connections}: a database needs at least 1 to be watched.")
    return -(-max_connections * 70 // 100), -(-max_connections * 90 // 100)
