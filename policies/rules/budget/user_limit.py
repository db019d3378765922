"""The policy `user-connections-enough`: the limit of connections of one account is not below what its workloads open together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policies.budget.demand import DeclaredClients, Workload
from policies.facts.clients.budgets import DatabaseBudget
from policies.facts.clients.database_users import accounts_by_client
from policies.facts.database.parameter_groups import clusters_of, parameter, parameter_groups
from policies.facts.finding import Finding
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Undecided, decided
from policies.resources.tokens import CLIENT_SIDE, DATABASE_SIDE, DB_CLUSTER, DB_CLUSTER_INSTANCE, DB_INSTANCE, FUNCTION
from policies.rules.rule import Stack, stack_policy

_NAME = "max_user_connections"


@stack_policy(
    what="The parameter max_user_connections of MySQL and MariaDB is not below what the workloads of one account may open.",
    why="It holds for every account: beyond it the server refuses whoever connects as it with error 1226, however much is free.",
    severity="high",
    how_to_fix="Remove max_user_connections, or set it to the largest demand of an account; limit accounts one by one.",
    url="https://dev.mysql.com/doc/refman/8.4/en/user-resources.html",
    types=CLIENT_SIDE | DATABASE_SIDE | {FUNCTION},
)
def user_connections_enough(stack: Stack) -> Iterable[Finding]:
    for entry in stack.facts.budgets:
        database = stack.graph.get(entry.urn)
        if not isinstance(entry, DatabaseBudget) or database is None:
            continue
        for instance in _servers(stack.graph, database):
            found = decided(lambda instance=instance: parameter(parameter_groups(stack.graph, instance), _NAME))
            if isinstance(found, Undecided):
                yield Finding.unread(entry.urn, entry.database, found.of(instance))
                continue
            text, group = found
            if text is None or text.strip() == "0":
                continue
            if text.isascii() and text.isdigit():
                yield from _judged(stack, entry, int(text), group)
            else:
                why = f'undecided: {_NAME} is "{text[:40]}" in {group}, which is not an integer, so what an account may open is not known'
                yield Finding.unread(entry.urn, entry.database, why)


def _servers(graph: Graph, database: Resource) -> Iterator[Resource]:
    """What has the parameters: an instance, or the members of a cluster, a Multi-AZ cluster by itself."""
    if database.type == DB_CLUSTER:
        members = [one for one in graph.of_type(DB_CLUSTER_INSTANCE) if database in clusters_of(graph, one)]
        yield from members or [database]
    elif database.type == DB_INSTANCE:
        yield database


def _judged(stack: Stack, entry: DatabaseBudget, limit: int, group: str) -> Iterator[Finding]:
    accounts = accounts_by_client(stack.facts)
    known: dict[str, list[Workload]] = {}
    unknown: list[Workload] = []
    for workload, urn in zip(entry.budget.workloads, entry.urns, strict=True):
        account = accounts.get(urn)
        if account is not None:
            known.setdefault(account, []).append(workload)
        elif workload.demand:
            unknown.append(workload)
    # One workload whose account is not known has one all the same; what is declared as a whole may be many clients.
    alone = [[workload] for workload in unknown if not isinstance(workload.tasks, DeclaredClients)]
    over = [(account, workloads) for account, workloads in known.items() if _sum(workloads) > limit]
    over += [("one account", workloads) for workloads in alone if _sum(workloads) > limit]
    for account, workloads in over:
        together = f", {_sum(workloads)} together," if len(workloads) > 1 else ""
        yield Finding.of(
            entry.urn,
            entry.database,
            f"{_NAME} is {limit} in {group}, and {_shown(workloads)} connections{together} are opened by {account}",
            required=f"0, which is no limit, or at least {_sum(workloads)}",
            fix=f"Remove {_NAME}, or give each workload an account of its own, and limit accounts one by one.",
        )
    fullest = max(known.items(), key=lambda one: _sum(one[1]), default=("", []))
    if not over and unknown and _sum(fullest[1]) + _sum(unknown) > limit:
        others = f", which may be {fullest[0]} with {_sum(fullest[1])}" if fullest[0] else ""
        yield Finding.unread(
            entry.urn,
            entry.database,
            f"undecided: {_NAME} is {limit} in {group}, and as which account {_shown(unknown)} connections are opened is not "
            f"known{others}: write each account's name in DB_USER",
        )


def _sum(workloads: Iterable[Workload]) -> int:
    return sum(workload.demand for workload in workloads)


def _shown(workloads: Iterable[Workload]) -> str:
    return ", ".join(f"{workload.name} up to {workload.demand}" for workload in workloads)[:300]
