"""Reading properties: present, absent, undecided, wrong types, secrets, JSON documents."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.resources.graph import UNKNOWNS, Graph, PlainResource
from policies.resources.outcomes import (
    Absent,
    NotDecidedError,
    Present,
    Undecided,
    decided,
    is_unknown,
    unknown_at_preview,
)
from policies.resources.reading import (
    optional,
    read,
    read_flag,
    read_integer,
    read_json,
    read_list,
    read_map,
    read_text,
    refuse,
    required,
    text_or,
)

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "value": "hidden"}
OUTPUT = {SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4"}


@pytest.fixture
def props(unknown: str) -> Mapping[str, Any]:
    return {
        "text": "a",
        "number": 5.0,
        "digits": "60",
        "half": 1.5,
        "flag": True,
        "null": None,
        "unknown": unknown,
        "nested": {"list": [{"key": "deep"}, unknown]},
        "secret": SECRET,
        "output": OUTPUT,
        "json": '{"a": [1]}',
        "broken": "{",
        "half-known": f'{{"a": "{unknown}"}}',
    }


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("text",), Present("a")),
        (("nested", "list", 0, "key"), Present("deep")),
        (("nested", "list", 1), unknown_at_preview("nested.list[1]")),
        (("nested", "list", 1, "key"), unknown_at_preview("nested.list[1]")),
        (("nested", "list", 2), Absent("nested.list[2]")),
        (("nested", "list", "key"), Undecided("nested.list", "is a list, an object is required")),
        (("nested", 0), Undecided("nested", "is an object, a list is required")),
        (("text", "key"), Undecided("text", "is a string, an object is required")),
        (("number", 0), Undecided("number", "is a number, a list is required")),
        (("missing", "key"), Absent("missing")),
        (("null",), Absent("null")),
        (("unknown", "key"), unknown_at_preview("unknown")),
        (("secret",), Present("hidden")),
        (("output",), unknown_at_preview("output")),
    ],
)
def test_a_path_is_present_absent_or_undecided(
    props: Mapping[str, Any], path: tuple[Any, ...], expected: object
) -> None:
    assert read(props, *path) == expected


@pytest.mark.parametrize(
    ("reader", "key", "expected"),
    [
        (read_text, "text", Present("a")),
        (read_text, "number", Undecided("number", "is a number, a string is required")),
        (read_integer, "number", Present(5)),
        (read_integer, "digits", Present(60)),
        (read_integer, "half", Undecided("half", "is a number, an integer is required")),
        (read_integer, "text", Undecided("text", "is a string, an integer is required")),
        (read_integer, "flag", Undecided("flag", "is a boolean, an integer is required")),
        (read_flag, "flag", Present(True)),
        (read_flag, "text", Undecided("text", "is a string, a boolean is required")),
        (read_list, "nested", Undecided("nested", "is an object, a list is required")),
        (read_map, "nested", Present({"list": [{"key": "deep"}, "04da6b54-80e4-46f7-96ec-b56ff0331ba9"]})),
        (read_map, "text", Undecided("text", "is a string, an object is required")),
        (read_json, "json", Present({"a": [1]})),
        (
            read_json,
            "broken",
            Undecided("broken", "is not JSON: Expecting property name enclosed in double quotes at line 1 column 2"),
        ),
        (read_json, "half-known", unknown_at_preview("half-known")),
        (read_json, "number", Undecided("number", "is a number, a string is required")),
        (read_json, "missing", Absent("missing")),
    ],
)
def test_a_type_is_required(
    props: Mapping[str, Any], reader: Callable[..., object], key: str, expected: object
) -> None:
    assert reader(props, key) == expected


@pytest.mark.parametrize("reader", [read_text, read_integer, read_flag, read_list, read_map, read_json])
@pytest.mark.parametrize(("key", "kind"), [("unknown", Undecided), ("missing", Absent), ("null", Absent)])
def test_every_reader_tells_unknown_from_absent(
    props: Mapping[str, Any], reader: Callable[..., object], key: str, kind: type
) -> None:
    assert isinstance(reader(props, key), kind)


def test_all_seven_sentinels_are_unknown() -> None:
    assert len(UNKNOWNS) == 7
    assert all(is_unknown(value) for value in UNKNOWNS)
    assert not is_unknown("text")


def test_required_and_optional_give_up_through_decided() -> None:
    assert required(Present(1)) == 1
    assert optional(Absent("a"), 2) == 2
    assert decided(lambda: required(Absent("a"))) == Undecided("a", "is absent, a value is required")
    assert decided(lambda: optional(Undecided("a", "is odd"), 2)) == Undecided("a", "is odd")
    assert decided(lambda: 3) == 3
    with pytest.raises(NotDecidedError, match="is odd"):
        refuse("a", "is odd")
    assert text_or(Undecided("a", "is odd"), "default") == "default"


def test_an_undecided_property_names_its_resource() -> None:
    resource = PlainResource(type="t", urn="urn:x", name="x", props={})
    assert unknown_at_preview("a").of(resource) == "undecided at preview: a of urn:x"
    assert Undecided("a", "is odd").of(resource) == "undecided: a of urn:x is odd"


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (("sqs/queue:Queue::q",), "aws:sqs/queue:Queue q gives only once it exists: {}"),
        (
            ("rds/instance:Instance::db",),
            "aws:rds/instance:Instance db gives only once it exists: {} (for a database's address a name in a private DNS zone)",
        ),
        (
            (
                "sqs/queue:Queue::a",
                "sqs/queue:Queue::b",
                "sqs/queue:Queue::c",
                "ssm/parameter:Parameter::d",
                "ecr/repository:Repository::e",
            ),
            "aws:ecr/repository:Repository e, aws:sqs/queue:Queue a, aws:sqs/queue:Queue b and 2 more give only once they exist: {} "
            "(for a repository's URL ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME; for a secret's ARN one of account, region and name)",
        ),
    ],
)
def test_an_unknown_property_names_what_it_was_made_from_and_what_to_pass_instead(
    names: tuple[str, ...], shown: str
) -> None:
    urns = tuple(f"urn:pulumi:dev::shop::app:Database$aws:{name}" for name in names)
    resource = PlainResource(type="t", urn="urn:x", name="x", props={}, property_dependencies={"a": urns})
    assert unknown_at_preview("a[0].b").of(resource) == (
        f"undecided at preview: a[0].b of urn:x, made from what {shown.format('pass on what the program chooses or computes itself')}"
    )
    assert unknown_at_preview("b").of(resource) == "undecided at preview: b of urn:x"


values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.sampled_from(sorted(UNKNOWNS)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", SIGNATURE]), inner, max_size=3)
    ),
    max_leaves=10,
)
steps = st.lists(st.sampled_from(["a", "b", 0, 1]), min_size=1, max_size=4)


@given(st.dictionaries(st.sampled_from(["a", "b"]), values), steps)
def test_no_reader_ever_raises(properties: dict[str, Any], path: list[Any]) -> None:
    for reader in (read, read_text, read_integer, read_flag, read_list, read_map, read_json):
        assert isinstance(reader(properties, *path), (Present, Absent, Undecided))


def test_a_graph_from_records_shows_outputs_over_inputs() -> None:
    urn = "urn:pulumi:dev::shop::t::thing"
    record = {
        "type": "t",
        "urn": urn,
        "inputs": {"a": 1, "b": 1},
        "outputs": {"b": 2},
        "property_dependencies": {"a": ["urn:y"]},
    }
    graph = Graph.from_records([record, {"type": "t", "urn": "urn:z"}])
    thing = graph.get(urn)
    assert (thing.name, thing.props, thing.property_dependencies) == ("thing", {"a": 1, "b": 2}, {"a": ("urn:y",)})
    assert [resource.urn for resource in graph.of_type("t")] == [urn, "urn:z"]
    assert len(graph) == 2
