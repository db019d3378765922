"""Which services call which by Service Connect: by the addresses that their containers are given."""

from __future__ import annotations

from collections.abc import Mapping

from policies.facts.ecs.container_addresses import addresses_in, texts_of
from policies.facts.ecs.service_connect import Endpoint, Mesh
from policies.facts.stack import StackFacts
from policies.resources.graph import Resource
from policies.resources.outcomes import Undecided, decided, settled
from policies.resources.tokens import SERVICE


def read_calls(facts: StackFacts, mesh: Mesh, service: Resource) -> Mapping[Endpoint, str]:
    """What other services serve that a service's containers are given addresses of, with the address as it is shown.

    Raises NotDecidedError where its containers cannot be read.
    """
    member = mesh.members.get(service.urn)
    if member is None:
        return {}
    served = mesh.served(member.namespace)
    found: dict[Endpoint, str] = {}
    for run in facts.runs_of(service):
        for definition in run.definitions:
            texts = [text for texts in facts.by_container(definition, texts_of).values() for text in texts]
            for address in (address for text in texts for address in addresses_in(text)):
                for endpoint in served.at(address.host, address.port):
                    if endpoint.urn != service.urn:
                        found.setdefault(endpoint, str(address))
    return found


class Calls:
    """Of each service what it calls, and who calls it. Both are read once."""

    def __init__(self, facts: StackFacts, mesh: Mesh) -> None:
        services = facts.graph.of_type(SERVICE)
        self._made = {
            service.urn: decided(lambda service=service: read_calls(facts, mesh, service)) for service in services
        }
        self._callers: dict[str, list[Resource]] = {}
        for service in services:
            made = self._made[service.urn]
            for urn in dict.fromkeys(endpoint.urn for endpoint in made) if not isinstance(made, Undecided) else ():
                self._callers.setdefault(urn, []).append(service)

    def of(self, service: Resource) -> Mapping[Endpoint, str]:
        """What a service calls, with the address as it is shown. Raises NotDecidedError where its containers cannot be read."""
        return settled(self._made[service.urn])

    def callers(self, urn: str) -> tuple[Resource, ...]:
        """The services that are known to call a service."""
        return tuple(self._callers.get(urn, ()))
