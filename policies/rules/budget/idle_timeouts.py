"""The policies `wait-timeout` and `pool-idle-time`: sleeping sessions end soon, and pools let go before the server does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policies.budget.declarations import IDLE
from policies.facts.clients.database_access import reach_of
from policies.facts.database.parameter_groups import clusters_of, engine_of, parameter, parameter_groups
from policies.facts.ecs.task_runs import Run
from policies.facts.facts import Facts
from policies.facts.finding import Finding
from policies.resources.graph import Graph, Resource
from policies.resources.reading import Absent, Undecided, decided, read, read_text, refuse, required, text_or
from policies.resources.tokens import CLIENT_SIDE, DATABASE_SIDE, DB_CLUSTER, DB_CLUSTER_INSTANCE, DB_INSTANCE
from policies.rules.policy import STRICT_IN_PRD, setting
from policies.rules.rule import Stack, stack_policy

SHORTEST, LONGEST = 30, 300
"""Seconds a sleeping session may live: below 30 pools reconnect all the time, above 300 leaked sessions add up."""
MARGIN_MS = 5_000
"""How much earlier a pool lets go: longer than a pool's own clean-up interval, so that the two never race."""

_MYSQL_LIKE = frozenset({"mysql", "mariadb", "aurora-mysql"})
_NAMES = ("wait_timeout", "interactive_timeout")


@stack_policy(
    name="wait-timeout",
    what="wait_timeout and interactive_timeout are set, equal and short.",
    why=(
        "MySQL keeps a sleeping session for 28800 seconds (8 hours) by default: every leaked one holds a connection that "
        "nobody else can have until then."
    ),
    severity="high",
    how_to_fix="Set both to 60 in the parameter group that the instance uses.",
    url="https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_wait_timeout",
    levels=STRICT_IN_PRD,
    settings=(
        setting("minimumSeconds", SHORTEST, "Seconds that a sleeping session lives at least.", minimum=1),
        setting("maximumSeconds", LONGEST, "Seconds that a sleeping session lives at most.", minimum=1, maximum=28_800),
    ),
    types=DATABASE_SIDE,
)
def wait_timeout(stack: Stack) -> Iterable[Finding]:
    return judge_timeouts(stack.facts, *stack.span("minimumSeconds", "maximumSeconds"))


def judge_timeouts(facts: Facts, shortest: int = SHORTEST, longest: int = LONGEST) -> Iterator[Finding]:
    """A finding for every MySQL or MariaDB database whose session timeouts are absent, unequal or out of range (seconds)."""
    for database in _databases(facts.graph):
        name = text_or(read_text(database, "identifier"), database.name)
        found = decided(lambda database=database: _timeouts(facts.graph, database))
        if isinstance(found, Undecided):
            yield Finding.unread(database.urn, name, found.of(database))
            continue
        values, group = found
        problems = [
            f"{key} is {_shown(value)}"
            for key, value in values.items()
            if value is None or not shortest <= value <= longest
        ]
        if not problems and len(set(values.values())) > 1:
            problems = [f"{key} is {value}" for key, value in values.items()]
        if problems:
            yield Finding(
                database.urn,
                f"{name}: {' and '.join(problems)} in {group}. Required: both set, equal and from {shortest} to {longest} "
                f"seconds. MySQL's default is 28800, so a leaked session holds its connection for 8 hours. Set both to "
                f"{min(max(60, shortest), longest)} in the parameter group that {name} uses.",
            )


@stack_policy(
    name="pool-idle-time",
    what="A pool lets an idle connection go before the database does.",
    why="Otherwise the pool hands out a connection that the server has just closed (PROTOCOL_CONNECTION_LOST).",
    severity="medium",
    how_to_fix="Set DB_POOL_IDLE_MS at least 5 seconds below wait_timeout.",
    url="https://dev.mysql.com/doc/refman/8.4/en/gone-away.html",
    levels=STRICT_IN_PRD,
    settings=(setting("marginMs", MARGIN_MS, "Milliseconds by which a pool lets go before the database does."),),
    types=CLIENT_SIDE | DATABASE_SIDE,
)
def pool_idle_time(stack: Stack) -> Iterable[Finding]:
    return judge_pool_idle_time(stack.facts, stack.number("marginMs"))


def judge_pool_idle_time(facts: Facts, margin_ms: int = MARGIN_MS) -> Iterator[Finding]:
    """A finding for every container whose declared pool idle time is not clearly below its databases' shortest wait_timeout."""
    waits = _waits(facts.graph)
    for run in facts.runs:
        if len(run.definitions) == 1:
            found = decided(lambda run=run: facts.containers(run.definitions[0]))
            containers = () if isinstance(found, Undecided) else found  # connection-budget reports what is undecided
            for container in containers:
                if IDLE in container.environment:
                    reached = {database.urn for database in reach_of(facts.doors, run, containers).databases}
                    ours = [wait for urn, wait in waits.items() if urn in reached or not reached & waits.keys()]
                    most = min(ours) * 1000 - margin_ms if ours else None
                    yield from _idle_findings(run, container.name, container.environment[IDLE], most, margin_ms)


def _databases(graph: Graph) -> Iterator[Resource]:
    """Instances, cluster members and Multi-AZ clusters whose engine has these timeouts, or is unknown."""
    clusters = (
        cluster
        for cluster in graph.of_type(DB_CLUSTER)
        if not isinstance(read(cluster, "dbClusterInstanceClass"), Absent)
    )
    for database in (*graph.of_type(DB_INSTANCE, DB_CLUSTER_INSTANCE), *clusters):
        engine = engine_of(graph, database)
        if text_or(engine, "mysql") in _MYSQL_LIKE:
            yield database


def _timeouts(graph: Graph, database: Resource) -> tuple[dict[str, int | None], str]:
    required(engine_of(graph, database))
    groups = parameter_groups(graph, database)
    values: dict[str, int | None] = {}
    group = ""
    for key in _NAMES:
        text, group = parameter(groups, key)
        if text is not None and not (text.isascii() and text.isdigit()):
            refuse(key, f'is "{text}", a number of seconds is required')
        values[key] = None if text is None else int(text)
    return values, group


def _waits(graph: Graph) -> dict[str, int]:
    """By the URN of an instance, or of the cluster that it is a member of: the shortest wait_timeout that is known."""
    waits: dict[str, int] = {}
    for database in _databases(graph):
        told = decided(lambda database=database: _timeouts(graph, database))
        wait = None if isinstance(told, Undecided) else told[0]["wait_timeout"]
        clusters = clusters_of(graph, database) if database.type == DB_CLUSTER_INSTANCE else ()
        for owner in clusters or (database,):
            if wait is not None:
                waits[owner.urn] = min(wait, waits.get(owner.urn, wait))
    return waits


def _idle_findings(run: Run, container: str, text: str | None, most: int | None, margin_ms: int) -> Iterator[Finding]:
    where = f'{run.name}: {IDLE} of container "{container}"'
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 9:
        shown = "no string" if text is None else f'"{text[:40]}"'
        yield Finding(run.resource.urn, f"{where} is {shown}. Required: a number of milliseconds, such as 30000.")
    elif most is not None and int(text) > most:
        wait = (most + margin_ms) // 1000
        yield Finding(
            run.resource.urn,
            f"{where} is {int(text)} ms and the database ends a sleeping session after {wait} s (wait_timeout). Required: at "
            f"most {most} ms, so that the pool lets go first; else it hands out connections the server has closed. Set "
            f"{IDLE} to {min(most, wait * 500)}.",
        )


def _shown(value: int | None) -> str:
    return "not set" if value is None else str(value)
