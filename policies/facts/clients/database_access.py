"""Which databases a workload can reach: through security groups, a declared database, or the host it is given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from policies.facts.database.databases import Database
from policies.facts.ecs.containers import Container
from policies.facts.ecs.runs import Run
from policies.resources.graph import Graph, Resource
from policies.resources.reading import Absent, Present, Undecided, is_unknown, read, read_integer, read_list, read_text
from policies.resources.references import References, references
from policies.resources.tokens import DATABASE_SIDE, INGRESS_RULE, SECURITY_GROUP, SECURITY_GROUP_RULE

DATABASE_TAG = "budget:database"


_HOST = re.compile(r"(?:@|//|\(|\b(?:host|server|source|addr|address)\s*=\s*(?:tcp:)?)([A-Za-z0-9.-]+)", re.IGNORECASE)
"""A host within a URL, a connection string of ADO.NET or libpq, or a data source name of Go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The databases a workload can reach.

    undecided: a security group that cannot be told may reach more. doubt: it only may reach them, and why. misnamed: the
    database that its task definition declares, where the stack has none of that name.
    """

    databases: tuple[Database, ...]
    undecided: Undecided | None = None
    doubt: str = ""
    misnamed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Door:
    """What a database's security groups let in. everyone: an address range, so any workload may be inside it."""

    groups: frozenset[str]
    everyone: bool


def reach_of(graph: Graph, databases: Sequence[Database], run: Run, containers: Sequence[Container]) -> Reach:
    """The databases a run's tasks can reach.

    A declared database (tag `budget:database`) is the whole answer. Else those whose security groups let the run's groups
    in, and those whose host a container is given; a container with variables of a database reaches the only one there is.
    Without any of these, those of which it is not known whom they let in.
    """
    for definition in run.definitions:
        declared = _declared(graph, databases, definition)
        if declared is not None:
            return declared
    admitted = let_in(graph, databases, run.security_groups)
    # Most are let in by their groups: then what their variables hold need not be looked through.
    hosts = frozenset[str]() if len(admitted) == len(databases) else frozenset(_hosts(containers))
    clients = any(container.uses_database for container in containers)
    reached = tuple(
        database
        for database in databases
        if database in admitted or database.hosts & hosts or (clients and len(databases) == 1)
    )
    undecided = run.security_groups.undecided if databases and len(reached) < len(databases) else None
    if reached or undecided is not None:
        return Reach(databases=reached, undecided=undecided)
    doubtful = tuple(database for database in databases if database.unguarded)
    return Reach(databases=doubtful, doubt=doubtful[0].unguarded if doubtful else "")


def _declared(graph: Graph, databases: Sequence[Database], definition: Resource) -> Reach | None:
    """What the tag of a task definition says: by the database's identifier, its name in the program, or its own output."""
    named = read_text(definition, "tags", DATABASE_TAG)
    if isinstance(named, Undecided):
        made_from = definition.property_dependencies.get("tags", ())
        found = tuple(database for database in databases if database.urn in made_from)
        return Reach(databases=found) if found else None
    if not isinstance(named, Present) or not named.value:
        return None
    found = tuple(database for database in databases if database.name == named.value)
    found = found or tuple(database for database in databases if named.value in database.called)
    return Reach(databases=found, misnamed="" if found else named.value)


def _hosts(containers: Sequence[Container]) -> Iterator[str]:
    """What may be a host in the values of variables, in lower case."""
    for container in containers:
        for value in container.environment.values():
            if value:
                text = value.lower()
                yield text.partition(":")[0]
                yield from (host.rstrip(".") for host in _HOST.findall(text))


def let_in(graph: Graph, databases: Sequence[Database], groups: References) -> tuple[Database, ...]:
    """The databases whose security groups let one of these groups in, or addresses that may be theirs."""
    doors = graph.once("doors", lambda: _doors(graph, databases), reads=DATABASE_SIDE)
    return tuple(
        database for database in databases if doors[database.urn].everyone or doors[database.urn].groups & groups.keys
    )


