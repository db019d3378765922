"""Property paths of options: ignored changes, and the differences whose paths they name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline.aws.diff import diff, format_path
from offline.engine.paths import ignore, parse_path
from offline.properties import UNKNOWN

NONE = frozenset()


def kinds(old, new, keys=NONE):
    detailed = diff(old, new, replace_keys=keys).detailed or {}
    return {path: change["diffKind"] for path, change in detailed.items()}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": 1}, {}),
        ({"a": 1}, {"a": UNKNOWN}, {"a": "update"}),
        ({"a": 1, "b": 2}, {"b": 2, "c": 3}, {"a": "delete", "c": "add"}),
        ({"t": {"x": 1, "y.z": 2}}, {"t": {"x": 2, "y.z": 3}}, {"t.x": "update", 't["y.z"]': "update"}),
        ({"l": [1, {"p": 2}]}, {"l": [1, {"p": 3}, 4]}, {"l[1].p": "update", "l[2]": "add"}),
        ({"a": [1]}, {"a": {"b": 1}}, {"a": "update"}),
    ],
)
def test_detailed_diff(old, new, expected):
    assert kinds(old, new) == expected


def test_replacing():
    old, new = {"a": {"x": 1}, "b": 1}, {"a": {"x": 2}, "b": 2}
    assert kinds(old, new, frozenset({"a"})) == {"a.x": "update-replace", "b": "update"}
    assert kinds(old, new, frozenset({"*"})) == {"a.x": "update-replace", "b": "update-replace"}
    found = diff(old, new, replace_keys=frozenset({"b"}))
    assert (found.changed, found.replacing) == (("a", "b"), ("b",))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("tags", ("tags",)),
        ("tags.Owner", ("tags", "Owner")),
        ("rules[0].port", ("rules", 0, "port")),
        ("rules[*]", ("rules", "*")),
        ('tags["a.b"]', ("tags", "a.b")),
        (r'tags["say \"x\""]', ("tags", 'say "x"')),
    ],
)
def test_paths(text, path):
    assert parse_path(text) == path


def test_a_wrong_path():
    with pytest.raises(ValueError, match=r"'a\[' is not a property path, for example tags.Owner or rules\[0\].port"):
        parse_path("a[")


@given(
    st.lists(st.integers(min_value=0, max_value=99) | st.text(min_size=1).filter(lambda text: text != "*"), min_size=1)
)
def test_a_path_survives_formatting(path):
    if isinstance(path[0], int):
        path = ["first", *path]
    assert parse_path(format_path(tuple(path))) == tuple(path)


@pytest.mark.parametrize(
    ("old", "new", "paths", "expected"),
    [
        ({"a": 1}, {"a": 2, "b": 3}, ["a"], {"a": 1, "b": 3}),
        ({}, {"a": 2}, ["a"], {}),
        ({"a": 1}, {}, ["a"], {"a": 1}),
        ({"t": {"x": 1}}, {"t": {"x": 2, "y": 3}}, ["t.x", "t.y"], {"t": {"x": 1}}),
        ({"l": [{"i": 1}, {"i": 2}]}, {"l": [{"i": 8}, {"i": 9}]}, ["l[1].i"], {"l": [{"i": 8}, {"i": 2}]}),
        ({"l": [{"i": 1}]}, {"l": [{"i": 8}, {"i": 9}]}, ["l[*].i"], {"l": [{"i": 1}, {"i": 9}]}),
        ({"a": 1, "b": 2}, {"a": 3}, ["*"], {"a": 1, "b": 2}),
        ({"a": 1}, {"a": 2}, ["b.c"], {"a": 2}),
    ],
)
def test_ignored_changes(old, new, paths, expected):
    before = repr((old, new))
    assert ignore(old, new, paths) == expected
    assert repr((old, new)) == before
