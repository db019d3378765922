"""The policy `user-connections-enough`: the limit of connections of one account is not below what a workload opens."""

from __future__ import annotations

from collections.abc import Iterable

from policies.facts.clients.budgets import DatabaseBudget
from policies.facts.database.parameter_groups import parameter, parameter_groups
from policies.facts.finding import Finding
from policies.resources.reading import Undecided, decided
from policies.resources.tokens import CLIENT_SIDE, DATABASE_SIDE, DB_INSTANCE
from policies.rules.rule import Stack, stack_policy

_NAME = "max_user_connections"


@stack_policy(
    what="The parameter max_user_connections of MySQL and MariaDB is not below what a single workload may open.",
    why="It holds for every account: beyond it the server refuses that workload with error 1226, however much is free.",
    severity="high",
    how_to_fix="Remove max_user_connections, or set it to the largest demand of a workload; limit accounts one by one.",
    url="https://dev.mysql.com/doc/refman/8.4/en/user-resources.html",
    types=CLIENT_SIDE | DATABASE_SIDE,
)
def user_connections_enough(stack: Stack) -> Iterable[Finding]:
    for entry in stack.facts.budgets:
        database = stack.graph.get(entry.urn)
        if not isinstance(entry, DatabaseBudget) or database is None or database.type != DB_INSTANCE:
            continue
        # What cannot be read of the group, connection-budget says.
        found = decided(lambda database=database: parameter(parameter_groups(stack.graph, database), _NAME))
        text, group = ("", "") if isinstance(found, Undecided) else found
        if text is None or not (text.isascii() and text.isdigit()) or int(text) == 0:
            continue
        over = [workload for workload in entry.budget.workloads if workload.demand > int(text)]
        if over:
            largest = max(over, key=lambda workload: workload.demand)
            names = ", ".join(f"{workload.name} up to {workload.demand}" for workload in over)
            yield Finding.of(
                entry.urn,
                entry.database,
                f"{_NAME} is {text} in {group}, and {names[:300]} connections are opened by one account",
                required=f"0, which is no limit, or at least {largest.demand}",
                fix=f"Remove {_NAME}, and limit accounts one by one where they have to be.",
            )
