"""The connection budget as bars of text: before, after and on the way there, against max_connections."""

from __future__ import annotations

from gate.document import Budget, DatabaseBudget

_WIDTH = 40


def bars(stage: str, entry: DatabaseBudget) -> list[str]:
    """Rows of a ```diff block: what fits is green, what does not is red, what is not judged is neither."""
    known = next((budget for budget in (entry.after, entry.before) if budget), None)
    size = f": {known.max_connections:,} connections, {known.instance_class}" if known else ""
    estimate = ", a low estimate" if known and known.estimated else ""
    rows = [f"@@ {stage}, {entry.database}{size}{estimate} @@"]
    if entry.before:
        rows.append(_row("  before  ", entry.before, entry))
    if entry.after:
        rows.append(_row("  after   ", entry.after, entry))
    elif entry.verdict == "undecided":
        rows.append("- after   undecided")
    else:
        rows.append("  after   the database is gone")
    if entry.rollout and (entry.after is None or entry.rollout.used > entry.after.used):
        rows.append(_row("  on the way", entry.rollout, entry))
    return rows


def bar(used: int, limit: int) -> str:
    """ "██░░" for 2 of 4; what is over the limit stands behind it: "████│▓▓"."""
    scale = max(used, limit, 1)
    edge = _cells(limit, scale)
    inside = min(_cells(used, scale), edge - 1 if used < limit else edge)
    return "█" * inside + "░" * (edge - inside) + ("│" + "▓" * (_WIDTH - edge) if used > limit else "")


def _cells(part: int, scale: int) -> int:
    return max(min(part, 1), round(_WIDTH * part / scale))


def _row(label: str, budget: Budget, entry: DatabaseBudget) -> str:
    left = budget.headroom
    said = f"{left:,} left" if left >= 0 else f"{-left:,} too many"
    sign = " " if budget is entry.before else "-" if left < 0 or entry.verdict != "fits" else "+"
    return f"{sign}{label[1:]}{bar(budget.used, budget.max_connections)} {budget.used:,} used, {said}"
