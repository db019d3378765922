"""DNS records: what they are called, with the name of their zone."""

from __future__ import annotations

from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Present
from policies.resources.reading import read_text
from policies.resources.references import references


def name_of_record(graph: Graph, record: Resource) -> tuple[str, bool]:
    """The name of a record in small letters, empty where it is not known, and whether it is whole.

    A name without its zone's is relative to it; whether it is can be known only where the zone is of the stack.
    """
    name = read_text(record, "name")
    host = name.value.rstrip(".").lower() if isinstance(name, Present) else ""
    for zone in graph.held(references(graph, record, tokens.DNS_ZONE, "zoneId").keys) if host else ():
        domain = read_text(zone, "name")
        if isinstance(domain, Present):
            parent = domain.value.rstrip(".").lower()
            return host if f".{host}".endswith(f".{parent}") else f"{host}.{parent}", True
    return host, False
