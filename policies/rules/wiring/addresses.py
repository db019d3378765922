"""The policy `address-as-named`: a variable that is called after a service holds that service's address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.facts.ecs.container_addresses import addresses_in, texts_of
from policies.resources.graph import Resource
from policies.resources.tokens import HTTP_NAMESPACE, SERVICE
from policies.rules.rule import Problem, Stack, container_policy


@container_policy(
    what="A variable that is called after a service holds that service's address.",
    why="The other service answers, too: with 404, or with what nobody asked for.",
    severity="high",
    how_to_fix="Give the variable the address of the service that it is called after, or rename it.",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts.html",
    also=(SERVICE, HTTP_NAMESPACE),
)
def address_as_named(stack: Stack, _: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    names = stack.facts.names
    served = stack.facts.mesh.served().by_host
    for text in texts_of(container):
        meant = names.within(text.where) & names.services
        for address in addresses_in(text) if meant and not text.where.startswith("the ") else ():
            at_host = served.get(address.host)
            service = stack.graph.get(at_host[-1].urn) if at_host else None
            if service is not None and not names.agree(meant, names.of(service)):
                yield Problem(
                    f"{text.where} is {address}, which {service.name} serves",
                    f"{' and '.join(sorted(meant))}'s address",
                )
