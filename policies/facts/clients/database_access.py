"""Which databases a workload can reach: through security groups, a declared database, or the host it is given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from policies.budget.declarations import DATABASE_TAG
from policies.facts.database.databases import Database
from policies.facts.ecs.containers import Container
from policies.facts.ecs.runs import Run
from policies.facts.network.security_groups import Opening, read_openings
from policies.resources.graph import Graph, Resource
from policies.resources.reading import Present, Undecided, read_text
from policies.resources.references import References
from policies.resources.tokens import DATABASE_SIDE

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
    ways_in = [opening for rules in read_openings(graph).values() for opening in rules if opening.ingress]
    return {database.urn: _door(database, ways_in) for database in databases}


def _door(database: Database, ways_in: Sequence[Opening]) -> _Door:
    ours = database.security_groups
    open_to_it = [
        opening
        for opening in ways_in
        if (opening.groups.keys & ours.keys or opening.groups.undecided is not None) and opening.covers(database.port)
    ]
    return _Door(
        groups=frozenset(key for opening in open_to_it for key in opening.sources.keys),
        # A security group of the database that cannot be told may let anyone in.
        everyone=ours.undecided is not None
        or any(opening.addresses or opening.sources.undecided is not None for opening in open_to_it),
    )
