"""What components say about where their program is changed; what is not of the declared form is left out."""

from typing import Any

import pytest

from policies.facts.clients.places import read_places


def test_the_first_text_that_holds_for_a_value_gets_it(stack: Any) -> None:
    tasks = [{"least": 2, "change": "f:3 tasks.max: {value}"}, {"least": 1.0, "change": "f:2 tasks: { max: {value} }"}]
    stack.add("acme:index:Service", "api", {"name": "dev-api", "budgetPlaces": {"tasks": tasks}})
    places = read_places(stack.graph())["dev-api"]
    assert [places.change("tasks", value) for value in (3, 2, 1, 0)] == [
        "f:3 tasks.max: 3",
        "f:3 tasks.max: 2",
        "f:2 tasks: { max: 1 }",
        None,
    ]
    assert places.change("DB_CONN_LIMIT", 5) == ""


@pytest.mark.parametrize(
    "places",
    [
        "text",
        [],
        {"tasks": "f: {value}"},
        {"tasks": [{"change": "f: {value}"}]},
        {"tasks": [{"least": 1, "change": "two\nlines {value}"}]},
        {"tasks": [{"least": 1, "change": "x" * 500}]},
        {"tasks": [{"least": "1", "change": "f"}, 7]},
    ],
)
def test_what_is_not_of_the_form_says_nothing(stack: Any, places: object) -> None:
    stack.add("acme:index:Service", "api", {"name": "dev-api", "budgetPlaces": places})
    found = read_places(stack.graph()).get("dev-api")
    assert found is None or not any(found.by_key.values())


def test_a_resource_of_aws_declares_none(stack: Any) -> None:
    stack.add("aws:ecs/service:Service", "api", {"name": "dev-api", "budgetPlaces": {}})
    assert read_places(stack.graph()) == {}
