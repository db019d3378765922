"""Who calls whom by Service Connect: by the addresses in the containers' variables and configuration."""

from collections.abc import Callable
from typing import Any

from policies.facts.facts import Facts
from policies.resources.graph import Graph
from policies.resources.tokens import SERVICE, TASK_DEFINITION


def test_a_service_is_called_by_those_that_are_given_its_address(
    platform: Callable[[str], list[dict[str, Any]]],
) -> None:
    facts = Facts(Graph.from_records(platform("dev")))
    services = facts.graph.of_type(SERVICE)
    apis = ["datalab-api", "legacy-api", "tracking-api"]
    addresses = [f"http://{name}.dev-itemscout-ns:3000" for name in apis]
    assert {service.name: sorted(facts.calls.of(service).values()) for service in services} == {
        **{api: [] for api in apis}, "gateway": addresses, "api-docs": addresses,
    }  # fmt: skip
    assert {service.name: {caller.name for caller in facts.calls.callers(service.urn)} for service in services} == {
        **{api: {"gateway", "api-docs"} for api in apis}, "gateway": set(), "api-docs": set(),
    }  # fmt: skip


def test_a_caller_whose_containers_are_unknown_calls_nobody_that_is_known(
    platform: Callable[[str], list[dict[str, Any]]], unknown: str
) -> None:
    records = [
        {**record, "outputs": {**record["outputs"], "containerDefinitions": unknown}}
        if record["type"] == TASK_DEFINITION and "gateway" in record["urn"]
        else record
        for record in platform("dev")
    ]
    facts = Facts(Graph.from_records(records))
    named = {service.name: service for service in facts.graph.of_type(SERVICE)}
    assert [caller.name for caller in facts.calls.callers(named["legacy-api"].urn)] == ["api-docs"]
    assert facts.calls.of(named["gateway"]) == {}  # what it serves is not known either: the mesh has lost it