def _doors(graph: Graph, databases: Sequence[Database]) -> Mapping[str, _Door]:
    return {database.urn: _door(graph, database) for database in databases}


def _door(graph: Graph, database: Database) -> _Door:
    ours = database.security_groups
    groups: set[str] = set()
    # A security group of the database that cannot be told may let anyone in.
    everyone = ours.undecided is not None
    for guarded, sources, rule_everyone in graph.once("ingress", lambda: tuple(_ingress(graph)), reads=DATABASE_SIDE):
        if guarded.keys & ours.keys or guarded.undecided is not None:
            if not rule_everyone.covers(database.port):
                continue
            groups |= sources.keys
            everyone = everyone or rule_everyone.addresses or sources.undecided is not None
    return _Door(groups=frozenset(groups), everyone=everyone)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opening:
    """Ports and address ranges of an ingress rule. first, last: None where every port, or an unknown one."""

    first: int | None
    last: int | None
    addresses: bool

    def covers(self, port: int | None) -> bool:
        return port is None or self.first is None or self.last is None or self.first <= port <= self.last


def _ingress(graph: Graph) -> Iterator[tuple[References, References, _Opening]]:
    for rule in graph.of_type(INGRESS_RULE):
        sources = references(graph, rule, SECURITY_GROUP, "referencedSecurityGroupId")
        addresses = any(not isinstance(read(rule, prop), Absent) for prop in ("cidrIpv4", "cidrIpv6", "prefixListId"))
        yield (
            references(graph, rule, SECURITY_GROUP, "securityGroupId"),
            sources,
            _opening(rule, "ipProtocol", addresses),
        )
    for rule in graph.of_type(SECURITY_GROUP_RULE):
        if read_text(rule, "type") == Present("egress"):
            continue
        guarded = references(graph, rule, SECURITY_GROUP, "securityGroupId")
        sources = references(graph, rule, SECURITY_GROUP, "sourceSecurityGroupId")
        if read(rule, "self") == Present(True):
            sources = References(keys=sources.keys | guarded.keys, undecided=sources.undecided)
        yield guarded, sources, _opening(rule, "protocol", _has_addresses(rule.props))
    for group in graph.of_type(SECURITY_GROUP):
        yield from _inline(graph, group)


def _inline(graph: Graph, group: Resource) -> Iterator[tuple[References, References, _Opening]]:
    """The rules written inside a security group."""
    me = References(keys=frozenset({group.urn}))
    rules = read_list(group, "ingress")
    if isinstance(rules, Undecided):
        # Unknown as a whole: AWS computes the list where no rule is written inside, unless the program computes it.
        if group.property_dependencies.get("ingress"):
            yield me, References(keys=frozenset(), undecided=rules), _Opening(first=None, last=None, addresses=True)
        return
    for position, item in enumerate(rules.value if isinstance(rules, Present) else []):
        sources = references(graph, group, SECURITY_GROUP, "ingress", position, "securityGroups")
        if read(group, "ingress", position, "self") == Present(True):
            sources = References(keys=sources.keys | me.keys, undecided=sources.undecided)
        if not isinstance(item, Mapping):
            yield me, sources, _Opening(first=None, last=None, addresses=True)
            continue
        fields = cast("Mapping[str, object]", item)
        yield me, sources, _opening(fields, "protocol", _has_addresses(fields))


def _has_addresses(fields: Mapping[str, object]) -> bool:
    lists = ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds")
    return any(is_unknown(fields.get(key)) or bool(fields.get(key)) for key in lists)


def _opening(source: Resource | Mapping[str, object], protocol: str, addresses: bool) -> _Opening:
    first, last = read_integer(source, "fromPort"), read_integer(source, "toPort")
    if not isinstance(first, Present) or not isinstance(last, Present) or read_text(source, protocol) == Present("-1"):
        return _Opening(first=None, last=None, addresses=addresses)
    return _Opening(first=first.value, last=last.value, addresses=addresses)
