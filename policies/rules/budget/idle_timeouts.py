"""The policies `wait-timeout` and `pool-idle-time`: sleeping sessions end soon, and pools let go before the server does."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from fractions import Fraction

from policies.budget.declarations import IDLE, LIMIT
from policies.budget.engines import ENGINES, engine_name, group_of
from policies.facts.clients.database_access import reach_of
from policies.facts.clients.sidecars import by_sidecar
from policies.facts.database.multi_az_clusters import has_instances_itself
from policies.facts.database.parameter_groups import clusters_of, engine_of, parameter, parameter_groups
from policies.facts.ecs.task_runs import Run
from policies.facts.finding import Finding
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Undecided, decided
from policies.resources.reading import name_of, refuse, required, text_or
from policies.resources.tokens import CLIENT_SIDE, DATABASE_SIDE, DB_CLUSTER, DB_CLUSTER_INSTANCE, DB_INSTANCE
from policies.rules.policy import setting
from policies.rules.rule import Stack, stack_policy

SHORTEST, LONGEST = 30, 300
"""Seconds a sleeping session may live: below 30 pools reconnect all the time, above 300 leaked sessions add up."""
MARGIN_MS = 5_000
"""How much earlier a pool lets go: longer than a pool's own clean-up interval, so that the two never race."""

_LEAST_IDLE_MS = 1_000
"""Below a second a pool opens a connection for nearly every query."""
_NAMES = ("wait_timeout", "interactive_timeout")


@stack_policy(
    what="wait_timeout and interactive_timeout of MySQL, MariaDB and Aurora MySQL are set, and short.",
    why="These engines keep a sleeping session for 28800 seconds (8 hours) by default: every leaked one holds a connection that "
    "nobody else can have until then.",
    severity="high",
    how_to_fix="Set both to 60 in the parameter group that the instance uses.",
    url="https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_wait_timeout",
    settings=(
        setting("minimumSeconds", SHORTEST, "Seconds that a sleeping session lives at least.", minimum=1),
        setting("maximumSeconds", LONGEST, "Seconds that a sleeping session lives at most.", minimum=1, maximum=28_800),
    ),
    types=DATABASE_SIDE,
)
def wait_timeout(stack: Stack) -> Iterator[Finding]:
    facts, (shortest, longest) = stack.facts, stack.span("minimumSeconds", "maximumSeconds")
    for database in _databases(facts.graph):
        name = name_of(database, "identifier")
        found = decided(lambda database=database: _timeouts(facts.graph, database))
        if isinstance(found, Undecided):
            yield Finding.unread(database.urn, name, found.of(database))
            continue
        values, group = found
        problems = [
            f"{key} is {'not set' if value is None else value}"
            for key, value in values.items()
            if value is None or not shortest <= value <= longest
        ]
        if problems:
            engine = text_or(engine_of(facts.graph, database), "")
            groups = group_of(engine, cluster=database.type == DB_CLUSTER)
            yield Finding.of(
                database.urn,
                name,
                f"{' and '.join(problems)} in {group}",
                required=f"both set, and from {shortest} to {longest} seconds; {engine_name(engine)}'s default is 28800, so a "
                "leaked session holds its connection for 8 hours",
                fix=f"Set both to {min(max(60, shortest), longest)} in the {groups} that it uses.",
            )


@stack_policy(
    what="A pool lets an idle connection go before the database does.",
    why="Otherwise the pool hands out a connection that the server has just closed, and the query on it fails.",
    severity="medium",
    how_to_fix="Set DB_POOL_IDLE_MS at least 5 seconds below wait_timeout, for PostgreSQL below idle_session_timeout where it is set.",
    url="https://dev.mysql.com/doc/refman/8.4/en/gone-away.html",
    settings=(setting("marginMs", MARGIN_MS, "Milliseconds by which a pool lets go before the database does."),),
    types=CLIENT_SIDE | DATABASE_SIDE,
)
def pool_idle_time(stack: Stack) -> Iterator[Finding]:
    facts, margin_ms = stack.facts, stack.number("marginMs")
    waits = _waits(facts.graph)
    for run in facts.runs:
        if len(run.definitions) == 1:
            found = decided(lambda run=run: facts.containers(run.definitions[0]))
            containers = () if isinstance(found, Undecided) else found  # connection-budget reports what is undecided
            pooled_here = by_sidecar(run.definitions[0], containers, ())
            given = any(other is not run.definitions[0] for other in facts.given.get(IDLE, ()))
            for container in containers:
                asked = given and LIMIT in container.environment and container.name not in pooled_here
                if IDLE not in container.environment and asked:
                    yield Finding.of(
                        run.resource.urn,
                        run.name,
                        f"{IDLE} is not set, which the stack's other clients are given",
                        required="a number of milliseconds: some pools keep idle connections for ever",
                        fix=f"Set {IDLE} to such as 30000.",
                        inside=f'container "{container.name}"',
                    )
                if IDLE in container.environment:
                    reached = {database.urn for database in reach_of(facts.doors, run, containers).databases}
                    ours = [wait for urn, wait in waits.items() if urn in reached or not reached & waits.keys()]
                    shortest = min(ours, default=None)
                    yield from _idle_findings(run, container.name, container.environment[IDLE], shortest, margin_ms)


