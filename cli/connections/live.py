"""Compares what is declared with what an account really has: console changes escape previews. Pure: no request is made."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from policies.budget.declarations import LIMIT
from policies.budget.demand import Workload, most_tasks
from policies.budget.verdict import Budget
from policies.budget.words import counted
from policies.facts.clients.budgets import DatabaseBudget, UndecidedBudget

from .comparison import Difference, Instance, Observed
from .stage import Entry

DEPLOY = (
    "put it back with `pulumi up --refresh` (without it Pulumi trusts its own record), or declare it if it is meant"
)


_WORKING = frozenset(
    {
        "available",
        "backing-up",
        "configuring-enhanced-monitoring",
        "configuring-iam-database-auth",
        "configuring-log-exports",
        "maintenance",
        "modifying",
        "storage-config-upgrade",
        "storage-optimization",
    }
)
"""Statuses in which an instance serves as ever (Amazon RDS User Guide, "Viewing Amazon RDS DB instance status")."""


def compare(
    declared: Sequence[DatabaseBudget],
    found: Sequence[Entry],
    instances: Sequence[Instance],
    *,
    timeouts: Mapping[str, Mapping[str, str | None]],
    unread: Collection[str] = (),
) -> tuple[Difference, ...]:
    """How an account differs from what is declared.

    found: the budgets read from the account. timeouts: the declared session timeouts by database and parameter. unread:
    databases and workloads that were not looked up.
    """
    differences: list[Difference] = []
    facts = {instance.database: instance for instance in instances}
    decided = {entry.database: entry.budget for entry in found if isinstance(entry, DatabaseBudget)}
    for entry in declared:
        instance = facts.get(entry.database)
        if instance is None and entry.database not in unread:
            how = "bring the stage up, or look into the account and region that it really runs in"
            differences.append(_difference(entry.database, "instance", "exists", "no such instance", how))
            continue
        if instance is not None:
            differences.extend(_of_instance(entry.budget, instance, timeouts.get(entry.database, {})))
        if entry.database in decided:
            differences.extend(_of_budget(entry.budget, decided[entry.database], unread))
    missing = any(difference.what == "instance" for difference in differences)
    for entry in found:
        # Without its database every client is lost, which says nothing new.
        if not isinstance(entry, DatabaseBudget) and (entry.database or not missing):
            differences.extend(_of_undecided(entry))
    return tuple(differences)


def observe(
    declared: Sequence[DatabaseBudget], found: Sequence[Entry], instances: Sequence[Instance]
) -> tuple[Observed, ...]:
    """The account's numbers of each declared database."""
    peaks = {instance.database: instance.peak for instance in instances}
    numbers = {
        entry.database: (entry.budget.supply.max_connections, entry.budget.demand, entry.budget.headroom)
        for entry in found
        if isinstance(entry, DatabaseBudget)
    }
    names = [entry.database for entry in declared]
    return tuple(Observed(name, *numbers.get(name, (None, None, None)), peaks.get(name)) for name in names)


def _of_undecided(entry: UndecidedBudget) -> Iterator[Difference]:
    for finding in entry.findings:
        # Fail closed: a client whose connections are unknown may open any number of them.
        how = "what cannot be counted cannot be bounded: " + DEPLOY
        yield _difference(entry.database or "a client", "budget", "decided", finding.message, how, breaks=True)


def _difference(
    subject: str, what: str, declared: object, found: object, action: str, *, breaks: bool = False
) -> Difference:
    return Difference(
        subject=subject, what=what, declared=str(declared), found=str(found), action=action, breaks=breaks
    )


