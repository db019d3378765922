"""The policy `connection-budget`: what all applications can open together stays within the database's max_connections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .budget.demand import DeclaredClients, JobTasks, OneOffTasks, ServiceTasks, Workload
from .budget.solve import ways_out
from .budget.table import budget_table, headline
from .budget.verdict import Budget
from .clients import Client, read_client
from .databases import Database, databases_of
from .findings import Finding
from .graph import Graph
from .other_clients import other_clients
from .runs import read_runs


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseBudget:
    """A database whose budget could be computed. urns: of the run behind each workload, in their order."""

    database: str
    urn: str
    budget: Budget
    urns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UndecidedBudget:
    """A database whose budget could not be computed, or (database "") a client without one. findings: why; at least one."""

    database: str
    urn: str
    findings: tuple[Finding, ...]


def read_budgets(graph: Graph) -> tuple[DatabaseBudget | UndecidedBudget, ...]:
    """The budget of every database of the stack, read from the resources as they will be deployed."""
    return graph.once("budgets", lambda: tuple(_read_budgets(graph)))


def budget_of(database: Database, clients: Iterable[Client]) -> DatabaseBudget | UndecidedBudget:
    """The budget of one database with the clients that reach it."""
    ours = tuple(clients)
    findings = (*database.findings, *(finding for client in ours for finding in client.findings))
    if findings or database.supply is None or database.reserve is None:
        return UndecidedBudget(database=database.name, urn=database.urn, findings=findings)
    # Pairs, no mapping: two workloads may be equal in everything, as services of one name in two clusters are.
    pairs = sorted(
        ((client.workload, client.run.resource.urn) for client in ours if client.workload is not None),
        key=lambda pair: _order(pair[0]),
    )
    workloads = tuple(workload for workload, _ in pairs)
    return DatabaseBudget(
        database=database.name,
        urn=database.urn,
        budget=Budget(database=database.name, workloads=workloads, supply=database.supply, reserve=database.reserve),
        urns=tuple(urn for _, urn in pairs),
    )


def judge_connections(graph: Graph, *, strict: bool) -> Iterator[Finding]:
    """Findings for every budget that is broken or undecided; strict: max_connections has to be a literal."""
    for entry in read_budgets(graph):
        if isinstance(entry, UndecidedBudget):
            yield from entry.findings
            continue
        if not entry.budget.fits:
            yield Finding(entry.urn, broken_message(entry.budget))
        if strict and entry.budget.supply.estimated:
            yield Finding(entry.urn, _estimate_message(entry.budget))


def headroom(graph: Graph) -> Iterator[str]:
    """A line for every budget that holds: what is used, of how much, and what is left."""
    for entry in read_budgets(graph):
        if isinstance(entry, DatabaseBudget) and entry.budget.fits:
            yield f"{headline(entry.budget)}."


def broken_message(budget: Budget) -> str:
    """The whole answer for a budget that does not fit: table, why, and every single change that mends it."""
    ways = "\n".join(f"  - {way}" for way in ways_out(budget))
    return (
        f"{headline(budget)}.\n\n{budget_table(budget)}\n\n"
        f"Required: demand and reserve together at most max_connections, {budget.supply.max_connections}. Beyond it the "
        "database refuses clients with error 1040, Too many connections; roll-outs, autoscaling and overlapping jobs get "
        f"there first.\nHow to fix it, each of these alone is enough:\n{ways}"
    )


def _read_budgets(graph: Graph) -> Iterator[DatabaseBudget | UndecidedBudget]:
    databases = databases_of(graph)
    clients = [client for run in read_runs(graph) if (client := read_client(graph, databases, run)) is not None]
    clients += other_clients(graph, databases)
    by_database: dict[str, list[Client]] = {}
    for client in clients:
        for reached in client.databases:
            by_database.setdefault(reached.urn, []).append(client)
    for database in databases:
        yield budget_of(database, by_database.get(database.urn, ()))
    for client in clients:
        if not client.databases:
            yield UndecidedBudget(database="", urn=client.run.resource.urn, findings=client.findings)


def _order(workload: Workload) -> tuple[int, str]:
    """Services first, then jobs, then what people start, then what is declared as a whole; each by name."""
    return (ServiceTasks, JobTasks, OneOffTasks, DeclaredClients).index(type(workload.tasks)), workload.name


def _estimate_message(budget: Budget) -> str:
    return (
        f"{budget.database}: max_connections is an estimate ({budget.supply.max_connections}, {budget.supply.source}). "
        "Required in this stage: a literal, so that the number does not move with the class or the engine. Set "
        f"max_connections in its parameter group, at least {budget.used}."
    )
