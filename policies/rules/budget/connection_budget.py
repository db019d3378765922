"""The policy `connection-budget`: what all applications can open together stays within the database's max_connections."""

from __future__ import annotations

from collections.abc import Iterator

from policies.budget.solve import ways_out
from policies.budget.table import budget_table, headline
from policies.budget.verdict import Budget
from policies.facts.clients.budgets import DatabaseBudget, UndecidedBudget, read_budgets
from policies.facts.finding import Finding
from policies.resources.graph import Graph


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


def _estimate_message(budget: Budget) -> str:
    return (
        f"{budget.database}: max_connections is an estimate ({budget.supply.max_connections}, {budget.supply.source}). "
        "Required in this stage: a literal, so that the number does not move with the class or the engine. Set "
        f"max_connections in its parameter group, at least {budget.used}."
    )
