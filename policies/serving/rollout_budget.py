"""The connection budget while a deployment changes the platform: what runs before it counts until it has surely ended.

Two budgets that fit do not make the way between them fit: max_connections lowered while services shrink, or connections moved
from one service to another. ECS answers UpdateService before the roll-out has replaced a task, deletions come last, and nothing
fixes the order of independent resources. So a workload counts with the larger of its pools, and of its tasks, before and after.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from policies.budget.demand import Workload
from policies.budget.table import budget_table, headline
from policies.budget.verdict import Budget
from policies.budget.words import joined
from policies.facts.ecs.definition_at_registration import with_task_definition
from policies.facts.facts import Facts
from policies.facts.finding import Finding, Parts
from policies.resources.baseline import Baseline, FormerUrns
from policies.resources.graph import Graph, Resource
from policies.resources.tokens import CLIENT_SIDE, DATABASE_SIDE
from policies.rules.budget.connection_budget import within

_LARGER = (
    "A workload counts with the larger of what runs now and what is deployed: its old tasks run on until the roll-out has "
    "replaced them, and resources change in no fixed order."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """The budget of one database on the way. shrinking, growing: workloads whose demand falls and rises, as far as known; going,
    coming: those that are there only before and only after, as both names of one that is renamed are."""

    urn: str
    budget: Budget
    shrinking: tuple[str, ...] = ()
    growing: tuple[str, ...] = ()
    going: tuple[str, ...] = ()
    coming: tuple[str, ...] = ()


class Changes:
    """Judges registrations, or a whole stack, against what ran before. A refused resource counts as not registered."""

    def __init__(self, baseline: Baseline) -> None:
        self._baseline = baseline
        self._facts = Facts(baseline.graph)
        self._before = _workloads(self._facts)
        # A database that could not be judged before may be any way over its limit: what makes it judgeable must pass.
        unknown = dict.fromkeys((database.urn for database in self._facts.databases), -sys.maxsize)
        self._start = {**unknown, **_headroom(self._changes(self._facts))}
        self._headroom = self._start
        self._former = FormerUrns()
        self._lock = threading.Lock()

    def judge(self, resource: Resource) -> tuple[Finding, ...]:
        """Findings where the request for this resource takes a budget over its limit, beside all that may still run."""
        if resource.type not in CLIENT_SIDE | DATABASE_SIDE:
            return ()
        with self._lock:
            self._former.learn(resource)
            known = self._former.as_before(resource)
            if self._baseline.requests_nothing(known):
                return ()
            completed = with_task_definition(self._facts.graph, self._baseline.with_computed(known))
            if completed is None:
                return ()
            facts = self._facts.with_resource(completed)
            changes = tuple(self._changes(facts))
            findings = tuple(
                _finding(resource.urn, change, resource.name) for change in changes if _worsens(change, self._headroom)
            )
            if not findings:
                self._facts = facts
                self._headroom = {**self._headroom, **_headroom(changes)}
            return findings

    def judge_stack(self, facts: Facts) -> Iterator[Finding]:
        """Findings for every budget that fits once the deployment has ended, but not on the way."""
        former, known = self._as_before(facts)
        ends = _workloads(known)
        for change in self._changes(known):
            used = sum(workload.demand for workload in ends.get(change.urn, {}).values()) + change.budget.reserve
            if used <= change.budget.supply.max_connections and _worsens(change, self._start):
                yield _finding(former.now(change.urn), change)

    @property
    def before(self) -> Facts:
        """The platform before the deployment."""
        return Facts(self._baseline.graph)

    def on_the_way(self, facts: Facts) -> Mapping[str, Budget]:
        """By the URN of a database, its budget while old and new tasks run beside each other."""
        former, known = self._as_before(facts)
        return {former.now(change.urn): change.budget for change in self._changes(known)}

    @staticmethod
    def _as_before(facts: Facts) -> tuple[FormerUrns, Facts]:
        """The whole stack by the URNs of the baseline."""
        former, renamed = FormerUrns(), False
        for resource in facts.graph:
            former.learn(resource)
            renamed = renamed or bool(resource.aliases)
        return former, Facts(Graph(map(former.as_before, facts.graph))) if renamed else facts

    def _changes(self, facts: Facts) -> Iterator[_Change]:
        now = _workloads(facts)
        for database in facts.databases:
            if database.supply is None or database.reserve is None:
                continue  # the budget itself says why
            old, new = self._before.get(database.urn, {}), now.get(database.urn, {})
            workloads = (_larger(old.get(urn), new.get(urn)) for urn in {**old, **new})
            yield _Change(
                urn=database.urn,
                budget=Budget(
                    database=database.name,
                    workloads=tuple(sorted(workloads, key=lambda workload: workload.name)),
                    supply=database.supply,
                    reserve=database.reserve,
                ),
                shrinking=_names(old[urn] for urn in old.keys() & new.keys() if new[urn].demand < old[urn].demand),
                growing=_names(new[urn] for urn in old.keys() & new.keys() if new[urn].demand > old[urn].demand),
                going=_names(old[urn] for urn in old.keys() - new.keys()),
                coming=_names(new[urn] for urn in new.keys() - old.keys()),
            )


def _workloads(facts: Facts) -> Mapping[str, Mapping[str, Workload]]:
    """By the URN of a database, then by that of the run: the workloads that can be counted."""
    found: dict[str, dict[str, Workload]] = {}
    for client in facts.clients:
        if client.workload is not None:
            for database in client.databases:
                found.setdefault(database.urn, {})[client.run.resource.urn] = client.workload
    return found


def _larger(old: Workload | None, new: Workload | None) -> Workload:
    """The larger pools with the more tasks: new tasks start before a lowered maximum has stopped any."""
    known = [workload for workload in (new, old) if workload is not None]
    tasks = max(known, key=lambda workload: workload.alive).tasks
    return replace(max(known, key=lambda workload: workload.per_task), tasks=tasks)


def _names(workloads: Iterable[Workload]) -> tuple[str, ...]:
    return tuple(sorted(workload.name for workload in workloads))


def _headroom(changes: Iterable[_Change]) -> Mapping[str, int]:
    return {change.urn: change.budget.headroom for change in changes}


def _worsens(change: _Change, headroom: Mapping[str, int]) -> bool:
    """Broken, and not merely as broken as before: a step that fixes a platform must pass."""
    return not change.budget.fits and change.budget.headroom < headroom.get(change.urn, 0)


def _finding(urn: str, change: _Change, subject: str = "") -> Finding:
    """subject: the resource whose request alone takes the budget over its limit; empty for the whole deployment."""
    table, found = budget_table(change.budget), f"{headline(change.budget)}, while the deployment runs"
    refused = f"{subject} cannot be changed together with the rest" if subject else ""
    first, then = (
        f"first {joined(list(_first(change)))}",
        f"when its roll-outs have ended, {joined(list(_then(change)))}",
    )
    message = f"{found}.\n\n{table}\n\n{_LARGER}\nHow to fix it, in two deployments:\n  - {first};\n  - {then}."
    parts = Parts(
        found=f"{refused and f'{refused}: '}{found}",
        required=within(change.budget),
        table=tuple(table.splitlines()),
        fix=f"Take two deployments: {first}; {then}. {_LARGER}",
    )
    return Finding(urn, f"{refused}.\n{message}" if refused else message, parts=parts)


def _first(change: _Change) -> Iterator[str]:
    if change.shrinking:
        yield f"lower what shrinks ({', '.join(change.shrinking)})"
    if change.going:
        yield f"remove what goes ({', '.join(change.going)})"
    yield "raise max_connections, where it rises"


def _then(change: _Change) -> Iterator[str]:
    if change.growing:
        yield f"raise what grows ({', '.join(change.growing)})"
    if change.coming:
        renamed = (
            ": one that is only renamed runs beside itself until then, unless `formerly` or an alias says so"
            if change.going
            else ""
        )
        yield f"add what is new ({', '.join(change.coming)}{renamed})"
    yield "lower max_connections, where it falls"
