"""Property values: the way to protobuf and back, secrets, references, what is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline.properties import (
    RESOURCE,
    SECRET,
    SIGNATURE,
    UNKNOWN,
    contains_secret,
    contains_unknown,
    from_struct,
    judged,
    keep_secrets,
    plain,
    secret,
    shown,
    to_struct,
    unknown_paths,
)

values = st.recursive(
    st.none() | st.booleans() | st.integers(min_value=-(2**53), max_value=2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
BLINDED = {SIGNATURE: SECRET, "ciphertext": "[secret]"}


@given(st.dictionaries(st.text(), values))
def test_struct_round_trip(properties):
    assert from_struct(to_struct(properties)) == properties


def test_numbers():
    found = from_struct(to_struct({"a": 3.0, "b": 2.5, "c": True}))
    assert found == {"a": 3, "b": 2.5, "c": True}
    assert [type(value) for value in found.values()] == [int, float, bool]


def test_a_foreign_value_is_refused():
    with pytest.raises(TypeError, match="a property value cannot be a set"):
        to_struct({"a": {1}})


def test_plain_and_judged():
    reference = {SIGNATURE: RESOURCE, "urn": "urn:x", "id": "i-1"}
    value = {"a": secret({"b": 1}), "r": reference, "n": None, "c": {SIGNATURE: RESOURCE, "urn": "urn:y"}, "__d": 1}
    assert plain(value) == {"a": {"b": 1}, "r": "i-1", "c": "urn:y", "__d": 1}
    assert judged(value) == {"a": secret({"b": 1}), "r": "i-1", "n": None, "c": "urn:y"}
    assert plain({SIGNATURE: RESOURCE, "urn": "urn:x", "id": ""}) == UNKNOWN


@pytest.mark.parametrize(
    ("value", "like", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": secret(1)}, {"a": secret(1), "b": 2}),
        ({"t": {"x": 1, "y": 2}}, {"t": {"x": secret(1)}}, {"t": {"x": secret(1), "y": 2}}),
        ({"l": [1, 2]}, {"l": [secret(1), 2]}, {"l": [secret(1), 2]}),
        ({"l": [2, 1]}, {"l": [secret(1), 2]}, {"l": secret([2, 1])}),
        ({"a": secret(1)}, {"a": secret(1)}, {"a": secret(1)}),
    ],
)
def test_secrets_follow_into_outputs(value, like, expected):
    assert keep_secrets(value, like) == expected


def test_shown():
    assert shown({"a": secret(1), "l": [secret({"x": 2}), 3]}) == {"a": BLINDED, "l": [BLINDED, 3]}
    value = {"a": [1]}
    assert shown(value) is value
    assert contains_secret([{"a": secret(1)}])


def test_unknowns():
    value = {"a": UNKNOWN, "b": [1, {"c": UNKNOWN}], "d": "known"}
    assert unknown_paths(value) == ["a", "b[1].c"]
    assert contains_unknown(value)
    assert not contains_unknown({"a": [1, "x"]})
