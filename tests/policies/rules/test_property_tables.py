"""Tables of properties: what is fine, what is refused, what is not set, and what is not known."""

from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.resources.graph import Graph, PlainResource
from policies.rules.policy import PolicySpec
from policies.rules.property_tables import Wanted, by_table, off, on, where
from policies.rules.rule import Stack, checked
from tests.policies.mutations.changes import UNKNOWN

KIND = "aws:x/y:Z"
SPEC = PolicySpec(name="a", what="", why="Why.", severity="low", how_to_fix="Fix.", url="")
MODE = Wanted(path=("mode",), refused=frozenset({"open"}), required="closed")


def reported(wanted: Wanted, props: dict[str, Any], **made_from: tuple[str, ...]) -> list[str]:
    resource = PlainResource(type=KIND, urn="urn", name="z", props=props, property_dependencies=made_from)
    stack = Stack(facts=Facts(Graph([resource])), stage="prd", spec=SPEC)
    found = checked(SPEC, [resource], lambda held: by_table({KIND: (wanted,)})(stack, held))
    return [finding.message.removesuffix(" Why. Fix.").removesuffix(". Why. Fix.") for finding in found]


@pytest.mark.parametrize(
    ("wanted", "props", "expected"),
    [
        (on("a"), {"a": True}, []),
        (on("a"), {"a": "true"}, []),
        (on("a"), {"a": False}, ["z: a is false. Required: true."]),
        (on("a"), {}, ["z: a is not set. Required: true."]),
        (on("a", default="true"), {}, []),
        (on("a", default=None), {}, []),
        (on("a"), {"a": UNKNOWN}, ["z: a is not set. Required: true."]),  # AWS computes it
        (off("a"), {"a": True}, ["z: a is true. Required: false."]),
        (off("a"), {}, []),
        (on("a", "b", within=("a",)), {}, []),
        (on("a", "b", within=("a",)), {"a": {}}, ["z: a.b is not set. Required: true."]),
        (on("a", "*", "b"), {"a": [{"b": True}, {}]}, ["z: a[1].b is not set. Required: true."]),
        (on("a", "*", "b", "c"), {"a": [{"b": {"c": False}}]}, ["z: a[0].b.c is false. Required: true."]),
        (Wanted(path=("a", "*"), values=frozenset({"x", "y"})), {"a": ["X", "z"]}, ["z: a[1] is z. Required: x or y."]),
        (MODE, {"mode": "Open"}, ["z: mode is open. Required: closed."]),
        (MODE, {"mode": "half"}, []),
        (MODE, {}, []),
        (where("engine", "x y", on("a")), {"engine": "X"}, ["z: a is not set. Required: true."]),
        (where("engine", "x y", on("a")), {"engine": "z"}, []),
        (where("engine", "x y", on("a")), {}, []),
    ],
)
def test_values(wanted: Wanted, props: dict[str, Any], expected: list[str]) -> None:
    assert reported(wanted, props) == expected


def test_what_is_made_from_another_resource_is_undecided() -> None:
    assert "undecided at preview: a of urn" in reported(on("a"), {"a": UNKNOWN}, a=("urn:other",))[0]
