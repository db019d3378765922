"""Connection thresholds: whole connections, never below the share they stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.calc.alarms import connection_alarm_thresholds


@pytest.mark.parametrize(
    ("max_connections", "thresholds"), [(60, (42, 54)), (2540, (1778, 2286)), (1, (1, 1)), (61, (43, 55))]
)
def test_thresholds(max_connections: int, thresholds: tuple[int, int]) -> None:
    assert connection_alarm_thresholds(max_connections) == thresholds


@given(st.integers(1, 100_000))
def test_rounded_up_and_within_the_limit(max_connections: int) -> None:
    warning, critical = connection_alarm_thresholds(max_connections)
    for threshold, percent in ((warning, 70), (critical, 90)):
        assert (threshold - 1) * 100 < max_connections * percent <= threshold * 100
    assert warning <= critical <= max_connections


@pytest.mark.parametrize("wrong", [0, -1])
def test_no_connections_at_all(wrong: int) -> None:
    with pytest.raises(ValueError, match=f"max_connections is {wrong}: a database needs at least 1 to be watched"):
        connection_alarm_thresholds(wrong)
