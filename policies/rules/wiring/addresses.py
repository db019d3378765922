"""The policy `address-as-named`: a variable that is called after a service holds that service's address, by its name."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator, Mapping

from policies.facts.ecs.container_addresses import Address, Text, addresses_in, texts_of
from policies.facts.ecs.stated.database_variables import place_of
from policies.resources.graph import Resource
from policies.resources.tokens import CLUSTER, DB_CLUSTER, DB_INSTANCE, NAMESPACES, SERVICE
from policies.rules.rule import Problem, Stack, container_policy

_ITSELF = frozenset({"localhost", "0.0.0.0"})


@container_policy(
    what="A variable that is called after a service holds that service's address, and a database is named by its name.",
    why="The other service answers, too: with 404, or with what nobody asked for; an address of a task is another's tomorrow.",
    severity="high",
    how_to_fix="Give the variable the name of the service that it is called after, or rename it.",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts.html",
    also=(SERVICE, CLUSTER, *NAMESPACES, DB_INSTANCE, DB_CLUSTER),
)
def address_as_named(stack: Stack, definition: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    names = stack.facts.names
    own = names.of(definition)
    served = stack.facts.mesh.served().by_host
    for text in texts_of(container):
        if text.where.startswith("the "):
            continue
        meant = names.within(text.where) & names.services
        for address in addresses_in(text) if meant else ():
            whose = " and ".join(sorted(meant))
            at_host = served.get(address.host)
            service = stack.graph.get(at_host[-1].urn) if at_host else None
            if service is not None and not names.agree(meant, names.of(service)):
                yield Problem(f"{text.where} is {address}, which {service.name} serves", f"{whose}'s address")
            elif not names.agree(own, meant) and _itself(stack, definition, container, address):
                yield Problem(f"{text.where} is {address}, which is the task itself", f"{whose}'s address")
            elif _elsewhere(address.host):
                yield Problem(
                    f"{text.where} is {address}, an address that is another task's after each start", f"{whose}'s name"
                )
        yield from _database(stack, text)


def _database(stack: Stack, text: Text) -> Iterator[Problem]:
    """A database of the stack that is named by an address: a failover and a restore change it."""
    if place_of(text.where) == () and stack.facts.databases and _private(text.value.strip().partition(":")[0]):
        yield Problem(
            f"{text.where[:60]} is {text.value.strip()[:40]}, an address that a failover changes",
            "the database's endpoint, or its name in the stack's zone",
        )


def _ip(host: str) -> ipaddress.IPv4Address | None:
    try:
        return ipaddress.IPv4Address(host)
    except ValueError:
        return None


def _elsewhere(host: str) -> bool:
    """Whether a host is an address that AWS gives a task: no loopback, and not the task's metadata."""
    ip = _ip(host)
    return ip is not None and not (ip.is_loopback or ip.is_link_local or ip.is_unspecified)


def _private(host: str) -> bool:
    ip = _ip(host)
    return ip is not None and ip.is_private and _elsewhere(host)


def _itself(stack: Stack, definition: Resource, container: Mapping[str, object], address: Address) -> bool:
    """Whether an address is the task's own, and no other container of it speaks of the port, as a proxy to the service would."""
    ip = _ip(address.host)
    if address.host not in _ITSELF and (ip is None or not ip.is_loopback):
        return False
    others = [item for item in stack.facts.documents(definition) if item is not container]
    return not re.search(rf"(?<![0-9]){address.port}(?![0-9])", json.dumps(others))
