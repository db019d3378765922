"""DB_CONN_LIMIT: a positive integer in digits, and the reason why anything else is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.budget.limits import RefusedLimit, parse_limit


@pytest.mark.parametrize(("text", "limit"), [("1", 1), ("5", 5), ("100000", 100_000)])
def test_a_positive_integer_is_the_limit(text: str, limit: int) -> None:
    assert parse_limit(text) == limit


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "has no value, which pools take for no limit"),
        (5, "is 5, no string: ECS passes environment values as strings"),
        ("", 'is "" (empty), which mysql2 takes for no limit'),
        ("0", 'is "0", which mysql2 takes for no limit'),
        ("000", 'is "000", which mysql2 takes for no limit'),
        (" 5", 'is " 5", with white space around it; a plain positive integer is required'),
        ("5\n", 'is "5\n", with white space around it; a plain positive integer is required'),
        ("05", 'is "05", with leading zeros; a plain positive integer is required'),
        ("-5", 'is "-5", a negative number; a positive integer is required'),
        ("+5", 'is "+5", not an integer; a positive integer in digits is required'),
        ("5.0", 'is "5.0", not an integer; a positive integer in digits is required'),
        ("5e2", 'is "5e2", not an integer; a positive integer in digits is required'),
        ("ten", 'is "ten", not an integer; a positive integer in digits is required'),
        ("٥", 'is "٥", not an integer; a positive integer in digits is required'),
        ("100001", 'is "100001", above 100000, the most connections a database admits'),
        ("9" * 5000, f'is "{"9" * 56}..., above 100000, the most connections a database admits'),
    ],
)
def test_anything_else_is_refused_with_its_reason(value: object, reason: str) -> None:
    assert parse_limit(value) == RefusedLimit(reason)


@given(st.text() | st.integers() | st.none() | st.floats())
def test_it_answers_every_value(value: object) -> None:
    found = parse_limit(value)
    assert isinstance(found, RefusedLimit) or 1 <= found <= 100_000
