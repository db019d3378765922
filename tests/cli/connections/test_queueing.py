"""Waits for a connection: bursts by counting, steady arrivals by Erlang C."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.connections.queueing import burst_waits, smallest_limit, steady_waits


def test_a_hundred_requests_at_once_on_32_connections() -> None:
    waits = burst_waits(requests=100, limit=32, hold=0.2)
    assert (waits.last, waits.all_done) == (pytest.approx(0.6), pytest.approx(0.8))
    assert waits.mean == pytest.approx((32 * 0 + 32 * 0.2 + 32 * 0.4 + 4 * 0.6) / 100)


@given(st.integers(1, 500), st.integers(1, 100))
def test_a_burst_is_what_counting_each_request_gives(requests: int, limit: int) -> None:
    each = [number // limit for number in range(requests)]
    waits = burst_waits(requests=requests, limit=limit, hold=1.0)
    assert (waits.mean, waits.last) == (pytest.approx(sum(each) / requests), each[-1])
    assert waits.all_done == each[-1] + 1


def test_steady_arrivals_at_62_and_94_percent() -> None:
    easy = steady_waits(rate=100, limit=32, hold=0.2)
    assert (easy.mean, easy.p99) == (pytest.approx(0.15e-3, rel=0.01), 0.0)
    full = steady_waits(rate=100, limit=32, hold=0.3)
    assert (full.mean, full.p99) == (pytest.approx(94.5e-3, rel=1e-3), pytest.approx(0.622, rel=1e-3))


def test_one_connection_is_the_queue_m_m_1() -> None:
    waits = steady_waits(rate=0.5, limit=1, hold=1.0)
    assert (waits.mean, waits.p99) == (pytest.approx(1.0), pytest.approx(2 * math.log(50)))


def test_arrivals_that_outrun_the_connections_wait_for_ever() -> None:
    waits = steady_waits(rate=100, limit=20, hold=0.2)
    assert (waits.mean, waits.p99) == (math.inf, math.inf)


@given(st.floats(0.1, 500), st.floats(0.01, 1), st.floats(0, 0.5))
def test_the_smallest_limit_meets_the_wait_and_one_less_does_not(rate: float, hold: float, p99: float) -> None:
    limit = smallest_limit(rate=rate, hold=hold, p99=p99)
    assert limit is not None
    assert steady_waits(rate=rate, limit=limit, hold=hold).p99 <= p99
    assert limit == 1 or steady_waits(rate=rate, limit=limit - 1, hold=hold).p99 > p99


def test_no_limit_up_to_the_largest_may_be_enough() -> None:
    assert smallest_limit(rate=100, hold=1, p99=0.1, largest=100) is None
