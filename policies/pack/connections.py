"""The policy `connection-budget`: what all applications can open together stays within the database's max_connections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .alive import tasks_of
from .budget.demand import Workload
from .budget.limits import RefusedLimit, parse_limit
from .budget.solve import ways_out
from .budget.table import budget_table, headline
from .budget.verdict import Budget
from .containers import LIMIT, Container, read_containers, read_tag, with_overrides
from .databases import Database, read_databases
from .findings import Finding
from .graph import Graph, Resource
from .reach import DATABASE_TAG, reach_of
from .reading import Absent, Undecided, decided, read_json, refuse, required
from .runs import Run, read_runs

PROCESSES_TAG, POOLS_TAG, OUTSIDE_TAG = "budget:processes", "budget:pools-per-process", "budget:outside-pool"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseBudget:
    """A database whose budget could be computed. urns: of the run behind each workload, by the workload's name."""

    database: str
    urn: str
    budget: Budget
    urns: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class UndecidedBudget:
    """A database whose budget could not be computed, or clients without one. findings: why; at least one."""

    database: str
    urn: str
    findings: tuple[Finding, ...]


def read_budgets(graph: Graph) -> tuple[DatabaseBudget | UndecidedBudget, ...]:
    """The budget of every database of the stack, read from the resources as they will be deployed."""
    return graph.once("budgets", lambda: tuple(_read_budgets(graph)))


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


