"""The connection budget of a database on the page: stacked bars against max_connections, and what if."""

from __future__ import annotations

import json
from collections.abc import Iterator

from gate.document import Budget, DatabaseBudget, Workload
from gate.inert import html

_WIDTH = 1000
_COLOURS = 6


def budget_section(entry: DatabaseBudget, name: str) -> Iterator[str]:
    """The section of one database. name: unique on the page, for ids."""
    yield f'<section class="card" aria-label="Connection budget of {html(entry.database)}"><h4>{html(entry.database)}: '
    yield f'<span class="{"ok" if entry.verdict == "fits" else "refused"}">{entry.verdict}</span></h4>'
    yield from (f"<pre>{html(text)}</pre>" for text in entry.findings)
    steps = (("before", entry.before), ("while it is deployed", entry.rollout), ("after", entry.after))
    for position, (when, budget) in enumerate(steps):
        if budget is not None:
            yield from _bar(budget, when, f"{name}-{position}")
    shown = entry.after or entry.before
    if shown is not None:
        yield from _table(shown)
    if entry.ways_out:
        yield f"<p>Each of these alone fixes it:</p><ul>{''.join(f'<li>{html(way)}</li>' for way in entry.ways_out)}</ul>"
    if entry.after is not None:
        yield from _what_if(entry, entry.after, name)
    yield "</section>"


def _bar(budget: Budget, when: str, name: str) -> Iterator[str]:
    """Demand in roll-outs as the full height, what runs outside of one as the lower half."""
    scale = _WIDTH / max(budget.max_connections, budget.used, 1)
    summary = f"{when}: {budget.used} of {budget.max_connections} connections, "
    summary += f"{budget.headroom} to spare" if budget.headroom >= 0 else f"{-budget.headroom} too many"
    yield f"<p>{html(summary)}</p>"
    yield f'<svg id="{name}" viewBox="0 0 {_WIDTH} 46" role="img" aria-label="{html(summary)}" data-used="{budget.used}" '
    yield f'data-most="{budget.max_connections}"><rect class="free" width="{_WIDTH}" height="36" y="5"/>'
    left = 0.0
    for position, workload in enumerate(budget.workloads):
        yield _part(workload.name, workload.demand, left, scale, f"s{position % _COLOURS}")
        steady = workload.steady * scale
        yield (
            f'<rect x="{left:.2f}" y="35" width="{steady:.2f}" height="6" class="free" opacity=".6">'
            f"<title>{html(workload.name)} outside roll-outs: {workload.steady}</title></rect>"
        )
        left += workload.demand * scale
    yield _part("reserve", budget.reserve, left, scale, "reserve")
    at = budget.max_connections * scale
    yield f'<line class="limit" x1="{at:.2f}" x2="{at:.2f}" y1="0" y2="46"><title>max_connections</title></line></svg>'


def _part(name: str, demand: int, left: float, scale: float, colour: str) -> str:
    return (
        f'<rect class="part {colour}" data-name="{html(name)}" x="{left:.2f}" y="5" width="{demand * scale:.2f}" height="36">'
        f"<title>{html(name)}: {demand}</title></rect>"
    )


def _table(budget: Budget) -> Iterator[str]:
    yield '<div class="scroll" tabindex="0" role="region" aria-label="Workloads"><table><thead><tr>'
    heads = ("workload", "limit", "per task", "tasks", "alive at once", "demand", "outside roll-outs", "why")
    yield "".join(f'<th scope="col">{head}</th>' for head in heads) + "</tr></thead><tbody>"
    for position, workload in enumerate(budget.workloads):
        numbers = (
            workload.limit,
            _per_task(workload),
            workload.tasks,
            workload.tasks_alive,
            workload.demand,
            workload.steady,
        )
        yield f'<tr><th scope="row"><span class="key s{position % _COLOURS}"></span> {html(workload.name)}</th>'
        yield "".join(f'<td class="n">{number}</td>' for number in numbers) + f"<td>{html(workload.why)}</td></tr>"
    yield '<tr><th scope="row"><span class="key reserve"></span> reserve</th><td colspan="4"></td>'
    yield f'<td class="n">{budget.reserve}</td><td colspan="2">kept for administrators and RDS</td></tr></tbody></table></div>'
    yield f'<p class="soft">max_connections {budget.max_connections}: {html(budget.source)}; {html(budget.engine)} on '
    yield f"{html(budget.instance_class)}; headroom {budget.headroom}.</p>"


def _per_task(workload: Workload) -> int:
    return workload.limit * workload.processes * workload.pools + workload.outside_pool


def _what_if(entry: DatabaseBudget, budget: Budget, name: str) -> Iterator[str]:
    """Hidden until its script runs: without one it would change nothing."""
    data = json.dumps(budget.model_dump(include={"max_connections", "reserve", "workloads"}))
    yield f'<fieldset class="what-if" hidden data-bar="{name}-2" data-budget="{html(data)}"><legend>What if</legend><p>'
    yield f'<output aria-live="polite">{budget.used} of {budget.max_connections} connections</output> '
    yield '<button type="button">as it is</button></p><table><thead><tr><th scope="col">workload</th>'
    yield '<th scope="col">limit</th><th scope="col">tasks</th></tr></thead><tbody>'
    for position, workload in enumerate(budget.workloads):
        tasks = "" if workload.kind == "other" else _slider(workload, "tasks", workload.tasks, 0, f"{name}-{position}")
        yield f'<tr><th scope="row">{html(workload.name)}</th><td>'
        yield f"{_slider(workload, 'limit', workload.limit, 1, f'{name}-{position}')}</td><td>{tasks}</td></tr>"
    yield "</tbody></table>"
    if entry.classes:
        yield f'<p><label>class of {html(entry.database)} <select name="class">'
        for choice in entry.classes:
            own = " selected" if choice.instance_class == budget.instance_class else ""
            yield f'<option data-connections="{choice.max_connections}"{own}>{html(choice.instance_class)}</option>'
        yield "</select></label></p>"
    yield "</fieldset>"


def _slider(workload: Workload, field: str, value: int, least: int, twin: str) -> str:
    most, index = max(4 * value, 20), twin.rpartition("-")[2]
    common = f'min="{least}" max="{most}" value="{value}" data-twin="{field}-{twin}"'
    label = html(f"{field} of {workload.name}")
    return (
        f'<input type="range" aria-label="{label}, slider" {common}> '
        f'<input type="number" name="{field}-{index}" aria-label="{label}" {common.replace(f"max={chr(34)}{most}{chr(34)} ", "")}>'
    )
