"""What a program asked for: an unknown made from other resources is one, an unknown made from nothing is AWS's choice."""

from typing import Any

from policies.resources.graph import PlainResource
from policies.resources.outcomes import Absent, Present, Undecided, unknown_at_preview
from policies.resources.requested import asked_flag, asked_integer, asked_json, asked_list, asked_map, asked_text


def resource(stack: Any, props: dict[str, Any], **dependencies: tuple[str, ...]) -> Any:
    urn = stack.add("t", "r", props, **dependencies)
    return stack.graph().get(urn)


def test_an_unknown_made_from_nothing_is_left_to_aws(stack: Any, unknown: str) -> None:
    found = resource(stack, {"a": unknown})
    for read in (asked_flag, asked_text, asked_integer, asked_list, asked_map, asked_json):
        assert read(found, "a") == Absent("a")
        assert read(found, "a", "b") == Absent("a")


def test_an_unknown_made_from_a_resource_is_undecided(stack: Any, unknown: str) -> None:
    found = resource(stack, {"a": unknown}, a=("urn:1",))
    assert asked_flag(found, "a") == unknown_at_preview("a")


def test_an_unknown_inside_what_the_program_gave_is_undecided(stack: Any, unknown: str) -> None:
    found = resource(stack, {"a": {"b": unknown}, "c": f"x{unknown}"})
    assert asked_flag(found, "a", "b") == unknown_at_preview("a.b")
    assert asked_json(found, "c") == Absent("c")


def test_what_aws_answered_beside_what_was_asked_for_is_left_to_aws(stack: Any, unknown: str) -> None:
    found = resource(stack, {"a": True, "b": {"c": 7}, "d": unknown})
    of_program = PlainResource.like(found, asks=frozenset({"a", "d"}))
    assert (asked_flag(of_program, "a"), asked_flag(PlainResource.like(found), "a")) == (Present(True), Present(True))
    assert (asked_integer(of_program, "b", "c"), asked_integer(found, "b", "c")) == (Absent("b"), Present(7))
    assert asked_text(of_program, "d") == Absent("d")


def test_the_tags_by_the_providers_default_are_asked_for(stack: Any, unknown: str) -> None:
    found = PlainResource.like(resource(stack, {"tagsAll": {"Owner": "a"}}), asks=frozenset({"name"}))
    assert asked_text(found, "tagsAll", "Owner") == Present("a")
    assert asked_map(PlainResource.like(found, props={"tagsAll": unknown}), "tagsAll") == Absent("tagsAll")


def test_what_is_known_is_read_as_it_is(stack: Any) -> None:
    found = resource(stack, {"a": True, "b": {"c": "7"}, "d": [1], "e": "{}"})
    assert asked_flag(found, "a") == Present(True)
    assert asked_integer(found, "b", "c") == Present(7)
    assert asked_list(found, "d") == Present([1])
    assert asked_json(found, "e") == Present({})
    assert asked_text(found, "a") == Undecided("a", "is a boolean, a string is required")
    assert asked_text(found, "z") == Absent("z")
