"""The policy `outside-by-tls`: what a task sends to the internet goes by TLS."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policies.facts.ecs.container_addresses import addresses_in, texts_of
from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Present
from policies.resources.reading import read_text
from policies.resources.tokens import DNS_RECORD, DNS_ZONE, NAMESPACES
from policies.rules.policy import setting
from policies.rules.rule import Problem, Stack, container_policy

_PUBLIC = re.compile(r"(?:[a-z0-9-]+\.)+(?:com|net|org|edu|gov|info|biz|io|ai|app|cloud|co\.[a-z]{2}|[a-z]{2})")
"""Names under top-level domains that no private network is called by: the general ones, and those of countries."""


@container_policy(
    what="What a task sends to the internet goes by TLS.",
    why="On its way everybody reads it, keys and customers' data included, and may answer in its place.",
    severity="high",
    how_to_fix="Write https:// or wss://.",
    url="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/protecting-data-in-transit.html",
    settings=(setting("plain", (), "Hosts that have no TLS and get nothing that is secret."),),
    also=(*NAMESPACES, DNS_ZONE, DNS_RECORD),
)
def outside_by_tls(stack: Stack, _: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    for text in texts_of(container):
        for address in addresses_in(text):
            host = address.host
            if address.encrypted is not False or host in stack.texts("plain") or not _PUBLIC.fullmatch(host):
                continue
            if text.value.lower().startswith(f"{address.scheme}://") and not f".{host}".endswith(_inside(stack.graph)):
                yield Problem(f"{text.where} is {address}", "TLS")


@per_graph
def _inside(graph: Graph) -> tuple[str, ...]:
    """The ends of names that the stack's own DNS or Service Connect answers."""
    named = (read_text(item, "name") for item in graph.of_type(*NAMESPACES, DNS_ZONE, DNS_RECORD))
    names = (item.value.rstrip(".").lower() for item in named if isinstance(item, Present))
    return tuple(f".{name}" for name in (*names, "amazonaws.com", "w3.org"))
