"""Who calls whom by Service Connect."""

from __future__ import annotations

from typing import Any

from policies.facts.facts import Facts
from policies.resources.tokens import SERVICE


def test_a_service_is_called_by_those_that_are_given_its_address(platform: Any) -> None:
    graph = platform()
    facts = Facts(graph)
    called = {service.name: sorted(facts.calls.of(service).values()) for service in graph.of_type(SERVICE)}
    callers = {
        service.name: [caller.name for caller in facts.calls.callers(service.urn)] for service in graph.of_type(SERVICE)
    }
    assert (called, callers) == ({}, {})
