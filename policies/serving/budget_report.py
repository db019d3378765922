"""The connection budgets as the pack judged them, as JSON in a file that the environment names: before, after, and on the way.

Only the pack sees the whole stack, whichever engine asks it; the gate shows these numbers and computes none of its own.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from policies.budget.classes import family_of
from policies.budget.demand import ServiceTasks, Workload, kind_of, most_tasks
from policies.budget.supply import Supply, class_default
from policies.budget.verdict import Budget
from policies.facts.clients.budgets import DatabaseBudget, UndecidedBudget

REPORT_VARIABLE = "CONNECTION_BUDGET_REPORT"
"""Environment variable: the absolute path of the file to write. Unset: none is written."""
Entry = DatabaseBudget | UndecidedBudget
WaysOut = Callable[[DatabaseBudget], Iterable[str]]


def write_report(
    path: Path, after: Iterable[Entry], before: Iterable[Entry], on_the_way: Mapping[str, Budget], ways_out: WaysOut
) -> None:
    """Write the budgets; a file that cannot be written changes no verdict.

    on_the_way: by the URN of a database, its budget while the deployment runs; none without a baseline. ways_out: what alone fixes one.
    """
    with contextlib.suppress(OSError):
        path.write_text(json.dumps(documents(after, before, on_the_way, ways_out)), encoding="utf-8")


def documents(
    after: Iterable[Entry], before: Iterable[Entry], on_the_way: Mapping[str, Budget], ways_out: WaysOut
) -> list[dict[str, Any]]:
    """One object a database, with the keys of `DatabaseBudget` in schema/gate.schema.json."""
    earlier = {entry.urn: entry for entry in before}
    later = {entry.urn: entry for entry in after}
    urns = _urns(earlier.values()) | _urns(later.values())
    return [
        _database(later.get(urn), earlier.get(urn), on_the_way.get(urn), urns, ways_out)
        for urn in dict.fromkeys((*later, *earlier))
    ]


def _database(
    after: Entry | None, before: Entry | None, way: Budget | None, urns: Mapping[str, str], ways_out: WaysOut
) -> dict[str, Any]:
    entry = after or before
    assert entry is not None
    now = after.budget if isinstance(after, DatabaseBudget) else None
    then = before.budget if isinstance(before, DatabaseBudget) else None
    findings = [finding.message for finding in after.findings] if isinstance(after, UndecidedBudget) else []
    broken = any(budget is not None and not budget.fits for budget in (now, way))
    return {
        "database": entry.database,
        "urn": entry.urn,
        "verdict": "undecided" if findings else "broken" if broken else "fits",
        "findings": findings,
        "before": then and _budget(then, _own(before)),
        "after": now and _budget(now, _own(after)),
        "rollout": way and _budget(way, [urns.get(workload.name, "") for workload in way.workloads]),
        "ways_out": list(ways_out(after)) if isinstance(after, DatabaseBudget) else [],
        "classes": [] if now is None else _classes(now.supply),
    }


def _own(entry: Entry | None) -> Sequence[str]:
    """What runs each workload, in their order: two workloads may have one name."""
    return entry.urns if isinstance(entry, DatabaseBudget) else ()


def _budget(budget: Budget, urns: Sequence[str]) -> dict[str, Any]:
    supply = budget.supply
    return {
        "max_connections": supply.max_connections,
        "estimated": supply.estimated,
        "source": supply.source,
        "engine": supply.engine,
        "instance_class": supply.instance_class,
        "reserve": budget.reserve,
        "demand": budget.demand,
        "used": budget.used,
        "headroom": budget.headroom,
        "workloads": [_workload(workload, urn) for workload, urn in zip(budget.workloads, urns, strict=True)],
    }


def _workload(workload: Workload, urn: str) -> dict[str, Any]:
    tasks = most_tasks(workload)
    return {
        "name": workload.name,
        "urn": urn,
        "kind": kind_of(workload),
        "limit": workload.limit,
        "processes": workload.processes,
        "pools": workload.pools,
        "outside_pool": workload.outside_pool,
        "tasks": tasks,
        "tasks_alive": workload.alive,
        "alive_percent": _percent(workload, tasks),
        "demand": workload.demand,
        "steady": workload.per_task * tasks,
        "why": workload.why,
    }


def _percent(workload: Workload, tasks: int) -> int:
    """What share of its most tasks can be alive, so that another number of tasks can be asked for."""
    if not isinstance(workload.tasks, ServiceTasks):
        return 100 * workload.alive // tasks if tasks else 100
    own = workload.tasks.maximum_percent if workload.tasks.strategy == "rolling" else 200
    return max(200, own) + (100 if workload.tasks.overlapping_deployments else 0)


def _classes(supply: Supply) -> list[dict[str, Any]]:
    """A literal stays what it is on any class; an estimate moves with the memory."""
    found = (
        (name, class_default(supply, name) if supply.estimated else supply.max_connections)
        for name in family_of(supply.instance_class)
    )
    return [{"instance_class": name, "max_connections": number} for name, number in found if number is not None]


def _urns(entries: Iterable[Entry]) -> dict[str, str]:
    """By a workload's name, the URN of what runs it."""
    return {
        workload.name: urn
        for entry in entries
        if isinstance(entry, DatabaseBudget)
        for workload, urn in zip(entry.budget.workloads, entry.urns, strict=True)
    }