def _of_instance(declared: Budget, instance: Instance, timeouts: Mapping[str, str | None]) -> Iterator[Difference]:
    name = declared.database
    if instance.status not in _WORKING:
        yield _difference(name, "status", "available", instance.status, "see the instance's events in the RDS console")
    if instance.parameter_status != "in-sync":
        group = f"{instance.parameter_group}: {instance.parameter_status}"
        yield _difference(
            name, "parameter group", "in-sync", group, "what is written is not in force: reboot in a quiet moment"
        )
    if instance.pending_class:
        yield _difference(
            name,
            "class to come",
            declared.supply.instance_class,
            instance.pending_class,
            f"it waits for a restart: {DEPLOY}",
        )
    for parameter, value in timeouts.items():
        found = instance.timeouts.get(parameter)
        if found != value:
            yield _difference(name, parameter, _set(value), _set(found), DEPLOY)
    if instance.peak is not None and instance.peak > declared.used:
        yield _difference(
            name,
            "connections in the last 24 h",
            f"at most {declared.used}",
            f"{instance.peak} at the peak",
            "somebody connects who is not declared: SELECT user, COUNT(*) FROM information_schema.processlist GROUP BY user",
            breaks=True,
        )


def _of_budget(declared: Budget, found: Budget, unread: Collection[str]) -> Iterator[Difference]:
    name, supply = declared.database, found.supply
    if supply.max_connections != declared.supply.max_connections:
        yield _difference(
            name,
            "max_connections",
            f"{declared.supply.max_connections} ({declared.supply.source})",
            f"{supply.max_connections} ({supply.source})",
            DEPLOY,
            breaks=not replace(declared, supply=supply).fits,
        )
    if supply.instance_class not in ("", declared.supply.instance_class):
        yield _difference(name, "class", declared.supply.instance_class, supply.instance_class, DEPLOY)
    if found.reserve != declared.reserve:
        breaks = not replace(declared, reserve=found.reserve).fits
        yield _difference(name, "reserve", declared.reserve, found.reserve, DEPLOY, breaks=breaks)
    ours = {workload.name: workload for workload in declared.workloads}
    theirs = {workload.name: workload for workload in found.workloads}
    for workload in declared.workloads:
        there = theirs.get(workload.name)
        if workload.name in unread:
            continue
        if there is None:
            yield _difference(workload.name, "workload", "uses the database", "does not run here", DEPLOY)
        elif there != workload:
            swapped = tuple(there if old is workload else old for old in declared.workloads)
            yield from _of_workload(workload, there, breaks=not replace(declared, workloads=swapped).fits)
    for workload in found.workloads:
        if workload.name not in ours:
            yield _difference(
                workload.name,
                "workload",
                "unknown",
                counted(workload.demand, "connection"),
                "declare it in Pulumi.yaml, or take its access to the database away",
                breaks=not replace(declared, workloads=(*declared.workloads, workload)).fits,
            )
    if declared.fits and not found.fits:
        yield _difference(
            name,
            "headroom",
            declared.headroom,
            found.headroom,
            "together the differences break the budget: clients are refused once all are at their maximum",
            breaks=True,
        )


def _of_workload(declared: Workload, found: Workload, *, breaks: bool) -> Iterator[Difference]:
    """A desired count that autoscaling moves below the maximum is no difference: only what bounds the demand counts."""
    numbers = {
        LIMIT: (declared.limit, found.limit),
        "processes": (declared.processes, found.processes),
        "pools per process": (declared.pools, found.pools),
        "connections outside the pool": (declared.outside_pool, found.outside_pool),
        "most tasks": (most_tasks(declared), most_tasks(found)),
    }
    for what, (mine, theirs) in numbers.items():
        if mine != theirs:
            yield _difference(declared.name, what, mine, theirs, DEPLOY, breaks=breaks)
    # With other task maxima the tasks alive differ as well, and nothing is learned by saying so.
    if declared.alive != found.alive and most_tasks(declared) == most_tasks(found):
        mine, theirs = (f"{tasks.alive} ({tasks.why})" for tasks in (declared.tasks, found.tasks))
        yield _difference(declared.name, "tasks alive at once", mine, theirs, DEPLOY, breaks=breaks)


def _set(value: str | None) -> str:
    return "not set" if value is None else f"{value} s"
