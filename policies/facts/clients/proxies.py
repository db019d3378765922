"""RDS Proxies: what each opens at its database, and who reaches the database through one alone.

Source: Amazon RDS User Guide, "Managing connections with RDS Proxy": MaxConnectionsPercent, of max_connections of the target, bounds what
a proxy opens there, whatever its clients open at the proxy; 100 by default for MySQL, MariaDB and PostgreSQL. "Working with Amazon RDS
Proxy endpoints": an endpoint has security groups of its own, and opens connections by its proxy alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policies.facts.database.databases import Database
from policies.facts.ecs.task_runs import Run
from policies.facts.stack import StackFacts
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.reading import known_text, optional, refuse
from policies.resources.references import References, belonging, references
from policies.resources.requested import asked_integer

PERCENT = ("connectionPoolConfig", "maxConnectionsPercent")
_DEFAULT_PERCENT = 100
_TARGETS = ((tokens.DB_INSTANCE, "dbInstanceIdentifier"), (tokens.DB_CLUSTER, "dbClusterIdentifier"))


def groups_of(graph: Graph, proxy: Resource) -> References:
    """The security groups that a proxy stands in."""
    return references(graph, proxy, tokens.SECURITY_GROUP, "vpcSecurityGroupIds")


def _let_in_by(graph: Graph, proxy: Resource) -> frozenset[str]:
    """The security groups by which clients reach a proxy: its own, and those of its further endpoints."""
    endpoints = belonging(graph, proxy, tokens.PROXY_ENDPOINT, "dbProxyName")
    return groups_of(graph, proxy).keys.union(*(groups_of(graph, endpoint).keys for endpoint in endpoints))


def targets_of(graph: Graph, proxy: Resource, databases: tuple[Database, ...]) -> tuple[Database, ...]:
    """The databases that a proxy opens connections on, as far as the stack says."""
    return databases_of(graph, belonging(graph, proxy, tokens.PROXY_TARGET, "dbProxyName"), databases)


def databases_of(graph: Graph, targets: Iterable[Resource], databases: tuple[Database, ...]) -> tuple[Database, ...]:
    """The databases that targets of proxies are."""
    keys = {key for target in targets for kind, prop in _TARGETS for key in references(graph, target, kind, prop).keys}
    return tuple(database for database in databases if keys & {database.urn, *database.called})


def percent_of(graph: Graph, proxy: Resource) -> int:
    """MaxConnectionsPercent, 1 to 100. Raises NotDecidedError."""
    return _percent(belonging(graph, proxy, tokens.PROXY_TARGET_GROUP, "dbProxyName"))


def targets_without_proxy(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """(a target, the name of its proxy as far as it is known) of proxies that are none of the stack."""
    return _without_proxy(graph, tokens.PROXY_TARGET)


def groups_without_proxy(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """(a target group, the name of its proxy as far as it is known) of proxies that are none of the stack."""
    return _without_proxy(graph, tokens.PROXY_TARGET_GROUP)


def _without_proxy(graph: Graph, kind: str) -> Iterator[tuple[Resource, str]]:
    for held in graph.of_type(kind):
        if not any(graph.get(key) for key in references(graph, held, tokens.DB_PROXY, "dbProxyName").keys):
            yield held, known_text(held, "dbProxyName")


def percent_by_name(graph: Graph, name: str) -> int | None:
    """MaxConnectionsPercent of a proxy elsewhere; None where no target group of it is in the stack. Raises NotDecidedError."""
    groups = graph.by_text(tokens.PROXY_TARGET_GROUP, "dbProxyName").get(name, ()) if name else ()
    return _percent(groups) if groups else None


def _percent(groups: Iterable[Resource]) -> int:
    stated = [optional(asked_integer(group, *PERCENT), _DEFAULT_PERCENT) for group in groups]
    percent = max(stated, default=_DEFAULT_PERCENT)
    if not 1 <= percent <= 100:
        refuse(".".join(PERCENT), f"is {percent}, a number from 1 to 100 is required")
    return percent


def only_by_proxy(facts: StackFacts, run: Run) -> bool:
    """Whether a run's groups are let in by a proxy of the stack, or an endpoint of one, and by no database: it opens none there itself."""
    groups = run.security_groups
    proxies = facts.graph.of_type(tokens.DB_PROXY)
    if not proxies or groups.undecided is not None or facts.doors.let_in(groups):
        return False
    if any(database.unguarded for database in facts.databases):
        return False
    keys = frozenset(key for proxy in proxies for key in _let_in_by(facts.graph, proxy))
    return any(
        opening.ingress and opening.groups.keys & keys and (opening.sources.keys & groups.keys or opening.addresses)
        for rules in facts.openings.values()
        for opening in rules
    )
