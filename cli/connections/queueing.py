"""Is a pool limit large enough: how long requests wait for a connection, in a burst and under steady arrivals.

Sources: Erlang's B formula by its recurrence and Erlang's C from it (L. Kleinrock, Queueing Systems, volume 1, 3.5 and 3.6:
the queue M/M/c). The burst is plain counting: every connection is held for the same time, requests are served in order.
"""

from __future__ import annotations

import math
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
    _check(limit=limit, hold=hold)
    if requests < 1:
        raise ValueError(f"requests must be at least 1, found {requests}")
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

    utilisation: float
    probability_of_waiting: float
    mean: float
    p99: float


def steady_waits(*, rate: float, limit: int, hold: float) -> SteadyWaits:
    """Erlang C. rate: requests a second (> 0); limit >= 1 connections, each held for `hold` seconds on average (> 0)."""
    _check(limit=limit, hold=hold)
    if not (rate > 0 and math.isfinite(rate)):
        raise ValueError(f"rate must be a positive number of requests a second, found {rate}")
    load = rate * hold
    if load >= limit:
        return SteadyWaits(utilisation=load / limit, probability_of_waiting=1.0, mean=math.inf, p99=math.inf)
    blocked = 1.0
    for servers in range(1, limit + 1):
        blocked = load * blocked / (servers + load * blocked)
    waiting = blocked / (1 - load / limit * (1 - blocked))
    spare = limit - load
    p99 = math.log(waiting / 0.01) * hold / spare if waiting > 0.01 else 0.0
    return SteadyWaits(utilisation=load / limit, probability_of_waiting=waiting, mean=waiting * hold / spare, p99=p99)


def smallest_limit(*, rate: float, hold: float, p99: float, largest: int = 100_000) -> int | None:
    """The smallest limit whose 99th percentile wait is at most `p99` seconds (>= 0), or None up to `largest`."""
    if p99 < 0:
        raise ValueError(f"p99 must not be negative, found {p99}")
    if not (rate > 0 and math.isfinite(rate)):
        raise ValueError(f"rate must be a positive number of requests a second, found {rate}")
    _check(limit=1, hold=hold)
    load = rate * hold
    blocked = 1.0
    # One walk up Erlang's recurrence answers every limit in turn: the wait only falls as connections are added.
    for servers in range(1, largest + 1):
        blocked = load * blocked / (servers + load * blocked)
        if load >= servers:
            continue
        waiting = blocked / (1 - load / servers * (1 - blocked))
        if waiting <= 0.01 or math.log(waiting / 0.01) * hold / (servers - load) <= p99:
            return servers
    return None


def _check(*, limit: int, hold: float) -> None:
    if limit < 1:
        raise ValueError(f"limit must be at least 1 connection, found {limit}")
    if not (hold > 0 and math.isfinite(hold)):
        raise ValueError(f"hold must be a positive number of seconds, found {hold}")
