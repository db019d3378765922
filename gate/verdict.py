"""The verdict on a preview, from the engine's events alone. It fails closed: what was not surely judged has not passed.

ok: a whole stream, every resource and the stack judged by each pack, the engine's own result a success, and nothing in
it that says otherwise. refused: a policy that stops the run is not kept, or a policy could not decide. failed: anything else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gate.document import Verdict
from gate.events import UNDECIDED, ParsedEvent
from gate.run_model import PROVIDER_PREFIX, RunModel, Violation
from gate.stream import Reported, stack_of
from policies.resources.urns import type_and_name

_LETS_PASS = frozenset({"advisory", "disabled", "none", "warning"})
"""Levels of enforcement that stop nothing (apitype.PolicyEvent, pulumi_policy.EnforcementLevel); any other one does."""
_COUNTED = frozenset({"create", "update", "replace", "delete", "same", "import"})
"""Operations that the summary counts once for each logical step; reads and refreshes it counts in ways of their own."""
_JUDGED = _COUNTED - {"delete"}
_OPERATIONS = _COUNTED | {
    "create-replacement", "delete-replaced", "diff", "discard", "discard-replaced", "extend-parameterize",
    "import-replacement", "read", "read-discard", "read-replacement", "refresh", "remove-pending-replace",
}  # fmt: skip
"""Those of Pulumi 3.274 (pkg/resource/deploy/step.go)."""
_SEVERITIES = frozenset({"debug", "info", "info#err", "warning", "error"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A verdict with its reasons, a sentence each; none for "ok"."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()


def judge(reported: Reported, *, exit_code: int | None = None, stage: str = "") -> Judged:
    """The verdict on one preview.

    exit_code: that of the CLI, None for a saved stream or an engine inside this process. stage: the stack that was asked
    for, as the CLI takes it ("prd", "org/project/prd"); empty: whichever the events are of.
    """
    refusals = tuple(dict.fromkeys(_refusals(reported.model)))
    found = (
        *reported.problems,
        *_other_stack(reported, stage),
        *_doubts(reported, refused=bool(refusals), exit_code=exit_code),
    )
    doubts = tuple(dict.fromkeys(found))
    if refusals:
        return Judged(verdict="refused", reasons=refusals + doubts)
    return Judged(verdict="failed", reasons=doubts) if doubts else Judged(verdict="ok")


def stops(violation: Violation) -> bool:
    """Whether a violation stops the run: one of an unknown level does, one that the engine's own exceptions cover does not."""
    return violation.level not in _LETS_PASS and not violation.excused


def undecided(violation: Violation) -> bool:
    """Whether the policy could not decide; the engine reports that as advisory, and lets it pass."""
    return violation.message.startswith(UNDECIDED)


def _refusals(model: RunModel) -> Iterator[str]:
    for violation in model.violations:
        if undecided(violation):
            yield f"{violation.policy} could not decide, which is not passing."
        elif stops(violation):
            yield f"{violation.policy} ({violation.level}) does not hold."


def _other_stack(reported: Reported, stage: str) -> Iterator[str]:
    wanted = stage.rpartition("/")[2]
    stacks = {stack_of(event).partition("::")[0] for event in reported.events} - {"", wanted}
    if wanted and stacks:
        yield f"The events are of the stack {', '.join(sorted(stacks))}, and {wanted} was asked for."


def _doubts(reported: Reported, *, refused: bool, exit_code: int | None) -> Iterator[str]:
    model = reported.model
    yield from _result(model, exit_code)
    yield from (f"The engine reports an error: {error.message.strip()}" for error in model.errors)
    yield from (
        f"The engine broke: {event.payload.get('error', '')}" for event in reported.events if event.kind == "errorEvent"
    )
    if refused:
        return  # the engine stops where a policy refuses: what it did not get to says nothing
    yield from _diagnostics(reported)
    yield from _steps(reported.events)
    yield from _counts(model, reported.events)
    yield from _packs(model, reported.events)
    yield from _contradictions(model, reported.events)


def _result(model: RunModel, exit_code: int | None) -> Iterator[str]:
    summary = model.summary
    if summary is None:
        if exit_code is not None:
            yield f"The engine ended with exit code {exit_code} and no summary."
        return  # the stream says that there is none
    result = str(summary.get("result") or "not reported")
    if result != "succeeded":
        yield f"The engine's result is: {result}."
    if exit_code is not None and (exit_code == 0) != (result == "succeeded"):
        yield f"The engine's exit code {exit_code} and its summary ({result}) disagree."
    if summary.get("isPreview") is not True:
        yield "The events are those of an update, not of a preview."
    if summary.get("maybeCorrupt"):
        yield "The engine says that the state may be corrupt."


