"""Is a pool limit large enough: how long requests wait for a connection, in a burst and under steady arrivals.

Sources: Erlang's B formula by its recurrence and Erlang's C from it (L. Kleinrock, Queueing Systems, volume 1, 3.5 and 3.6:
the queue M/M/c). The burst is plain counting: every connection is held for the same time, requests are served in order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstWaits:
    """Waits for a connection, in seconds, when `requests` arrive at once. all_done: until the last one has finished."""

    mean: float
    last: float
    all_done: float


def burst_waits(*, requests: int, limit: int, hold: float) -> BurstWaits:
    """Waits of a burst. requests >= 1 at once, limit >= 1 connections, each held for `hold` seconds (> 0).

    The i-th request waits floor((i - 1) / limit) x hold.
    """
    rounds, rest = divmod(requests, limit)
    total_rounds_waited = limit * rounds * (rounds - 1) // 2 + rest * rounds
    return BurstWaits(
        mean=total_rounds_waited / requests * hold,
        last=(requests - 1) // limit * hold,
        all_done=-(-requests // limit) * hold,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyWaits:
    """Waits under steady random arrivals, in seconds; infinite where the arrivals outrun the connections."""

    mean: float
    p99: float


def steady_waits(*, rate: float, limit: int, hold: float) -> SteadyWaits:
    """Erlang C. rate: requests a second (> 0); limit >= 1 connections, each held for `hold` seconds on average (> 0)."""
    for servers, waits in _steady(rate, hold, limit):
        if servers == limit:
            return waits
    return SteadyWaits(mean=math.inf, p99=math.inf)


def smallest_limit(*, rate: float, hold: float, p99: float, largest: int = 100_000) -> int | None:
    """The smallest limit whose 99th percentile wait is at most `p99` seconds (>= 0), or None up to `largest`."""
    return next((servers for servers, waits in _steady(rate, hold, largest) if waits.p99 <= p99), None)


def _steady(rate: float, hold: float, largest: int) -> Iterator[tuple[int, SteadyWaits]]:
    """The waits at every limit that the arrivals do not outrun: one walk up Erlang's recurrence answers each in turn."""
    load, blocked = rate * hold, 1.0
    for servers in range(1, largest + 1):
        blocked = load * blocked / (servers + load * blocked)
        spare = servers - load
        if spare > 0:
            waiting = blocked / (1 - load / servers * (1 - blocked))
            p99 = math.log(waiting / 0.01) * hold / spare if waiting > 0.01 else 0.0
            yield servers, SteadyWaits(mean=waiting * hold / spare, p99=p99)
