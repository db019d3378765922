"""How long CloudWatch Logs can keep events: only certain numbers of days exist."""

from __future__ import annotations

from typing import Final

LOG_RETENTION_DAYS: Final = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
"""Source: Amazon CloudWatch Logs API Reference, PutRetentionPolicy."""


def check_retention(days: int) -> int:
    """Return `days` when CloudWatch Logs offers that retention; raise ValueError naming the nearest ones otherwise."""
    if days in LOG_RETENTION_DAYS:
        return days
    below = max((value for value in LOG_RETENTION_DAYS if value < days), default=None)
    above = min((value for value in LOG_RETENTION_DAYS if value > days), default=None)
    nearest = " or ".join(str(value) for value in (below, above) if value is not None)
    raise ValueError(
        f"CloudWatch Logs cannot keep events for {days} days: allowed are {', '.join(map(str, LOG_RETENTION_DAYS))}; "
        f"set {nearest}."
    )