def _databases(graph: Graph) -> Iterator[Resource]:
    """The instances whose engine has MySQL's timeouts, or is unknown."""
    for database in _instances(graph):
        engine = ENGINES.get(text_or(engine_of(graph, database), "mysql"))
        if engine is not None and engine.like_mysql:
            yield database


def _instances(graph: Graph) -> Iterator[Resource]:
    """Instances, cluster members and Multi-AZ clusters."""
    clusters = filter(has_instances_itself, graph.of_type(DB_CLUSTER))
    yield from (*graph.of_type(DB_INSTANCE, DB_CLUSTER_INSTANCE), *clusters)


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


def _waits(graph: Graph) -> dict[str, tuple[Fraction, str]]:
    """By the URN of an instance, or of the cluster that it is a member of: (the shortest wait in seconds that is known, its parameter)."""
    waits: dict[str, tuple[Fraction, str]] = {}
    for database in _instances(graph):
        engine = ENGINES.get(text_or(engine_of(graph, database), ""))
        found = None if engine is None else decided(lambda database=database: parameter_groups(graph, database))
        if engine is None or found is None or isinstance(found, Undecided):
            continue
        value = decided(lambda found=found, engine=engine: parameter(found, engine.idle)[0])
        if (
            isinstance(value, Undecided)
            or value is None
            or not (value.isascii() and value.isdigit())
            or int(value) == 0
        ):
            continue  # wait-timeout says what is wrong; PostgreSQL's 0 ends no session
        wait = int(value) * engine.idle_unit, engine.idle
        clusters = clusters_of(graph, database) if database.type == DB_CLUSTER_INSTANCE else ()
        for owner in clusters or (database,):
            waits[owner.urn] = min(wait, waits.get(owner.urn, wait))
    return waits


def _idle_findings(
    run: Run, container: str, text: str | None, wait: tuple[Fraction, str] | None, margin_ms: int
) -> Iterator[Finding]:
    finding = functools.partial(Finding.of, run.resource.urn, run.name, inside=f'container "{container}"')
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 9:
        shown = "no string" if text is None else f'"{text[:40]}"'
        yield finding(f"{IDLE} is {shown}", required="a number of milliseconds", fix=f"Set {IDLE} to such as 30000.")
        return
    if int(text) == 0:
        yield finding(
            f"{IDLE} is 0, by which most pools keep idle connections for ever",
            required="a number of milliseconds above 0",
            fix=f"Set {IDLE} to such as 30000.",
        )
    elif int(text) < _LEAST_IDLE_MS:
        yield finding(
            f"{IDLE} is {int(text)} ms, after which the pool opens a connection for nearly every query",
            required=f"milliseconds, at least {_LEAST_IDLE_MS}",
            fix=f"Set {IDLE} to {int(text) * 1000 if 1 <= int(text) <= 55 else 30_000}, if seconds are meant.",
        )
    most = None if wait is None else int(wait[0] * 1000) - margin_ms
    if wait is not None and most is not None and most < _LEAST_IDLE_MS:
        yield finding(
            f"{IDLE} is {int(text)} ms and the database ends a sleeping session after {float(wait[0]):g} s ({wait[1]})",
            required=f"a {wait[1]} of {-(-(_LEAST_IDLE_MS + margin_ms) // 1000)} s or more, so that a pool can let go first; else it "
            "hands out connections the server has closed",
            fix=f"Raise {wait[1]} to 60 seconds.",
        )
    elif wait is not None and most is not None and int(text) > most:
        yield finding(
            f"{IDLE} is {int(text)} ms and the database ends a sleeping session after {float(wait[0]):g} s ({wait[1]})",
            required=f"at most {most} ms, so that the pool lets go first; else it hands out connections the server has closed",
            fix=f"Set {IDLE} to {min(most, int(wait[0] * 500))}.",
        )
