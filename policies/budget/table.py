"""The budget as a plain-text table: the same in policy messages and on the command line."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from policies.budget.demand import Workload
from policies.budget.engines import reserved_for
from policies.budget.verdict import Budget
from policies.budget.words import counted

_HEADINGS = ("workload", "limit", "pools", "outside", "tasks", "demand", "tasks alive at once")
_WIDTH: Final = 74
"""Columns of the whole table: in 80 it stands below the indentation of a message."""
_LONGEST_NAME: Final = 18
_LEAST_ROOM: Final = 20
"""Columns beside the numbers in which a note is still readable on several lines."""
_APART: Final = "  "


def budget_table(budget: Budget) -> str:
    """Every workload with limit x pools of a task (+ outside) x tasks alive = demand, then supply, reserve, headroom.

    At most 74 columns: a long name has a line of its own, a long note goes on in the next ones or stands below, no word is broken.
    """
    supply = budget.supply
    outside = any(workload.outside_pool for workload in budget.workloads)
    rows = [_HEADINGS, *(_row(workload) for workload in budget.workloads)]
    sums = (
        ("demand", budget.demand, "all workloads at once"),
        ("reserve", budget.reserve, reserved_for(supply.engine)),
        ("max_connections", supply.max_connections, supply.source),
        ("headroom", budget.headroom, "left over" if budget.fits else "too few"),
    )
    rows.extend((name, "", "", "", "", str(number), note) for name, number, note in sums)
    kept = [column for column in range(len(_HEADINGS) - 1) if outside or _HEADINGS[column] != "outside"]
    widths = [max(len(row[column]) for row in rows) for column in kept]
    widths[0] = min(widths[0], _LONGEST_NAME)
    lines = [list(_lines([row[column] for column in kept], row[-1], widths)) for row in rows]
    rule = ["-" * max(len(line) for row in lines for line in row)]
    split = len(rows) - len(sums)
    return "\n".join(line for row in (lines[0], rule, *lines[1:split], rule, *lines[split:]) for line in row)


def _lines(cells: Sequence[str], note: str, widths: Sequence[int]) -> Iterator[str]:
    name, *numbers = cells
    if len(name) > widths[0]:
        yield name
        name = ""
    number_cells = (text.rjust(width) for text, width in zip(numbers, widths[1:], strict=True))
    start = _APART.join((name.ljust(widths[0]), *number_cells, ""))
    indent = len(start)
    longest = max(map(len, note.split()), default=0)
    room = _WIDTH - indent
    if longest > room or len(note) > room < _LEAST_ROOM:  # below, where there is more
        yield start.rstrip()
        start, indent = _APART * 2, len(_APART * 2)
    first, *rest = textwrap.wrap(
        note, max(_WIDTH - indent, longest), break_long_words=False, break_on_hyphens=False
    ) or [""]
    yield f"{start}{first}".rstrip()
    yield from (f"{'':{indent}}{line}" for line in rest)


def headline(budget: Budget) -> str:
    """One line: "dev-db: 53 of 60 connections, 7 to spare"."""
    state = f"{budget.headroom} to spare" if budget.fits else f"{-budget.headroom} too many"
    return f"{budget.database}: {budget.used} of {counted(budget.supply.max_connections, 'connection')}, {state}"


def _row(workload: Workload) -> tuple[str, ...]:
    numbers = (workload.limit, workload.pools_per_task, workload.outside_pool, workload.alive, workload.demand)
    limit, pools, outside, alive, demand = (str(number) for number in numbers)
    return (workload.name, limit, f"x {pools}", f"+ {outside}", f"x {alive}", demand, workload.why)
