"""Is the limit enough: the figures of the facts, closed forms, and a burst counted request by request."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.connections.waits import Answer, Load, answers
from policies.budget.demand import OneOffTasks, ServiceTasks, Workload
from tests.cli.connections.numbers import service


def _workload(limit: int, tasks: int = 1, processes: int = 1, pools: int = 1) -> Workload:
    return Workload(name="api", limit=limit, tasks=ServiceTasks(desired=tasks), processes=processes, pools=pools)


def _one_task(workload: Workload, load: Load) -> Answer:
    return next(answers(workload, load, fewest_tasks=1))


def test_a_hundred_requests_at_once_on_a_limit_of_32() -> None:
    found = _one_task(_workload(32), Load(hold_ms=Fraction(200), burst=100))
    assert found == Answer(
        workload="api",
        kind="burst",
        scope="one task",
        tasks=1,
        pools=1,
        limit=32,
        overload=False,
        utilisation=None,
        mean_ms=216.0,  # 32 wait 0, 32 wait 200, 32 wait 400, 4 wait 600
        p99_ms=600.0,
        last_ms=600.0,
        all_done_ms=800.0,
        smallest_limit=None,
    )


@pytest.mark.parametrize(
    ("hold_ms", "utilisation", "mean_ms", "p99_ms"), [(200, 0.625, 0.15, 0.0), (300, 0.9375, 94.5, 622.0)]
)
def test_a_hundred_requests_a_second_on_a_limit_of_32(
    hold_ms: int, utilisation: float, mean_ms: float, p99_ms: float
) -> None:
    found = _one_task(_workload(32), Load(hold_ms=Fraction(hold_ms), rate=Fraction(100)))
    assert (found.kind, found.overload, found.utilisation) == ("rate", False, utilisation)
    assert found.mean_ms == pytest.approx(mean_ms, abs=0.05)
    assert found.p99_ms == pytest.approx(p99_ms, abs=0.5)


@pytest.mark.parametrize(("rate", "overload"), [(Fraction(160), True), (Fraction(1599, 10), False)])
def test_full_load_is_overload_and_has_no_times(rate: Fraction, overload: bool) -> None:
    """32 connections of 200 ms serve 160 requests a second: at exactly that rate the queue never ends."""
    found = _one_task(_workload(32), Load(hold_ms=Fraction(200), rate=rate))
    assert found.overload is overload
    assert (found.mean_ms is None, found.p99_ms is None) == (overload, overload)


def test_full_load_is_seen_in_spite_of_binary_fractions() -> None:
    """0.1 s x 30/s is a little more than 3 in binary, 0.3 s x 10/s a little less: both are exactly 3 connections."""
    for hold, rate in ((100, 30), (300, 10)):
        assert _one_task(_workload(3), Load(hold_ms=Fraction(hold), rate=Fraction(rate))).overload


@given(rate=st.integers(min_value=1, max_value=99), hold_ms=st.integers(min_value=1, max_value=10))
def test_one_connection_is_the_queue_m_m_1(rate: int, hold_ms: int) -> None:
    """M/M/1: the mean wait is rho / (1 - rho) x hold."""
    found = _one_task(_workload(1), Load(hold_ms=Fraction(hold_ms), rate=Fraction(rate)))
    rho = rate * hold_ms / 1000
    assert found.mean_ms == pytest.approx(rho / (1 - rho) * hold_ms, abs=0.001)
    assert found.utilisation == pytest.approx(rho, abs=1e-6)


@given(
    limit=st.integers(min_value=1, max_value=40),
    rate=st.integers(min_value=1, max_value=300),
    hold_ms=st.integers(min_value=1, max_value=400),
)
def test_a_larger_limit_never_makes_waits_longer(limit: int, rate: int, hold_ms: int) -> None:
    load = Load(hold_ms=Fraction(hold_ms), rate=Fraction(rate), burst=rate)
    less, more = (list(answers(_workload(size), load, fewest_tasks=1)) for size in (limit, limit + 1))
    for smaller, larger in zip(less, more, strict=True):
        assert larger.overload <= smaller.overload
        if not smaller.overload:
            assert (larger.mean_ms or 0) <= (smaller.mean_ms or 0)
            assert (larger.p99_ms or 0) <= (smaller.p99_ms or 0)


@given(
    requests=st.integers(min_value=1, max_value=300),
    limit=st.integers(min_value=1, max_value=12),
    processes=st.integers(min_value=1, max_value=4),
    tasks=st.integers(min_value=1, max_value=5),
    p99_ms=st.integers(min_value=0, max_value=2000),
)
def test_a_burst_counted_request_by_request(requests: int, limit: int, processes: int, tasks: int, p99_ms: int) -> None:
    """The i-th request goes to pool i modulo their number and there waits behind those before it."""

    def waits(size: int) -> list[int]:
        return sorted(index // (tasks * processes) // size * 100 for index in range(requests))

    load = Load(hold_ms=Fraction(100), burst=requests, p99_ms=Fraction(p99_ms))
    found = [*answers(_workload(limit, tasks, processes), load, fewest_tasks=tasks)][-1]
    expected = waits(limit)
    nearly_last = -(-99 * requests // 100) - 1
    assert found.pools == tasks * processes
    assert found.mean_ms == pytest.approx(sum(expected) / requests, abs=0.001)
    assert (found.last_ms, found.p99_ms) == (expected[-1], expected[nearly_last])
    assert found.all_done_ms == expected[-1] + 100
    smallest = found.smallest_limit
    assert smallest is not None
    assert waits(smallest)[nearly_last] <= p99_ms
    assert smallest == 1 or waits(smallest - 1)[nearly_last] > p99_ms


@given(rate=st.integers(min_value=1, max_value=500), p99_ms=st.integers(min_value=0, max_value=500))
def test_the_smallest_limit_for_a_rate_is_the_smallest(rate: int, p99_ms: int) -> None:
    load = Load(hold_ms=Fraction(200), rate=Fraction(rate), p99_ms=Fraction(p99_ms))
    smallest = _one_task(_workload(1), load).smallest_limit
    assert smallest is not None
    enough = _one_task(_workload(smallest), load)
    assert not enough.overload
    assert (enough.p99_ms or 0) <= p99_ms + 0.001
    if smallest > 1:
        short = _one_task(_workload(smallest - 1), load)
        assert short.overload or (short.p99_ms or 0) > p99_ms - 0.001


def test_the_service_shares_the_load_evenly_over_its_pools() -> None:
    load = Load(hold_ms=Fraction(200), burst=100, rate=Fraction(100))
    found = list(answers(_workload(8, tasks=6, processes=2), load, fewest_tasks=2))
    assert [(one.scope, one.kind, one.tasks, one.pools, one.last_ms, one.overload) for one in found] == [
        ("one task", "burst", 1, 2, 1200.0, False),
        ("one task", "rate", 1, 2, None, True),
        ("fewest tasks", "burst", 2, 4, 600.0, False),
        ("fewest tasks", "rate", 2, 4, None, False),
        ("most tasks", "burst", 6, 12, 200.0, False),
        ("most tasks", "rate", 6, 12, None, False),
    ]
    assert [one.utilisation for one in found if one.kind == "rate"] == [1.25, 0.625, 0.208333]


def test_no_task_no_answer() -> None:
    idle = Workload(name="console", limit=2, tasks=OneOffTasks(count=0))
    found = list(answers(idle, Load(hold_ms=Fraction(1), burst=1), fewest_tasks=0))
    assert [one.scope for one in found] == ["one task"]


def test_fewer_requests_than_pools_wait_for_nothing() -> None:
    found = list(answers(service(tasks=50), Load(hold_ms=Fraction(100), burst=3), fewest_tasks=50))
    assert {(one.scope, one.mean_ms, one.last_ms, one.all_done_ms) for one in found} == {
        ("one task", 0.0, 0.0, 100.0),
        ("fewest tasks", 0.0, 0.0, 100.0),
        ("most tasks", 0.0, 0.0, 100.0),
    }
