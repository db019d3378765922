"""Canonical JSON does not depend on how a value was put together."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.calc.canonical import canonical_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


def reversed_keys(value: object) -> object:
    if isinstance(value, dict):
        return {key: reversed_keys(inner) for key, inner in reversed(value.items())}
    return [reversed_keys(inner) for inner in value] if isinstance(value, list) else value


@given(JSON)
def test_key_order_does_not_show(value: object) -> None:
    assert canonical_json(reversed_keys(value)) == canonical_json(value)


@given(JSON)
def test_nothing_is_lost(value: object) -> None:
    assert json.loads(canonical_json(value)) == value


def test_sorted_compact_and_readable() -> None:
    assert canonical_json({"b": [1, 2], "a": {"d": None, "c": "서울"}}) == '{"a":{"c":"서울","d":null},"b":[1,2]}'


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_json_lacks_are_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"value": number})
