"""The budget as a plain-text table: the same in policy messages and on the command line."""

from __future__ import annotations

from policies.budget.demand import Workload
from policies.budget.engines import reserved_for
from policies.budget.verdict import Budget
from policies.budget.words import counted

_HEADINGS = ("workload", "limit", "pools", "outside", "tasks", "demand", "tasks alive at once")


def budget_table(budget: Budget) -> str:
    """Every workload with limit x pools of a task (+ outside) x tasks alive = demand, then supply, reserve, headroom."""
    supply = budget.supply
    outside = any(workload.outside_pool for workload in budget.workloads)
    rows = [_HEADINGS, *(_row(workload) for workload in budget.workloads)]
    sums = (
        ("demand", budget.demand, "most connections that all workloads can open at once"),
        ("reserve", budget.reserve, f"kept for {reserved_for(supply.engine)}"),
        ("max_connections", supply.max_connections, supply.source),
        ("headroom", budget.headroom, "left over" if budget.fits else "too few"),
    )
    rows.extend((name, "", "", "", "", str(number), note) for name, number, note in sums)
    kept = [column for column in range(len(_HEADINGS)) if outside or _HEADINGS[column] != "outside"]
    widths = {column: max(len(row[column]) for row in rows) for column in kept}
    lines = ["  ".join(_cell(row[column], column, widths[column]) for column in kept).rstrip() for row in rows]
    rule = "-" * max(len(line) for line in lines)
    split = len(rows) - len(sums)
    return "\n".join([lines[0], rule, *lines[1:split], rule, *lines[split:]])


def headline(budget: Budget) -> str:
    """One line: "dev-db: 53 of 60 connections, 7 to spare"."""
    state = f"{budget.headroom} to spare" if budget.fits else f"{-budget.headroom} too many"
    return f"{budget.database}: {budget.used} of {counted(budget.supply.max_connections, 'connection')}, {state}"


def _row(workload: Workload) -> tuple[str, ...]:
    numbers = (workload.limit, workload.pools_per_task, workload.outside_pool, workload.alive, workload.demand)
    limit, pools, outside, alive, demand = (str(number) for number in numbers)
    return (workload.name, limit, f"x {pools}", f"+ {outside}", f"x {alive}", demand, workload.why)


def _cell(text: str, column: int, width: int) -> str:
    return text.ljust(width) if column in (0, len(_HEADINGS) - 1) else text.rjust(width)