def _diagnostics(reported: Reported) -> Iterator[str]:
    """What is not among the errors of the model: one without a word, and severities that nobody knows here."""
    severities = [str(event.payload["severity"]) for event in reported.events if event.kind == "diagnosticEvent"]
    if "error" in severities and not reported.model.errors:
        yield "The engine reports an error without saying which."
    for severity in sorted(set(severities) - _SEVERITIES):
        yield f"The engine reports something of a severity that is not known here ({severity})."


def _steps(events: Iterable[ParsedEvent]) -> Iterator[str]:
    begun, ended = set[tuple[str, str]](), set[tuple[str, str]]()
    for event in events:
        if event.kind not in ("resourcePreEvent", "resOutputsEvent", "resOpFailedEvent"):
            continue
        metadata = event.payload["metadata"]
        if event.kind == "resOpFailedEvent":
            yield f"A step failed: {_name(metadata['urn'])}."
            continue
        if not event.payload.get("planning"):
            yield "The events are those of an update, not of a preview."
        (begun if event.kind == "resourcePreEvent" else ended).add((str(metadata["urn"]), str(metadata["op"])))
    if unknown := sorted({op for _, op in begun | ended} - _OPERATIONS):
        yield f"Steps have an operation that is not known here: {', '.join(unknown)}."
    for steps, what in ((begun - ended, "begun and not ended"), (ended - begun, "ended and not begun")):
        if steps:
            urn, operation = min(steps)
            yield f"{len(steps)} steps were {what}, such as {operation} {_name(urn)}."


def _counts(model: RunModel, events: Iterable[ParsedEvent]) -> Iterator[str]:
    steps = {
        (str(metadata["urn"]), str(metadata["op"]))
        for event in events
        if event.kind == "resOutputsEvent"
        and (metadata := event.payload["metadata"]).get("logical")
        and not _own_provider(str(metadata["urn"]))
    }
    found = Counter(op for _, op in steps if op in _COUNTED)
    said = {op: count for op, count in model.changes().items() if op in _COUNTED}
    for op in sorted(found.keys() | said.keys()):
        if found[op] != said.get(op, 0):
            yield f"The summary counts {said.get(op, 0)} resources to {op}, the steps are {found[op]}."


def _packs(model: RunModel, events: Iterable[ParsedEvent]) -> Iterator[str]:
    """Whether each pack judged each resource and the stack."""
    packs = {str(name).split("|", 1)[0] for name in (model.summary or {}).get("PolicyPacks") or {}}
    if not packs:
        yield "No policy pack judged this run."
    judged: dict[str, set[str]] = {}
    of_stack = Counter[str]()
    for event in events:
        if event.kind == "policyAnalyzeSummaryEvent":
            judged.setdefault(str(event.payload.get("policyPackName")), set()).add(
                str(event.payload.get("resourceUrn"))
            )
        elif event.kind == "policyAnalyzeStackSummaryEvent":
            of_stack[str(event.payload.get("policyPackName"))] += 1
    for pack in sorted(packs):
        if not of_stack[pack]:
            yield f"The policy pack {pack} reported nothing on the stack."
        elif of_stack[pack] > 1:
            yield f"The policy pack {pack} reported {of_stack[pack]} times on the stack: it judges once."
        missed = sorted(
            urn for urn, item in model.resources.items() if item.op in _JUDGED and urn not in judged.get(pack, set())
        )
        if missed:
            yield f"The policy pack {pack} did not judge {len(missed)} resources, such as {_name(missed[0])}."
    unnamed = sorted((judged.keys() | of_stack.keys()) - packs)
    if unnamed:
        yield f"The summary does not name the policy pack {', '.join(unnamed)}, which judged."


def _contradictions(model: RunModel, events: Iterable[ParsedEvent]) -> Iterator[str]:
    """Where the list of what failed and the violations do not say the same."""
    said = {(violation.pack, violation.policy) for violation in model.violations}
    failed, passed = set[tuple[str, str]](), set[tuple[str, str]]()
    for event in events:
        if event.kind in ("policyAnalyzeSummaryEvent", "policyAnalyzeStackSummaryEvent"):
            pack = str(event.payload.get("policyPackName"))
            failed |= {(pack, str(name)) for name in event.payload.get("failed") or ()}
            passed |= {(pack, str(name)) for name in event.payload.get("passed") or ()}
    if not failed and not passed:
        yield "No policy result: nothing was judged."
    for _, policy in sorted(failed - said):
        yield f"{policy} failed, and no violation says why."
    for _, policy in sorted(said - failed):
        yield f"{policy} is violated, and no pack lists it as failed."


def _own_provider(urn: str) -> bool:
    """Whether the engine made this provider itself: it does not count it."""
    return f"::{PROVIDER_PREFIX}" in urn and _name(urn).startswith("default")


def _name(urn: object) -> str:
    return type_and_name(str(urn))[1]
