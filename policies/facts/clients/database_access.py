"""Which databases a workload can reach: through security groups, a declared database, or the host it is given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from policies.budget.declarations import DATABASE_TAG
from policies.facts.database.databases import Database
from policies.facts.database.doors import Doors
from policies.facts.ecs.containers import Container
from policies.facts.ecs.task_runs import Run
from policies.resources.graph import Resource
from policies.resources.outcomes import Present, Undecided
from policies.resources.reading import read_text

_HOST = re.compile(r"(?:@|//|\(|\b(?:host|server|source|addr|address)\s*=\s*(?:tcp:)?)([A-Za-z0-9.-]+)", re.IGNORECASE)
"""A host within a URL, a connection string of ADO.NET or libpq, or a data source name of Go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The databases a workload can reach.

    undecided: a security group that cannot be determined may reach more. doubt: it only may reach them, and why. misnamed: the
    database that its task definition declares, where the stack has none of that name. declared: it says itself which ones.
    """

    databases: tuple[Database, ...]
    undecided: Undecided | None = None
    doubt: str = ""
    misnamed: str = ""
    declared: bool = False


def reach_of(doors: Doors, run: Run, containers: Sequence[Container]) -> Reach:
    """The databases a run's tasks can reach.

    A declared database (tag `budget:database`) is the whole answer. Else those whose security groups let the run's groups
    in, and those whose host a container is given; a container with variables of a database reaches the only one there is.
    Without any of these, those of which it is not known whom they let in.
    """
    databases = doors.databases
    for definition in run.definitions:
        declared = _declared(databases, definition)
        if declared is not None:
            return _with_hosts(databases, declared, containers)
    admitted = doors.let_in(run.security_groups)
    # Most are let in by their groups: then what their variables hold need not be looked through.
    hosts = frozenset[str]() if len(admitted) == len(databases) else frozenset(_hosts(containers, databases))
    clients = any(container.uses_database for container in containers)
    let_in = {database.urn for database in admitted}
    reached = tuple(
        database
        for database in databases
        if database.urn in let_in or database.hosts & hosts or (clients and len(databases) == 1)
    )
    undecided = run.security_groups.undecided if databases and len(reached) < len(databases) else None
    if reached or undecided is not None:
        return Reach(databases=reached, undecided=undecided)
    doubtful = tuple(database for database in databases if database.unguarded)
    return Reach(databases=doubtful, doubt=doubtful[0].unguarded if doubtful else "")


def _with_hosts(databases: Sequence[Database], declared: Reach, containers: Sequence[Container]) -> Reach:
    """What is declared, and whose host a container is given beside it: a replica's, whose clients are tagged for its source alone."""
    if declared.misnamed or len(declared.databases) == len(databases):
        return declared
    hosts = frozenset(_hosts(containers, databases))
    more = tuple(database for database in databases if database not in declared.databases and database.hosts & hosts)
    return replace(declared, databases=(*declared.databases, *more))


def _declared(databases: Sequence[Database], definition: Resource) -> Reach | None:
    """What the tag of a task definition says: by the database's identifier, its name in the program, or its own output."""
    named = read_text(definition, "tags", DATABASE_TAG)
    if isinstance(named, Undecided):
        made_from = definition.property_dependencies.get("tags", ())
        found = tuple(database for database in databases if database.urn in made_from)
        return Reach(databases=found, declared=True) if found else None
    if not isinstance(named, Present) or not named.value:
        return None
    found, misnamed = databases_called(databases, named.value)
    return Reach(databases=() if misnamed else found, misnamed=misnamed, declared=True)


def databases_called(databases: Sequence[Database], named: str) -> tuple[tuple[Database, ...], str]:
    """(the databases that a tag names, the first name in it that no database has). Names are separated by spaces."""
    found = list[Database]()
    for name in named.split():
        ours = [database for database in databases if database.name == name]
        ours = ours or [database for database in databases if name in database.called]
        if not ours:
            return tuple(found), name
        found += ours
    return tuple(dict.fromkeys(found)), "" if found else named


def _hosts(containers: Sequence[Container], databases: Sequence[Database]) -> Iterator[str]:
    """What may be a host in the values of variables that hold a database's, in lower case."""
    wanted = frozenset[str]().union(*(database.hosts for database in databases))
    for container in containers:
        for value in container.environment.values():
            text = (value or "").lower()
            if any(host in text for host in wanted):
                yield text.partition(":")[0]
                yield from (host.rstrip(".") for host in _HOST.findall(text))
