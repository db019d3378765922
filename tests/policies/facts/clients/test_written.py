"""A number that a container states is written otherwise, in whatever form it stands there."""

import json
from typing import Any

import pytest

from policies.facts.clients.written import changed, written
from policies.facts.facts import Facts


def restated(stack: Any, container: dict[str, Any], name: str, old: int, new: int) -> Any:
    definition = stack.definition("api")
    stack.change(definition, containerDefinitions=json.dumps([{"name": "app", **container}]))
    facts = Facts(stack.graph())
    texts = written(facts, facts.runs[0])
    done = texts.restate("app", name, old, new)
    (resource,) = texts.resources()
    (after,) = json.loads(str(resource.props["containerDefinitions"]))
    return {key: value for key, value in after.items() if key != "name"} if done else None


@pytest.mark.parametrize(
    ("container", "name", "after"),
    [
        ({"environment": [{"name": "N", "value": "8"}]}, "N", {"environment": [{"name": "N", "value": "3"}]}),
        ({"environment": [{"name": "N", "value": "80"}]}, "N", None),
        (
            {"environment": [{"name": "URL", "value": "mysql://h/d?pool=8&x=8"}]},
            "pool of URL",
            {"environment": [{"name": "URL", "value": "mysql://h/d?pool=3&x=8"}]},
        ),
        (
            {"environment": [{"name": "C", "value": '{"max": 8, "min": 8}'}]},
            "max of C",
            {"environment": [{"name": "C", "value": '{"max": 3, "min": 8}'}]},
        ),
        ({"command": ["puma", "-w", "8", "-t", "8"]}, "-w", {"command": ["puma", "-w", "3", "-t", "8"]}),
        ({"command": ["puma", "--workers=8"]}, "--workers", {"command": ["puma", "--workers=3"]}),
        ({"command": ["gunicorn", "-w8"]}, "-w", {"command": ["gunicorn", "-w3"]}),
        ({"command": ["sh", "-c", "exec uvicorn --workers 8"]}, "--workers", {"command": ["sh", "-c", "exec uvicorn --workers 3"]}),
        ({"entryPoint": ["java", "-Dpool.size=8"]}, "pool.size", {"entryPoint": ["java", "-Dpool.size=3"]}),
        ({"command": ["app", "--other-workers=8"]}, "--workers", None),
    ],
)  # fmt: skip
def test_a_number_is_restated_in_its_form(
    stack: Any, container: dict[str, Any], name: str, after: dict[str, Any] | None
) -> None:
    assert restated(stack, container, name, 8, 3) == after


def test_a_value_at_a_path_is_changed_and_the_rest_is_kept(stack: Any) -> None:
    urn = stack.add("aws:x/y:Y", "y", {"a": {"b": [1, {"c": 2}], "d": 3}})
    resource = stack.graph().get(urn)
    assert changed(resource, ("a", "b", 1, "c"), 9).props == {"a": {"b": [1, {"c": 9}], "d": 3}}
    assert changed(resource, ("a", "b", 2), 9).props["a"] == {"b": [1, {"c": 2}, 9], "d": 3}
    assert changed(resource, ("new", "e"), 9).props["new"] == {"e": 9}