def broken_message(budget: Budget) -> str:
    """The whole answer for a budget that does not fit: table, why, and every single change that mends it."""
    ways = "\n".join(f"  - {way}" for way in ways_out(budget))
    return (
        f"{headline(budget)}.\n\n{budget_table(budget)}\n\n"
        f"Required: demand and reserve together at most max_connections, {budget.supply.max_connections}. Beyond it the "
        "database refuses clients with error 1040, Too many connections; roll-outs, autoscaling and overlapping jobs get "
        f"there first.\nHow to fix it, each of these alone is enough:\n{ways}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Client:
    """A run that can reach databases: its workload, or why it has none."""

    run: Run
    databases: tuple[Database, ...]
    workload: Workload | None
    findings: tuple[Finding, ...]


def _read_budgets(graph: Graph) -> Iterator[DatabaseBudget | UndecidedBudget]:
    databases = read_databases(graph)
    clients = [client for run in read_runs(graph) if (client := _client(graph, databases, run)) is not None]
    for database in databases:
        ours = [client for client in clients if database in client.databases]
        findings = (*database.findings, *(finding for client in ours for finding in client.findings))
        workloads = tuple(client.workload for client in ours if client.workload is not None)
        if findings or database.supply is None or database.reserve is None:
            yield UndecidedBudget(database=database.name, urn=database.urn, findings=findings)
            continue
        yield DatabaseBudget(
            database=database.name,
            urn=database.urn,
            budget=Budget(
                database=database.name, workloads=workloads, supply=database.supply, reserve=database.reserve
            ),
            urns={client.workload.name: client.run.resource.urn for client in ours if client.workload is not None},
        )
    for client in clients:
        if not client.databases:
            yield UndecidedBudget(database="", urn=client.run.resource.urn, findings=client.findings)


def _client(graph: Graph, databases: Sequence[Database], run: Run) -> _Client | None:
    """The run as a client of databases; None where it can reach none and declares none."""
    found = decided(lambda: _definition_and_containers(run))
    if isinstance(found, Undecided):
        definition, containers = run.resource, ()
        subject = run.definitions[0] if run.definitions else run.resource
        findings = [_finding(run, found.of(subject))] if databases else []
    else:
        (definition, containers), findings = found, []
    reach = reach_of(graph, databases, run, containers)
    declares = any(container.uses_database for container in containers)
    if reach.undecided is not None and not declares:
        findings.append(
            _finding(run, f"{reach.undecided.of(run.resource)}, so whether it reaches a database is not known")
        )
    if isinstance(found, Undecided) or findings:
        # What cannot be read may be a client of any database here.
        reached = reach.databases or tuple(databases)
        return _Client(run=run, databases=reached, workload=None, findings=tuple(findings)) if findings else None
    if not reach.databases and not declares:
        return None
    if declares and len(reach.databases) != 1:
        findings.append(_finding(run, _wrong_reach(graph, reach.databases)))
    findings.extend(_limit_findings(run, containers))
    workload: Workload | None = None
    if not findings:
        read = decided(lambda: _workload(graph, run, definition, containers))
        if isinstance(read, Undecided):
            findings.append(_finding(run, read.of(run.resource)))
        else:
            workload = read
    return _Client(run=run, databases=reach.databases, workload=workload, findings=tuple(findings))


def _definition_and_containers(run: Run) -> tuple[Resource, tuple[Container, ...]]:
    if len(run.definitions) != 1:
        where = "target" if "target" in run.overrides else "taskDefinition"
        found = "names no task definition of this stack" if not run.definitions else "may name several task definitions"
        refuse(where, f"{found}, so what it runs is not known: name one by its family or ARN")
    containers = read_containers(run.definitions[0])
    overrides = read_json(run.resource, *run.overrides) if run.overrides else Absent("input")
    if not isinstance(overrides, Absent):
        containers = with_overrides(containers, required(overrides))
    return run.definitions[0], containers


def _limit_findings(run: Run, containers: Sequence[Container]) -> Iterator[Finding]:
    users = [container for container in containers if container.uses_database]
    if not users:
        names = ", ".join(container.name for container in containers) or "none"
        yield _finding(
            run, f"it can reach a database, and no container declares {LIMIT} (containers: {names})", mend=True
        )
    for container in users:
        if LIMIT in container.secrets:
            yield _finding(
                run, f'{LIMIT} of container "{container.name}" is a secret, whose value is unknown', mend=True
            )
        elif LIMIT not in container.environment:
            also = "; an environment file may set it, but cannot be read here" if container.environment_files else ""
            yield _finding(run, f'container "{container.name}" uses the database without {LIMIT}{also}', mend=True)
        else:
            limit = parse_limit(container.environment[LIMIT])
            if isinstance(limit, RefusedLimit):
                yield _finding(run, f'{LIMIT} of container "{container.name}" {limit.reason}', mend=True)


def _workload(graph: Graph, run: Run, definition: Resource, containers: Sequence[Container]) -> Workload:
    users = [container for container in containers if container.uses_database]
    pools = read_tag(definition, POOLS_TAG, least=1)
    second = [name for container in users for name in container.second_pools]
    if second and pools is None:
        refuse(
            f'tags["{POOLS_TAG}"] of the task definition',
            f"is absent, but {', '.join(second)} tells of a second pool: declare how many pools a process has",
        )
    return Workload(
        name=run.name,
        limit=sum(limit for user in users if isinstance(limit := parse_limit(user.environment.get(LIMIT)), int)),
        tasks=tasks_of(graph, run, definition),
        processes=read_tag(definition, PROCESSES_TAG, least=1) or 1,
        pools=pools or 1,
        outside_pool=read_tag(definition, OUTSIDE_TAG, least=0) or 0,
    )


def _wrong_reach(graph: Graph, reached: Sequence[Database]) -> str:
    if reached:
        names = ", ".join(database.name for database in reached)
        return f'it reaches several databases ({names}): tag its task definition "{DATABASE_TAG}" with the one it uses'
    known = ", ".join(database.name for database in read_databases(graph)) or "none"
    return (
        "it declares DB_* variables, but reaches no database of this stack by its security group or by a host "
        f'(databases here: {known}): tag its task definition "{DATABASE_TAG}" with the one it uses'
    )


def _finding(run: Run, reason: str, *, mend: bool = False) -> Finding:
    how = f" Set {LIMIT} to a positive integer in the container's environment." if mend else ""
    return Finding(run.resource.urn, f"{run.name}: {reason}. Its connections cannot be counted.{how}")


def _estimate_message(budget: Budget) -> str:
    return (
        f"{budget.database}: max_connections is an estimate ({budget.supply.max_connections}, {budget.supply.source}). "
        "Required in this stage: a literal, so that the number does not move with the class or the engine. Set "
        f"max_connections in its parameter group, at least {budget.used}."
    )
