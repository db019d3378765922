"""Leaves: what a path with asterisks names, each with where it stands, and where on the way something cannot be read."""

from policies.resources.graph import UNKNOWNS, PlainResource
from policies.resources.outcomes import Present, Undecided, unknown_at_preview
from policies.rules.wiring.leaves import Leaf, leaves

UNKNOWN = next(iter(UNKNOWNS))
ACTIONS = ("stages", "*", "actions", "*", "configuration", "Name")


def found(props: dict[str, object], *path: str) -> list[Leaf]:
    return list(leaves(PlainResource(type="t", urn="u", name="n", props=props), path))


def test_each_item_of_lists_and_objects_is_named_with_its_place() -> None:
    stages: list[object] = [
        {"actions": [{"configuration": {"Name": "one"}}, {"configuration": {}}]},
        {"actions": [{"configuration": {"Name": ["two", "three"]}}]},
        {},
    ]
    assert found({"stages": stages}, *ACTIONS) == [
        ("stages[0].actions[0].configuration.Name", Present("one")),
        ("stages[1].actions[0].configuration.Name[0]", Present("two")),
        ("stages[1].actions[0].configuration.Name[1]", Present("three")),
    ]
    assert found({"dimensions": {"a": "x", "b": "y"}}, "dimensions", "*") == [
        ("dimensions.a", Present("x")),
        ("dimensions.b", Present("y")),
    ]
    assert found({"name": "api", "one": {"two": 2}}, "one", "two") == [("one.two", Present(2))]
    assert found({"name": "api"}, "name", "*") == []


def test_what_cannot_be_read_on_the_way_is_reported_once_with_its_whole_place() -> None:
    assert found({"stages": UNKNOWN}, *ACTIONS) == [("stages", unknown_at_preview("stages"))]
    assert found({"stages": [{"actions": UNKNOWN}, {"actions": [UNKNOWN]}]}, *ACTIONS) == [
        ("stages[0].actions", unknown_at_preview("stages[0].actions")),
        ("stages[1].actions[0].configuration.Name", unknown_at_preview("stages[1].actions[0]")),
    ]
    assert found({"stages": ["x"]}, *ACTIONS) == [
        ("stages[0].actions", Undecided("stages[0]", "is a string, an object is required"))
    ]


def test_paths_that_begin_alike_are_read_from_the_same_items() -> None:
    resource = PlainResource(type="t", urn="u", name="n", props={"rules": [{"a": "1", "b": "2"}]})
    assert [*leaves(resource, ("rules", "*", "a")), *leaves(resource, ("rules", "*", "b"))] == [
        ("rules[0].a", Present("1")),
        ("rules[0].b", Present("2")),
    ]
