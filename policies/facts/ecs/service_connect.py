"""Service Connect as a stack declares it: which service takes part in which namespace, and what it serves there to whom.

Every function that reads a property raises NotDecidedError where the property cannot be judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from policies.facts.ecs.namespaces import namespace_of
from policies.facts.ecs.parts.port_mappings import PortMapping, port_mappings
from policies.facts.finding import Finding
from policies.facts.stack import StackFacts
from policies.resources.graph import Resource, grouped
from policies.resources.outcomes import Absent, Reading, Undecided, decided
from policies.resources.reading import (
    name_of,
    optional,
    read,
    read_integer,
    read_list,
    read_text,
    refuse,
    required,
)
from policies.resources.references import task_definitions
from policies.resources.requested import asked_flag, asked_list
from policies.resources.tokens import SERVICE

CONFIGURATION = "serviceConnectConfiguration"
DEFAULT_REQUEST_LIMIT_S = 15
"""Seconds after which Service Connect ends a request where nothing is set (Amazon ECS Developer Guide, Service Connect)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """One entry of services: the name of a port. request_limit, idle_limit: seconds, of a request and of a silent connection."""

    port_name: Reading[str]
    request_limit: Reading[int]
    idle_limit: Reading[int]


def exposed(service: Resource) -> tuple[Exposed, ...]:
    """What a service serves as it is written."""
    at = (CONFIGURATION, "services")
    return tuple(
        Exposed(
            port_name=read_text(service, *at, position, "portName"),
            request_limit=read_integer(service, *at, position, "timeout", "perRequestTimeoutSeconds"),
            idle_limit=read_integer(service, *at, position, "timeout", "idleTimeoutSeconds"),
        )
        for position in range(len(optional(asked_list(service, *at), [])))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What one service serves in a namespace.

    host, port: what clients write. container_port: where its proxy, or the container itself, listens.
    request_limit_s: seconds a request may take, None for no limit. encrypted: by TLS.
    """

    service: str
    urn: str
    namespace: str
    host: str
    port: int
    container_port: int
    request_limit_s: int | None
    encrypted: bool

    @property
    def address(self) -> str:
        """What a client writes."""
        return f"{'https' if self.encrypted else 'http'}://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A service that takes part: it can call what the namespace serves. Without endpoints it is a client only."""

    name: str
    urn: str
    namespace: str
    endpoints: tuple[Endpoint, ...]


class Served:
    """Endpoints, looked up by what a client writes: each task of a platform writes several."""

    def __init__(self, endpoints: tuple[Endpoint, ...]) -> None:
        self.endpoints = endpoints
        self.by_host = grouped((endpoint.host, endpoint) for endpoint in endpoints)
        self.by_label = grouped((endpoint.host.partition(".")[0], endpoint) for endpoint in endpoints)
        """Both in their order. A label is the first part of a host."""

    def at(self, host: str, port: int | None) -> Iterator[Endpoint]:
        """The endpoint behind each port of a host that is meant, the last where several are the same; None: every port."""
        by_port = {endpoint.port: endpoint for endpoint in self.by_host.get(host, ())}
        yield from (by_port[port],) if port in by_port else by_port.values() if not port else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh:
    """members: by the service's URN. lost: services whose part cannot be judged, with the reason."""

    members: Mapping[str, Member]
    lost: Mapping[str, Finding]
    _served: dict[str | None, Served] = field(default_factory=dict["str | None", "Served"], compare=False)

    @property
    def namespaces(self) -> frozenset[str]:
        """Those that services take part in, in lower case."""
        return frozenset(member.namespace.lower() for member in self.members.values())

    def served(self, namespace: str | None = None) -> Served:
        """What is served, everywhere or in one namespace."""
        if namespace not in self._served:
            members = (member for member in self.members.values() if namespace in (None, member.namespace))
            self._served[namespace] = Served(tuple(endpoint for member in members for endpoint in member.endpoints))
        return self._served[namespace]


def read_mesh(facts: StackFacts) -> Mesh:
    """Service Connect of the whole stack."""
    graph = facts.graph
    members: dict[str, Member] = {}
    lost: dict[str, Finding] = {}
    for service in graph.of_type(SERVICE):
        found = decided(lambda service=service: _member(facts, service))
        if isinstance(found, Undecided):
            name = name_of(service)
            lost[service.urn] = Finding.unread(service.urn, name, found.of(service))
        elif found is not None:
            members[service.urn] = found
    return Mesh(members=members, lost=lost)


def _member(facts: StackFacts, service: Resource) -> Member | None:
    if not optional(asked_flag(service, CONFIGURATION, "enabled"), False):
        return None
    name = name_of(service)
    namespace = namespace_of(facts.graph, service)
    served = exposed(service)
    if not served:
        return Member(name=name, urn=service.urn, namespace=namespace, endpoints=())
    definitions = task_definitions(facts.graph, service, "taskDefinition")
    if len(definitions) != 1:
        refuse("taskDefinition", "is no task definition of this stack, so nothing says which ports it has")
    mapped = (mapping for own in facts.by_container(definitions[0], port_mappings).values() for mapping in own)
    ports = {mapping.name: mapping for mapping in mapped if mapping.name}
    endpoints = [
        endpoint
        for position, item in enumerate(served)
        for endpoint in _endpoints(service, position, item, name, namespace, ports)
    ]
    return Member(name=name, urn=service.urn, namespace=namespace, endpoints=tuple(endpoints))


def _endpoints(
    service: Resource, position: int, item: Exposed, name: str, namespace: str, ports: Mapping[str, PortMapping]
) -> Iterable[Endpoint]:
    path = (CONFIGURATION, "services", position)
    port_name, where = required(item.port_name), f"{CONFIGURATION}.services[{position}].portName"
    if port_name not in ports:
        known = ", ".join(sorted(ports)) or "none"
        refuse(where, f'is "{port_name}", and the task definition names no such port; its named ports are: {known}')
    port = ports[port_name].port
    if port is None:
        refuse(where, f'is "{port_name}", which is a range of ports, and one port is required')
    discovery = optional(read_text(service, *path, "discoveryName"), port_name)
    # Requests of a port that does not say what it speaks are not limited: it cannot tell one from the other.
    limit = optional(item.request_limit, DEFAULT_REQUEST_LIMIT_S)
    encrypted = not isinstance(read(service, *path, "tls"), Absent)
    aliases = optional(read_list(service, *path, "clientAlias"), [])
    for number in range(max(1, len(aliases))):
        alias = (*path, "clientAlias", number)
        yield Endpoint(
            service=name,
            urn=service.urn,
            namespace=namespace,
            host=optional(read_text(service, *alias, "dnsName"), f"{discovery}.{namespace}").lower()
            if aliases
            else f"{discovery}.{namespace}".lower(),
            port=optional(read_integer(service, *alias, "port"), port) if aliases else port,
            container_port=optional(read_integer(service, *path, "ingressPortOverride"), 0) or port,  # 0: not set
            request_limit_s=limit if ports[port_name].application and limit > 0 else None,
            encrypted=encrypted,
        )
