"""The policy `connection-budget`: what all applications can open together stays within the database's max_connections."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence

from policies.budget.engines import engine_name, group_of, refusal_of
from policies.budget.supply import Supply
from policies.budget.table import budget_table, headline
from policies.budget.verdict import Budget
from policies.facts.clients.budgets import DatabaseBudget, UndecidedBudget
from policies.facts.ecs.container_hosts import MACHINES
from policies.facts.facts import Facts
from policies.facts.finding import Finding, Parts
from policies.resources.tokens import CLIENT_SIDE, DATABASE_SIDE, DB_CLUSTER
from policies.rules.budget.ways_out import NO_SINGLE_WAY, ways_out
from policies.rules.policy import EVERYWHERE
from policies.rules.rule import Stack, stack_policy

EACH_ALONE = "Each of these alone is enough:"
FITTING = "Connection budget of "
"""How the first line of a budget that holds begins; the lines of its table follow, indented. Read by gate/events.py."""


@stack_policy(
    what="All applications together can open at most max_connections connections on their database.",
    why="Pools without a limit, or limits that only fit until the next roll-out, end in refused clients, all at once. What counts is "
    "the most tasks alive at once: roll-outs, autoscaling, overlapping jobs.",
    severity="critical",
    how_to_fix="Lower DB_CONN_LIMIT or the task maximum of a workload, or raise max_connections with a class whose memory covers "
    "it; the message holds the largest values that fit.",
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html",
    levels=EVERYWHERE,
    types=CLIENT_SIDE | DATABASE_SIDE | MACHINES,
)
def connection_budget(stack: Stack) -> Iterable[Finding]:
    for entry in stack.facts.budgets:
        if isinstance(entry, UndecidedBudget):
            yield from entry.findings
            yield from () if stack.lenient else _estimates(stack, entry)
            continue
        if not entry.budget.fits:
            yield broken(entry.urn, entry.budget, () if stack.trial else ways_out(stack, entry))
        if not stack.lenient and entry.budget.supply.estimated:
            cluster = _is_cluster(stack, entry.urn)
            yield _estimate(entry.database, entry.urn, entry.budget.supply, cluster=cluster, used=entry.budget.used)


def fitting_budgets(facts: Facts, refused: Collection[str] = ()) -> Iterator[str]:
    """The table of every budget that holds, for the engine's diagnostics: what is used, of how much, and what is left.

    refused: URNs of databases that have a finding, whose budget is not said to hold behind it; "" for all of them.
    """
    for entry in facts.budgets:
        known = isinstance(entry, DatabaseBudget) and entry.urn not in refused and "" not in refused
        if isinstance(entry, DatabaseBudget) and known and entry.budget.fits:
            yield f"{FITTING}{headline(entry.budget)}."
            yield from textwrap.indent(budget_table(entry.budget), "  ").splitlines()


def broken(urn: str, budget: Budget, ways: Sequence[str]) -> Finding:
    """The whole answer for a budget that does not fit: table, why, and single changes that fix it."""
    table, wanted = budget_table(budget), within(budget)
    listed = "".join(f"\n  - {way}" for way in ways)
    how = f", {EACH_ALONE[0].lower()}{EACH_ALONE[1:]}{listed}" if ways else f": {NO_SINGLE_WAY}."
    return Finding(
        urn,
        f"{headline(budget)}.\n\n{table}\n\nRequired: {wanted}.\nHow to fix it{how}",
        parts=Parts(
            found=headline(budget),
            required=wanted,
            table=tuple(table.splitlines()),
            fix=EACH_ALONE if ways else f"{NO_SINGLE_WAY[0].upper()}{NO_SINGLE_WAY[1:]}.",
            ways=tuple(ways),
        ),
    )


def within(budget: Budget) -> str:
    """What is required of a budget: half a sentence."""
    engine = budget.supply.engine
    return (
        f"demand and reserve together at most max_connections, {budget.supply.max_connections}; beyond it {engine_name(engine)} "
        f"refuses clients with {refusal_of(engine)}"
    )


def _estimate(name: str, urn: str, supply: Supply, *, cluster: bool, used: int | None = None) -> Finding:
    """used: connections that all clients open, None where they cannot be counted."""
    least = "" if used is None else f", at least {used}"
    return Finding.of(
        urn,
        name,
        f"max_connections is an estimate ({supply.max_connections}, {supply.source})",
        required="a literal in this stage, so that the number does not move with the class or the engine",
        fix=f"Set max_connections in its {group_of(supply.engine, cluster=cluster)}{least}.",
    )


def _estimates(stack: Stack, entry: UndecidedBudget) -> Iterator[Finding]:
    """What is asked of max_connections, whoever the clients turn out to be."""
    for database in stack.facts.databases if entry.database else ():
        if database.urn == entry.urn and database.supply is not None and database.supply.estimated:
            yield _estimate(database.name, database.urn, database.supply, cluster=_is_cluster(stack, database.urn))


def _is_cluster(stack: Stack, urn: str) -> bool:
    database = stack.graph.get(urn)
    return database is not None and database.type == DB_CLUSTER
