"""The namespace of AWS Cloud Map in which a service takes part in Service Connect: its own, or the default of its cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Absent, NotDecidedError, Present, Step, Undecided
from policies.resources.reading import read, read_text, refuse, required
from policies.resources.references import references
from policies.resources.tokens import CLOUD_MAP_SERVICE, CLUSTER, DNS_NAMESPACES, NAMESPACES

_OWN = ("serviceConnectConfiguration", "namespace")
_DEFAULT = ("serviceConnectDefaults", "namespace")
"""Amazon ECS API Reference, ClusterServiceConnectDefaultsRequest: for services that name none."""


def namespace_of(graph: Graph, service: Resource) -> str:
    """The name of a service's namespace. Raises NotDecidedError."""
    if not isinstance(read(service, *_OWN), Absent):
        return _named(graph, service, _OWN)
    clusters = [graph.get(key) for key in references(graph, service, CLUSTER, "cluster").keys]
    cluster = clusters[0] if len(clusters) == 1 else None
    if cluster is None or isinstance(read(cluster, *_DEFAULT), Absent):
        refuse(".".join(_OWN), "is absent: name the namespace")
    try:
        return _named(graph, cluster, _DEFAULT)
    except NotDecidedError as error:
        raise NotDecidedError(replace(error.undecided, owner=error.undecided.owner or cluster)) from None


def _named(graph: Graph, holder: Resource, path: tuple[Step, ...]) -> str:
    """The name of the namespace, of any kind that Service Connect takes, that a property names by name or ARN."""
    where = ".".join(map(str, path))
    unclear: Undecided | None = None
    named: set[str] = set()
    for kind in NAMESPACES:
        found = references(graph, holder, kind, *path)
        unclear = unclear or found.undecided
        named |= found.keys
    own = [resource for key in sorted(named) if (resource := graph.get(key)) is not None]
    if len(own) == 1:
        return required(read_text(own[0], "name"))
    if unclear is not None:
        raise NotDecidedError(unclear)
    if own or len(named) != 1:
        refuse(where, "names no single namespace: name the one")
    (key,) = named
    if key.startswith("arn:"):
        refuse(where, "is the ARN of a namespace outside of this stack: give its name")
    return key


def namespace_names(graph: Graph) -> frozenset[str]:
    """The names of the stack's namespaces, as far as they are known."""
    names = (read_text(resource, "name") for resource in graph.of_type(*NAMESPACES))
    return frozenset(name.value for name in names if isinstance(name, Present))


def hosts_in_dns(graph: Graph) -> Iterator[str]:
    """The hosts that Cloud Map's services have in DNS, as far as they are known."""
    for service in graph.of_type(CLOUD_MAP_SERVICE):
        name = read_text(service, "name")
        for path in (("dnsConfig", "namespaceId"), ("namespaceId",)):
            for kind in DNS_NAMESPACES:
                for key in references(graph, service, kind, *path).keys:
                    holder = graph.get(key)
                    domain = read_text(holder, "name") if holder is not None else None
                    if isinstance(name, Present) and isinstance(domain, Present):
                        yield f"{name.value}.{domain.value}"
