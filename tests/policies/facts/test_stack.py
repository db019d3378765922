"""Facts are read once, and a stack that grows reads again only what its new resource may change."""

import json
from typing import Any

import pytest

from policies.facts.stack import StackFacts
from policies.resources import tokens
from policies.resources.graph import PlainResource
from policies.resources.outcomes import Undecided, decided


def test_a_fact_is_read_once(shop: Any) -> None:
    facts = StackFacts(shop.graph())
    assert facts.databases is facts.databases
    assert facts.runs is facts.runs
    definition = facts.graph.of_type(tokens.TASK_DEFINITION)[0]
    assert facts.containers(definition) is facts.containers(definition)


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        (tokens.TASK_DEFINITION, {"databases", "doors", "openings"}),
        (tokens.INGRESS_RULE, set[str]()),
        (tokens.PARAMETER_GROUP, {"openings"}),
        (tokens.PREFIX_LIST, {"databases"}),
    ],
)
def test_a_grown_stack_keeps_what_its_new_resource_cannot_change(shop: Any, kind: str, kept: set[str]) -> None:
    facts = StackFacts(shop.graph())
    before = {"databases": facts.databases, "doors": facts.doors, "openings": facts.openings, "runs": facts.runs}
    grown = facts.with_resource(PlainResource(type=kind, urn="urn:new", name="new", props={}))
    assert grown.graph.get("urn:new") is not None
    assert facts.graph.get("urn:new") is None
    assert {name for name in before if getattr(grown, name) is before[name]} == kept


def test_what_follows_from_one_resource_is_read_again_only_if_it_changes(shop: Any) -> None:
    facts = StackFacts(shop.graph())
    old = facts.graph.get(shop.urn(tokens.TASK_DEFINITION, "dev-gateway"))
    before = facts.containers(old)
    assert facts.with_resource(PlainResource(type="t", urn="u", name="n", props={})).containers(old) is before
    new = PlainResource(type=old.type, urn=old.urn, name=old.name, props={"containerDefinitions": json.dumps([])})
    grown = facts.with_resource(new)
    assert grown.graph.of_type(old.type)[-2:] != (old,)
    assert grown.containers(new) == ()


def test_what_cannot_be_read_is_undecided_each_time(stack: Any) -> None:
    urn = stack.add(tokens.TASK_DEFINITION, "web", {"containerDefinitions": "[3]"})
    facts = StackFacts(stack.graph())
    definition = facts.graph.get(urn)
    assert definition is not None
    for _ in range(2):
        assert decided(lambda: facts.containers(definition)) == Undecided(
            "containerDefinitions[0]", "is not an object", definition
        )
