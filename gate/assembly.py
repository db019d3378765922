"""One stage's part of gate.json, from what its engine sent and what is known beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gate.changes import changes_of
from gate.document import DatabaseBudget, Engine, Message, Place, Stage
from gate.platform import platform_of
from gate.policy_results import PlacesOf, Texts, exceptions_of, packs_of, results_of, violations_of
from gate.run_model import RunModel
from gate.stream import Reported
from gate.verdict import judge

_COUNTED = frozenset({"create", "update", "replace", "delete", "same", "read", "import", "forget", "refresh"})


def nowhere(policy: str, urn: str, message: str) -> tuple[Place, ...]:
    """No place, where the settings are not known."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the events do not say. texts: of the pack's policies; places: the settings behind a violation."""

    engine: Engine
    texts: Texts
    budgets: Sequence[DatabaseBudget] = ()
    budget_missing: str = ""
    places: PlacesOf = nowhere
    exit_code: int | None = None
    errors: Sequence[str] = ()
    """What kept the engine from running, or ended it without an event."""


def stage_of(name: str, reported: Reported, known: Known) -> Stage:
    """The stage as it was judged."""
    model, judged = reported.model, judge(reported, exit_code=known.exit_code, stage=name)
    verdict, reasons = judged.verdict, judged.reasons
    if known.errors:
        verdict = "refused" if verdict == "refused" else "failed"
        reasons = (*known.errors, *reasons)
    return Stage(
        name=name,
        verdict=verdict,
        reasons=reasons,
        engine=known.engine,
        packs=packs_of(model),
        seconds=max(int((model.summary or {}).get("durationSeconds") or 0), 0),
        counts={op: count for op, count in model.changes().items() if op in _COUNTED},  # type: ignore[misc]
        changes=changes_of(model),
        budgets=tuple(known.budgets),
        budget_missing=known.budget_missing,
        violations=violations_of(model, known.texts, known.places),
        policies=results_of(reported, known.texts),
        exceptions=exceptions_of(model.violations),
        messages=_messages(model),
        platform=platform_of(model, known.budgets),
    )


def _messages(model: RunModel) -> tuple[Message, ...]:
    return tuple(
        Message(
            severity=item.severity if item.severity in ("error", "warning") else "info",  # type: ignore[arg-type]
            text=item.message,
            urn=item.urn,
        )
        for item in model.diagnostics
    )
