"""The time zones that a schedule may be read in."""

from __future__ import annotations

import zoneinfo

from settings.nearest import nearest


def check_time_zone(name: str) -> str:
    """Return `name` when it is a time zone of the IANA database, which EventBridge Scheduler takes; ValueError otherwise.

    Where this machine has no such database nothing can be checked, and AWS decides.
    """
    try:
        zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        known = sorted(zoneinfo.available_timezones())
        if known:
            near = nearest(name, known) or "Asia/Seoul"
            raise ValueError(
                f"'{name}' is not a time zone of the IANA database: use one of its names, such as {near}"
            ) from None
    return name
