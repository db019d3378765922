"""`./run connections --json`: everything the command found, as one JSON document with stable keys.

Every key is always there; null stands for what was not asked for or does not apply.

- stage, verdict ("fits", "broken", "undecided"; the worst of all databases), refused (what a mandatory policy of the stage denies,
  whatever the verdict), changes (the `--set`s, full names), effects
- databases: database, verdict, findings (why undecided), and for one that is decided max_connections, estimated, source,
  engine, engine_version, instance_class, reserve, demand, used, headroom, workloads, ways_out, warnings.
  A workload: name, kind ("service", "job", "one-off", "other"), limit, processes, pools (per process), outside_pool, tasks (the most
  at once outside a roll-out), tasks_alive, why, demand, largest_limit, largest_tasks (that fit; null: none does)
- before: the same list without the changes, null without `--set`
- timeouts: agree, summary, findings
- waits: a list of cli.connections.waits.Answer, with fits (whether smallest_limit fits the budget); null if not asked
- live: agrees, breaks, target, differences, observed, unread; null without `--live`
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from policies.budget.demand import Workload, kind_of, most_tasks
from policies.budget.solve import largest_limit, largest_tasks
from policies.budget.supply import FAR_ABOVE, risky_above
from policies.budget.verdict import Budget
from policies.facts.clients.budgets import DatabaseBudget
from policies.rules.budget.class_memory import max_connections_fits_class
from policies.rules.budget.idle_timeouts import pool_idle_time, wait_timeout
from policies.rules.policy import LENIENT_STAGE, Level

from .changes import Change
from .comparison import Comparison
from .stage import Entry, Stage, Timeouts
from .waits import Answer

_OF_SUPPLY = ("max_connections", "estimated", "source", "engine", "engine_version", "instance_class")
_OF_BUDGET = ("reserve", "demand", "used", "headroom")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A workload's answers, and the largest limit that its budget leaves it (None: none fits)."""

    answer: Answer
    largest_limit: int | None

    @property
    def fits(self) -> bool | None:
        """Whether the smallest limit that meets the wanted wait fits the budget; None where there is none."""
        if self.answer.smallest_limit is None:
            return None
        return self.largest_limit is not None and self.answer.smallest_limit <= self.largest_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything `./run connections` found. before: the entries without the changes, None where there are none."""

    stage: Stage
    entries: tuple[Entry, ...]
    timeouts: Timeouts
    changes: tuple[Change, ...] = ()
    effects: tuple[str, ...] = ()
    before: tuple[Entry, ...] | None = None
    waits: tuple[Question, ...] | None = None
    live: Comparison | None = None

    @property
    def verdict(self) -> str:
        """The worst verdict of all databases: "undecided", "broken" or "fits"."""
        verdicts = {verdict_of(entry) for entry in self.entries}
        return next((verdict for verdict in ("undecided", "broken") if verdict in verdicts), "fits")

    @property
    def refused(self) -> tuple[str, ...]:
        """What a mandatory policy of the stage would refuse, though the budget fits: a sentence each."""
        budgets = [entry.budget for entry in self.entries if isinstance(entry, DatabaseBudget)]
        found = [sentence for budget in budgets for sentence in self._denied(budget)]
        levels = [policy.spec.level(self.stage.name) for policy in (wait_timeout, pool_idle_time)]
        return (*found, *(self.timeouts.findings if Level.MANDATORY in levels else ()))

    def _denied(self, budget: Budget) -> Iterator[str]:
        if max_connections_fits_class.spec.level(self.stage.name) is Level.MANDATORY:
            yield from warnings_of(budget)
        if budget.supply.estimated and self.stage.name != LENIENT_STAGE:
            yield f"{budget.database}: max_connections is an estimate, and the policy connection-budget requires a literal"


def verdict_of(entry: Entry) -> str:
    """ "fits", "broken" or "undecided"."""
    if not isinstance(entry, DatabaseBudget):
        return "undecided"
    return "fits" if entry.budget.fits else "broken"


def warnings_of(budget: Budget) -> tuple[str, ...]:
    """What makes a budget that fits doubtful: a literal that the class's memory may not carry."""
    supply, most = budget.supply, risky_above(budget.supply)
    if supply.estimated or most is None or supply.max_connections <= most:
        return ()
    return (
        f"max_connections {supply.max_connections} is more than {most}, {FAR_ABOVE} times what {supply.instance_class} has "
        "by default: the instance may stop at the status incompatible-parameters, and the policy "
        "max-connections-fits-class denies it",
    )


def document(report: Report) -> dict[str, Any]:
    """The report as JSON values."""
    live = report.live
    return {
        "stage": report.stage.name,
        "verdict": report.verdict,
        "refused": list(report.refused),
        "changes": [str(change) for change in report.changes],
        "effects": list(report.effects),
        "databases": [_database(report.stage, entry) for entry in report.entries],
        "before": None if report.before is None else [_database(report.stage, entry) for entry in report.before],
        "timeouts": {
            "agree": not report.timeouts.findings,
            "summary": report.timeouts.summary,
            "findings": list(report.timeouts.findings),
        },
        "waits": None
        if report.waits is None
        else [{**asdict(each.answer), "fits": each.fits} for each in report.waits],
        "live": None if live is None else {"agrees": live.agrees, "breaks": live.breaks, **asdict(live)},
    }


def _database(stage: Stage, entry: Entry) -> dict[str, Any]:
    head: dict[str, Any] = {"database": entry.database, "verdict": verdict_of(entry), "findings": list[str]()}
    if not isinstance(entry, DatabaseBudget):
        head["findings"] = [finding.message for finding in entry.findings]
        return {**head, **dict.fromkeys((*_OF_SUPPLY, *_OF_BUDGET, "workloads", "ways_out")), "warnings": []}
    budget = entry.budget
    return {
        **head,
        **{name: getattr(budget.supply, name) for name in _OF_SUPPLY},
        **{name: getattr(budget, name) for name in _OF_BUDGET},
        "workloads": [_workload(budget, workload) for workload in budget.workloads],
        "ways_out": list(stage.ways_out(entry)),
        "warnings": list(warnings_of(budget)),
    }


def _workload(budget: Budget, workload: Workload) -> dict[str, Any]:
    return {
        "name": workload.name,
        "kind": kind_of(workload),
        "limit": workload.limit,
        "processes": workload.processes,
        "pools": workload.pools,
        "outside_pool": workload.outside_pool,
        "tasks": most_tasks(workload),
        "tasks_alive": workload.alive,
        "why": workload.tasks.why,
        "demand": workload.demand,
        "largest_limit": largest_limit(budget, workload),
        "largest_tasks": largest_tasks(budget, workload),
    }
