"""Property tables: names, conversions, refusals."""

from typing import Any

import pytest

from offline.aws.handler import AwsInputError, Recorded
from offline.aws.mapping import (
    Convert,
    Shape,
    attribute,
    camel,
    decimal,
    differs,
    each,
    enabled,
    joined,
    listed,
    pairs,
    pascal,
    text,
    whole,
    wrapped,
)

STEP = pascal("scalingAdjustment", metricIntervalLowerBound=decimal)


@pytest.mark.parametrize(
    ("shape", "value", "request_member"),
    [
        (camel("portName"), {"portName": "p"}, {"portName": "p"}),
        (pascal("minCapacity"), {"minCapacity": 0}, {"MinCapacity": 0}),
        (camel(elbName="loadBalancerName"), {"elbName": "x"}, {"loadBalancerName": "x"}),
        (pascal(assignPublicIp=enabled), {"assignPublicIp": False}, {"AssignPublicIp": "DISABLED"}),
        (
            pascal(items=("Entries", each(STEP))),
            {"items": [{"scalingAdjustment": 1}]},
            {"Entries": [{"ScalingAdjustment": 1}]},
        ),
        (camel(one=listed(camel("a"))), {"one": {"a": 1}}, {"one": [{"a": 1}]}),
        (camel(net=wrapped("vpc", camel("a"))), {"net": {"a": 1}}, {"net": {"vpc": {"a": 1}}}),
        (
            camel(tags=pairs("key", "value")),
            {"tags": {"b": "2", "a": "1"}},
            {"tags": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]},
        ),
        (camel(minutes=whole), {"minutes": "5"}, {"minutes": 5}),
        (attribute("rawMessageDelivery"), {"rawMessageDelivery": True}, {"RawMessageDelivery": "true"}),
        (
            attribute("policy", delay="DelaySeconds"),
            {"delay": 5, "policy": "{}"},
            {"DelaySeconds": "5", "Policy": "{}"},
        ),
        (joined(camel("a"), pascal("b")), {"a": 1, "b": 2}, {"a": 1, "B": 2}),
        (camel("a b"), {"a": None, "b": False}, {"b": False}),
    ],
)
def test_a_value_as_a_request_member(shape: Shape, value: dict[str, Any], request_member: dict[str, Any]) -> None:
    assert shape("aws:x", value) == request_member


def test_a_property_that_the_table_does_not_list_is_refused_by_place_and_name() -> None:
    nested = camel(steps=each(STEP))
    with pytest.raises(AwsInputError) as caught:
        nested("aws:appautoscaling/policy:Policy", {"steps": [{"scalingAdjustment": 1}, {"speed": 2}]})
    assert caught.value.problems == (
        'aws:appautoscaling/policy:Policy.steps[1]: the offline AWS does not send the property "speed"; '
        "known are metricIntervalLowerBound, scalingAdjustment.",
    )


@pytest.mark.parametrize(
    ("convert", "value", "message"),
    [
        (whole, "soon", "x must be a number; found 'soon'."),
        (decimal, [], "x must be a number; found []."),
        (STEP, "text", "x must be an object; found 'text'."),
    ],
)
def test_a_value_of_the_wrong_form(convert: Convert, value: Any, message: str) -> None:
    with pytest.raises(AwsInputError) as caught:
        convert("x", value)
    assert str(caught.value) == message


def test_the_members_of_one_request_are_taken_from_all_inputs() -> None:
    shape = camel("a b")
    assert shape.of("x", {"a": 1, "b": 2, "other": 3}, leave_out=frozenset({"b"})) == {"a": 1}
    assert shape.names == {"a", "b"}


def test_whether_a_property_of_a_table_changed() -> None:
    old = Recorded(id="i", inputs={"a": 1, "other": 1}, outputs={})
    assert not differs(old, {"a": 1, "other": 2}, camel("a b"))
    assert differs(old, {"a": 1, "b": 0}, camel("a b"))


@pytest.mark.parametrize(
    ("value", "attribute_text"), [("x", "x"), (5, "5"), (False, "false"), ({"b": 1, "a": [2]}, '{"a":[2],"b":1}')]
)
def test_attribute_text(value: Any, attribute_text: str) -> None:
    assert text("x", value) == attribute_text
