"""The connection budget of every database of the stack: its clients, what it admits, or why that is undecided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from policies.budget.demand import DeclaredClients, JobTasks, OneOffTasks, ServiceTasks, Workload
from policies.budget.verdict import Budget
from policies.facts.clients.elsewhere import clients_elsewhere
from policies.facts.clients.network_clients import other_clients
from policies.facts.clients.workloads import Client, read_client
from policies.facts.database.databases import Database
from policies.facts.finding import Finding
from policies.facts.stack import StackFacts
from policies.resources.graph import grouped


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


def read_clients(facts: StackFacts) -> tuple[Client, ...]:
    """Everything in the stack that can reach a database."""
    workloads = (read_client(facts, run) for run in facts.runs)
    return (*(client for client in workloads if client is not None), *other_clients(facts), *clients_elsewhere(facts))


def read_budgets(
    databases: Iterable[Database], clients: Sequence[Client]
) -> Iterator[DatabaseBudget | UndecidedBudget]:
    """The budget of every database, and each client whose database cannot be determined."""
    by_database = grouped((reached.urn, client) for client in clients for reached in client.databases)
    for database in databases:
        yield budget_of(database, by_database.get(database.urn, ()))
    for client in clients:
        if not client.databases:
            yield UndecidedBudget(database="", urn=client.run.resource.urn, findings=client.findings)


def _order(workload: Workload) -> tuple[int, str]:
    """Services first, then jobs, then what people start, then what is declared as a whole; each by name."""
    return (ServiceTasks, JobTasks, OneOffTasks, DeclaredClients).index(type(workload.tasks)), workload.name
