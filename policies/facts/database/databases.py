"""The databases of a stack: what each admits, what is reserved, and what guards it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from policies.budget.declarations import RESERVE_TAG
from policies.budget.supply import Supply
from policies.facts.database.parameter_groups import engine_of
from policies.facts.database.supply import awaits_members, reserve_of, supply_of
from policies.facts.finding import Finding, Reason
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Absent, Present, Undecided, decided
from policies.resources.reading import known_text, name_of, read, read_integer, read_text, refuse, required, text_or
from policies.resources.references import References, ids_known, references
from policies.resources.requested import asked_list

_DECLARED = 'docs/policies.md, "What a program declares"'
_PORTS = {"mysql": 3306, "mariadb": 3306, "aurora-mysql": 3306, "postgres": 5432, "aurora-postgresql": 5432}


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """One database. supply, reserve: None where findings say why. hosts: names that clients reach it by, in lower case.

    called: its identifier and its name in the program. unguarded: why whom it lets in is not known, empty where it is.
    """

    name: str
    urn: str
    supply: Supply | None
    reserve: int | None
    security_groups: References
    port: int | None
    hosts: frozenset[str]
    findings: tuple[Finding, ...]
    called: frozenset[str]
    unguarded: str = ""


def read_databases(graph: Graph) -> tuple[Database, ...]:
    """The instances and Aurora clusters of the stack, and the databases that it declares as existing."""
    instances = (
        _database(graph, resource, name_of(resource, "identifier")) for resource in graph.of_type(tokens.DB_INSTANCE)
    )
    clusters = (
        _database(graph, resource, name_of(resource, "clusterIdentifier"))
        for resource in graph.of_type(tokens.DB_CLUSTER)
    )
    components = graph.of_type(tokens.DATABASE_COMPONENT)
    existing = (_existing(graph, component) for component in components if read(component, "existing") == Present(True))
    return (*instances, *clusters, *existing)


def _existing(graph: Graph, component: Resource) -> Database:
    """A database that the stack does not manage: its component declares what nothing else in the stack says."""
    host = name_of(component, "host")
    name = host.partition(".")[0]
    supply = decided(
        lambda: Supply(
            max_connections=_at_least(component, "maxConnections", 1),
            estimated=False,
            source=f"declared for {host}, which the stack does not manage",
            engine=known_text(component, "engine"),
            engine_version=known_text(component, "engineVersion"),
            instance_class=known_text(component, "instanceClass"),
        )
    )
    reserve = decided(lambda: _at_least(component, "reserve", 0))
    undecided = [reading for reading in (reserve, supply) if isinstance(reading, Undecided)]
    return Database(
        name=name,
        urn=component.urn,
        supply=None if isinstance(supply, Undecided) else supply,
        reserve=None if isinstance(reserve, Undecided) else reserve,
        security_groups=references(graph, component, tokens.SECURITY_GROUP, "securityGroupId"),
        port=port_of(component, ""),
        hosts=frozenset({host.lower()}),
        findings=tuple(_unread(name, component, reading) for reading in undecided),
        called=frozenset({name, host}),
    )


def _at_least(component: Resource, prop: str, least: int) -> int:
    number = required(read_integer(component, prop))
    if number < least:
        refuse(prop, f"is {number}, an integer from {least} on is required")
    return number


def _database(graph: Graph, resource: Resource, name: str) -> Database:
    findings: list[Finding] = []
    supply = decided(lambda: supply_of(graph, resource))
    reserve = decided(lambda: reserve_of(graph, resource))
    if reserve is None:
        findings.append(
            _undecided(
                name,
                resource,
                Reason(
                    f'tags["{RESERVE_TAG}"] is absent',
                    "declare how many connections stay free for administrators and RDS",
                ),
            )
        )
    undecided = [reading for reading in (reserve, supply) if isinstance(reading, Undecided)]
    early = awaits_members(graph, resource)
    findings.extend(_unread(name, resource, reading, premature=early and reading is supply) for reading in undecided)
    groups = references(graph, resource, tokens.SECURITY_GROUP, "vpcSecurityGroupIds")
    if not groups.keys and isinstance(asked_list(resource, "vpcSecurityGroupIds"), Absent):
        groups = References()  # unknown, and made from nothing: AWS takes the VPC's default group
    return Database(
        name=name,
        urn=resource.urn,
        supply=None if isinstance(supply, Undecided) else supply,
        reserve=None if isinstance(reserve, Undecided) else reserve,
        security_groups=groups,
        port=port_of(resource, text_or(engine_of(graph, resource), "")),
        hosts=frozenset(host.lower() for host in _hosts(graph, resource)),
        findings=tuple(findings),
        called=frozenset({name, resource.name}),
        unguarded=_unguarded(graph, name, groups),
    )


def _unguarded(graph: Graph, name: str, groups: References) -> str:
    """Why whom a database lets in is not known: the second half of a sentence about a client."""
    if not groups.keys and groups.undecided is None:
        return f"may reach {name}, which names no security group and so is in the VPC's default one"
    if groups.strays and ids_known(graph, tokens.SECURITY_GROUP):
        return (
            f"may reach {name}, whose security group {', '.join(sorted(groups.strays))} is none of this stack, so that its rules "
            "are not known"
        )
    return ""


def port_of(resource: Resource, engine: str) -> int | None:
    """The port the database listens on, None where it is unknown and so may be any."""
    port = read_integer(resource, "port")
    return port.value if isinstance(port, Present) else _PORTS.get(engine)


def _hosts(graph: Graph, resource: Resource) -> Iterator[str]:
    for prop in ("address", "endpoint", "readerEndpoint"):
        host = known_text(resource, prop)
        if host:
            yield host.partition(":")[0]
    for record in graph.of_type(tokens.DNS_RECORD):
        named = any(resource.urn in record.property_dependencies.get(prop, ()) for prop in ("records", "aliases"))
        if named:
            yield from _names(graph, record)


def _names(graph: Graph, record: Resource) -> Iterator[str]:
    """A DNS record's name as it is written, and with its zone's: Route 53 takes both."""
    name = known_text(record, "name").rstrip(".")
    if name:
        yield name
        for zone in references(graph, record, tokens.DNS_ZONE, "zoneId").keys:
            known = graph.get(zone)
            if known is not None:
                yield f"{name}.{text_or(read_text(known, 'name'), '').rstrip('.')}"


def budget_is_undecided(why: str) -> str:
    """The sentence of a database; why: half of one, which may say itself that something is undecided."""
    return f"its connection budget is {'' if why.startswith('undecided') else 'undecided: '}{why}"


def _undecided(name: str, resource: Resource, reason: Reason, *, premature: bool = False) -> Finding:
    why = reason._replace(found=budget_is_undecided(reason.found))
    return Finding(resource.urn, f"{name}: {why}.", premature, why.parts())


def _unread(name: str, resource: Resource, undecided: Undecided, *, premature: bool = False) -> Finding:
    return replace(
        _undecided(name, resource, Reason(undecided.of(resource)), premature=premature), cause=undecided.of(resource)
    )
