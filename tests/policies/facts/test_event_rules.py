"""What a pattern of EventBridge lets through, alternatives written out, as EventBridge's own documentation has it."""

import json
from typing import Any

import pytest

from policies.facts.event_rules import EventPattern, read_event_rules
from policies.resources import tokens
from policies.resources.outcomes import settled


def pattern(stack: Any, written: object) -> EventPattern:
    urn = stack.add(tokens.EVENT_RULE, "rule", {"eventPattern": json.dumps(written)})
    found = settled(read_event_rules(stack.graph())[urn].pattern)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("asked", "admitted", "refused"),
    [
        (["main"], "main", "Main"),
        ([None, 5, "main"], "main", "5"),
        ([{"prefix": "ma"}], "main", "dev"),
        ([{"prefix": {"equals-ignore-case": "MA"}}], "main", "dev"),
        ([{"suffix": "in"}], "main", "maine"),
        ([{"equals-ignore-case": "MAIN"}], "main", "mains"),
        ([{"wildcard": "release/*/[x]"}], "release/1/[x]", "release/1/x"),
        ([{"anything-but": "dev"}], "main", "dev"),
        ([{"anything-but": ["dev", 5]}], "main", "dev"),
        ([{"anything-but": {"prefix": ["d", "e"]}}], "main", "dev"),
        ([{"anything-but": {"wildcard": "*/x"}}], "main", "dev/x"),
        ([{"exists": True}], "main", None),
        ([{"exists": False}, "dev"], "dev", "main"),
        ([{"numeric": [">", 0]}, {"cidr": "10.0.0.0/8"}, "dev"], "dev", "10.0.0.1"),
    ],
)
def test_values_and_filters(stack: Any, asked: list[object], admitted: str, refused: str | None) -> None:
    found = pattern(stack, {"detail": {"name": asked}})
    assert list(found.hearing({("detail", "name"): admitted}))
    assert refused is None or not list(found.hearing({("detail", "name"): refused}))


def test_alternatives_are_written_out_with_what_stands_beside_them(stack: Any) -> None:
    found = pattern(stack, {"source": ["a"], "detail": {"$or": [{"x": ["1"]}, {"y": {"z": ["2"]}}], "w": ["3"]}})
    beside = {("source",): ("a",), ("detail", "w"): ("3",)}
    assert found.alternatives == (
        {**beside, ("detail", "x"): ("1",)},
        {**beside, ("detail", "y", "z"): ("2",)},
    )
