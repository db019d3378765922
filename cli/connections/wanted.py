"""What `--live` has to look up in an account: taken from the declared resources, by the names that were chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.budget.declarations import HOST
from policies.budget.demand import DeclaredClients
from policies.budget.verdict import Budget
from policies.resources.graph import Graph
from policies.resources.outcomes import Present
from policies.resources.reading import read_text, text_or
from policies.resources.tokens import DB_INSTANCE, SCHEDULE, SERVICE, TASK_DEFINITION
from policies.rules.rule import label

from .stage import Stage, session_timeouts, variables


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Names to look up.

    instances: identifier to database. hosts: every name that clients are given, to database. clusters, schedule_groups:
    all services and schedules in them are looked at, declared or not. families: of tasks started by hand. database_of:
    declared workload to database. unmanaged: databases without an instance to look up. unread: what is declared and
    cannot be compared, with the reason.
    """

    instances: Mapping[str, str]
    hosts: Mapping[str, str]
    clusters: frozenset[str]
    schedule_groups: frozenset[str]
    families: frozenset[str]
    database_of: Mapping[str, str]
    unmanaged: Mapping[str, Budget]
    unread: Mapping[str, str]


def wanted_of(stage: Stage) -> Wanted:
    """Everything that the comparison of a stage needs."""
    graph = stage.graph
    hosts = {host: database.name for database in stage.facts.databases for host in database.hosts}
    unmanaged: dict[str, Budget] = {}
    unread: dict[str, str] = {}
    instances: dict[str, str] = {}
    families: set[str] = set()
    database_of: dict[str, str] = {}
    names = {run.resource.urn: run.name for run in stage.facts.runs}
    for entry in stage.budgets:
        database = graph.get(entry.urn)
        if database is not None and database.type == DB_INSTANCE:
            instances[text_or(read_text(database, "identifier"), entry.database)] = entry.database
        else:
            unmanaged[entry.database] = entry.budget
            unread[entry.database] = "no instance that the stack manages: max_connections is taken as declared"
        for workload, urn in zip(entry.budget.workloads, entry.urns, strict=True):
            run = graph.get(urn)
            if run is not None and isinstance(workload.tasks, DeclaredClients):
                unread[label(run)] = "no ECS tasks: what it opens is taken as declared"
                continue
            hosts.update(dict.fromkeys(variables(stage.facts, urn, HOST), entry.database))
            database_of[names[urn]] = entry.database
            if run is not None and run.type == TASK_DEFINITION:
                families.add(names[urn])
            elif run is not None and run.type not in (SERVICE, SCHEDULE):
                unread[names[urn]] = "the target of an EventBridge rule: these are not looked up"
    return Wanted(
        instances=instances,
        hosts=hosts,
        clusters=frozenset(_names(graph, SERVICE, "cluster")),
        schedule_groups=frozenset(_names(graph, SCHEDULE, "groupName")),
        families=frozenset(families),
        database_of=database_of,
        unmanaged=unmanaged,
        unread=unread,
    )


def declared_timeouts(stage: Stage) -> Mapping[str, Mapping[str, str | None]]:
    """The session timeouts by database, as they are declared."""
    instances = {entry.database: stage.graph.get(entry.urn) for entry in stage.budgets}
    return {
        database: session_timeouts(stage.graph, instance)
        for database, instance in instances.items()
        if instance is not None and instance.type == DB_INSTANCE
    }


def _names(graph: Graph, kind: str, prop: str) -> set[str]:
    """The known values of a property, an ARN as its last part; what AWS takes where it is left out is "default"."""
    names: set[str] = set()
    for resource in graph.of_type(kind):
        found = read_text(resource, prop)
        if isinstance(found, Present):
            names.add(found.value.rpartition("/")[2])
        elif prop not in resource.property_dependencies:
            names.add("default")
    return names - {""}
