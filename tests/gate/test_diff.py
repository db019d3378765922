"""Which paths changed, as a person reads them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.diff import changes
from gate.events import Event

SECRET: Event = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "x"}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def containers(limit: str, **more: str) -> str:
    environment = [
        {"name": "DB_CONN_LIMIT", "value": limit},
        *({"name": key, "value": value} for key, value in more.items()),
    ]
    return json.dumps([{"name": "api", "image": "x", "environment": environment}])


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ({"desiredCount": 1}, {"desiredCount": 2}, ["~ desiredCount: 1 => 2"]),
        ({}, {"name": "a"}, ['+ name: "a"']),
        ({"name": "a"}, {}, ['- name: "a"']),
        ({"name": None}, {"name": "a"}, ['~ name: null => "a"']),
        ({"tags": {"a": "1", "b": "2"}}, {"tags": {"a": "1", "b": "3"}}, ['~ tags.b: "2" => "3"']),
        ({"subnets": ["a"]}, {"subnets": ["a", "b"]}, ['+ subnets[1]: "b"']),
        (
            {"containerDefinitions": containers("10")},
            {"containerDefinitions": containers("20", NODE_ENV="dev")},
            [
                '~ containerDefinitions.api.environment.DB_CONN_LIMIT: "10" => "20"',
                '+ containerDefinitions.api.environment.NODE_ENV: "dev"',
            ],
        ),
        ({"arn": "x"}, {"arn": UNKNOWN}, ['~ arn: "x" => [unknown]']),
        ({"password": SECRET}, {"password": "plain"}, ['~ password: [secret] => "plain"']),
        ({"policy": '{"a": 1}'}, {"policy": '{ "a":1 }'}, []),
        ({"text": "[not json"}, {"text": "[not json either"}, ['~ text: "[not json" => "[not json either"']),
        ({"list": [{"name": "a"}, {"name": "a"}]}, {"list": [{"name": "a"}]}, ['- list[1]: {"name": "a"}']),
        ({"list": [1, 2, 3]}, {"list": [0, 1, 2, 3]}, ["+ list[0]: 0"]),
        ({"list": [1, 2, 3]}, {"list": [1, 3]}, ["- list[1]: 2"]),
        ({"list": [1, 2, 3]}, {"list": [1, 4, 5, 3]}, ["~ list[1]: 2 => 4", "+ list[2]: 5"]),
        ({"list": [["a", 1], ["b", 1]]}, {"list": [["b", 2]]}, ['~ list[0][0]: "a" => "b"', "~ list[0][1]: 1 => 2", '- list[1]: ["b", 1]']),
        ({"list": [{"x": [1]}]}, {"list": [{"x": [2]}]}, ["~ list[0].x[0]: 1 => 2"]),
        ({"one": "x" * 200}, {}, [f'- one: "{"x" * 98}…']),
    ],
)  # fmt: skip
def test_changes(before: dict[str, Any], after: dict[str, Any], lines: list[str]) -> None:
    assert [str(change) for change in changes(before, after)] == lines


def test_lists_too_long_to_align_are_compared_place_by_place() -> None:
    found = changes({"list": [*range(1500)]}, {"list": [*range(1, 1500)]})
    assert (len(found), str(found[0]), str(found[-1])) == (1500, "~ list[0]: 0 => 1", "- list[1499]: 1499")


def test_a_changed_secret_is_never_printed() -> None:
    assert [str(change) for change in changes({"password": SECRET}, {"password": {**SECRET, "ciphertext": "y"}})] == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1, max_size=5), JSON, max_size=3))
def test_what_is_the_same_shows_no_change(value: dict[str, Any]) -> None:
    assert changes(value, json.loads(json.dumps(value))) == []
