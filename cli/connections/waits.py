"""Is a pool limit enough: how long requests wait for a connection, in one task and in the whole service.

A pool belongs to one process and is never shared: the load balancer spreads requests evenly over the tasks, a task over its
processes and pools, and each request waits at its own pool. Random arrivals that are spread at random stay random (they are
Poisson arrivals again), so the queue of each pool is M/M/c with its share of the rate.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from cli.connections.queueing import burst_waits, smallest_limit, steady_waits
from policies.budget.demand import Workload, most_tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What arrives. hold_ms: how long a request keeps its connection, ms, > 0.

    burst: requests at once, >= 1. rate: requests a second, > 0. p99_ms: the longest wait that 99 of 100 requests may have,
    ms, >= 0. At least one of burst and rate is given.
    """

    hold_ms: Fraction
    burst: int | None = None
    rate: Fraction | None = None
    p99_ms: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one kind of load does to the pools of a number of tasks; times in ms, None where they do not apply.

    kind: "burst" or "rate". scope: "one task", "fewest tasks" or "most tasks". pools: over all these tasks. overload: more
    arrives than the connections can serve, so waits grow without end and no time is given. smallest_limit: the smallest
    pool limit that meets p99_ms, None where none was asked for or none does.
    """

    workload: str
    kind: str
    scope: str
    tasks: int
    pools: int
    limit: int
    overload: bool = False
    utilisation: float | None = None
    mean_ms: float | None = None
    p99_ms: float | None = None
    last_ms: float | None = None
    all_done_ms: float | None = None
    smallest_limit: int | None = None


def answers(workload: Workload, load: Load, *, fewest_tasks: int) -> Iterator[Answer]:
    """The whole load on one task, then spread over the service at its fewest and at its most tasks."""
    scopes = {"one task": 1, "fewest tasks": fewest_tasks, "most tasks": most_tasks(workload)}
    for scope, tasks in scopes.items():
        if tasks > 0:
            pools = tasks * workload.pools_per_task
            answer = Answer(
                workload=workload.name, kind="burst", scope=scope, tasks=tasks, pools=pools, limit=workload.limit
            )
            if load.burst is not None:
                yield _burst(answer, load, load.burst)
            if load.rate is not None:
                yield _steady(answer, load, load.rate)


def _burst(answer: Answer, load: Load, requests: int) -> Answer:
    pools, limit = answer.pools, answer.limit
    fewer, pools_with_more = divmod(requests, pools)
    hold = float(load.hold_ms)  # the formulas answer in the unit of the hold time
    busiest = burst_waits(requests=fewer + (pools_with_more > 0), limit=limit, hold=hold)
    total = busiest.mean * (fewer + 1) * pools_with_more
    if fewer:
        total += burst_waits(requests=fewer, limit=limit, hold=hold).mean * fewer * (pools - pools_with_more)
    # Of a pool's requests all but this many are served before the one that 99 of 100 do not wait longer than.
    ahead = math.ceil(Fraction(math.ceil(Fraction(99 * requests, 100)), pools)) - 1
    return replace(
        answer,
        mean_ms=_ms(total / requests),
        p99_ms=_ms(ahead // limit * hold),
        last_ms=_ms(busiest.last),
        all_done_ms=_ms(busiest.all_done),
        smallest_limit=None if load.p99_ms is None else ahead // (int(load.p99_ms // load.hold_ms) + 1) + 1,
    )


def _steady(answer: Answer, load: Load, rate: Fraction) -> Answer:
    share, hold = float(rate / answer.pools), float(load.hold_ms / 1000)
    # In fractions: at exactly full load, binary rounding would turn "without end" into some number.
    utilisation = rate * load.hold_ms / 1000 / (answer.limit * answer.pools)
    waits = None if utilisation >= 1 else steady_waits(rate=share, limit=answer.limit, hold=hold)
    enough = None
    if load.p99_ms is not None:
        enough = smallest_limit(rate=share, hold=hold, p99=float(load.p99_ms / 1000))
    return replace(
        answer,
        kind="rate",
        overload=waits is None,
        utilisation=round(float(utilisation), 6),
        mean_ms=None if waits is None else _ms(waits.mean * 1000),
        p99_ms=None if waits is None else _ms(waits.p99 * 1000),
        smallest_limit=enough,
    )


def _ms(value: float) -> float:
    """Microseconds are the end of what anyone reads; rounding takes the noise of binary fractions away."""
    return round(value, 3)
