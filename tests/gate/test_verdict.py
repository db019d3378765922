"""The verdict on whole streams: as the engine judged, refused, undecided, and with events that contradict each other."""

import json
from typing import Any

import pytest

from gate.events import Event
from gate.verdict import Judged
from tests.gate.inputs.recordings import GREEN, events_of, judged, lines_of, renumbered, verdict


@pytest.mark.parametrize("name", GREEN)
@pytest.mark.parametrize("exit_code", [None, 0])
def test_a_whole_stream_of_the_real_engine_is_judged_as_the_engine_did(name: str, exit_code: int | None) -> None:
    assert verdict(lines_of(name), exit_code) == Judged(verdict="ok")


def test_the_recorded_refusal() -> None:
    found = verdict(lines_of("recorded-refused"), 255)
    assert found.verdict == "refused"
    assert found.reasons[:2] == (
        "rds-safe (mandatory) does not hold.",
        "db-connections could not decide, which is not passing.",
    )


def test_a_policy_that_could_not_decide_passes_the_engine_and_not_the_gate() -> None:
    found = verdict(lines_of("recorded-undecided"), 0)
    assert (found.verdict, found.reasons[0]) == ("refused", "db-connections could not decide, which is not passing.")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("policyAnalyzeSummaryEvent", "did not judge 1 resources"),
        ("policyAnalyzeStackSummaryEvent", "The policy pack recording reported nothing on the stack"),
        ("resOutputsEvent", ""),
        ("resourcePreEvent", "1 steps were ended and not begun, such as"),
        ("summaryEvent", "The event stream has no summaryEvent where a run has exactly one."),
        ("preludeEvent", "The event stream has no preludeEvent"),
        ("policyLoadEvent", "The event stream has no policyLoadEvent"),
        ("cancelEvent", "it ends with a"),
    ],
)
def test_what_decides_is_missed_even_where_the_numbers_hide_it(kind: str, reason: str) -> None:
    events = events_of("fresh-log")
    wanted = [at for at, event in enumerate(events) if kind in event and "default" not in json.dumps(event)[:200]]
    rest = renumbered([event for at, event in enumerate(events) if at != wanted[-1]])
    found = judged(rest)
    if kind == "resOutputsEvent":  # the stack tells its outputs a second time
        assert found.verdict == "ok"
        found = judged(renumbered([event for event in events if kind not in event]))
        reason = "steps were begun and not ended"
    assert found.verdict == "failed"
    assert reason in " ".join(found.reasons)


def edited(kind: str, **changes: Any) -> list[Event]:
    """The green log with the first event of a kind changed; None takes a field away."""
    events = events_of("fresh-log")
    payload = next(event[kind] for event in events if kind in event)
    payload.update(changes)
    for key in [key for key, value in changes.items() if value is None]:
        del payload[key]
    return events


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        (edited("summaryEvent", result="failed"), "The engine's result is: failed."),
        (edited("summaryEvent", result="canceled"), "The engine's result is: canceled."),
        (edited("summaryEvent", result=None), "The engine's result is: not reported."),
        (edited("summaryEvent", isPreview=False), "The events are those of an update, not of a preview."),
        (edited("summaryEvent", maybeCorrupt=True), "The engine says that the state may be corrupt."),
        (edited("summaryEvent", PolicyPacks={}), "No policy pack judged this run."),
        (edited("summaryEvent", resourceChanges={}), "The summary counts 0 resources to create, the steps are"),
        (edited("policyAnalyzeStackSummaryEvent", passed=[], failed=["a"]), "a failed, and no violation says why."),
        (edited("policyAnalyzeStackSummaryEvent", policyPackName="b"), "The policy pack recording reported nothing"),
        (edited("policyAnalyzeStackSummaryEvent", failed="a"), "is no engine event"),
        (edited("policyAnalyzeStackSummaryEvent", failed=7), "is no engine event"),
        (edited("summaryEvent", PolicyPacks=["recording"]), "is no engine event"),
        (edited("summaryEvent", resourceChanges={"create": "1"}), "is no engine event"),
        (edited("resourcePreEvent", metadata=None), "is no engine event"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_has_failed(events: list[Event], reason: str) -> None:
    found = judged(events)
    assert found.verdict == "failed"
    assert reason in " ".join(found.reasons)


def with_event(event: Event, *, at: int = 20) -> list[Event]:
    events = events_of("fresh-log")
    return renumbered([*events[:at], event, *events[at:]])


def violation(level: str, **more: Any) -> Event:
    fields = {
        "policyName": "each-resource",
        "policyPackName": "recording",
        "message": "no\n",
        "enforcementLevel": level,
    }
    return {"sequence": 0, "timestamp": 0, "policyEvent": {**fields, **more}}


@pytest.mark.parametrize("level", ["mandatory", "remediate", "a-new-one", ""])
def test_a_violation_stops_whatever_the_summary_says(level: str) -> None:
    assert judged(with_event(violation(level)), 0).verdict == "refused"


@pytest.mark.parametrize("level", ["advisory", "warning", "none", "disabled"])
def test_an_advisory_one_does_not_and_has_to_be_listed(level: str) -> None:
    found = judged(with_event(violation(level)))
    assert found.reasons == ("each-resource is violated, and no pack lists it as failed.",)


def test_what_the_engines_own_exceptions_cover_does_not_stop() -> None:
    found = judged(with_event(violation("mandatory", exceptions=[{"id": "EXC-42", "reason": "known"}])))
    assert found.verdict == "failed"  # by the missing entry in the pack's list alone
    assert "does not hold" not in " ".join(found.reasons)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"errorEvent": {"error": "nil pointer"}}, "The engine broke: nil pointer"),
        ({"newEvent": {}}, "a kind that is not known here (newEvent)"),
        (
            {"diagnosticEvent": {"severity": "error", "message": "no such zone\n"}},
            "The engine reports an error: no such",
        ),
        (
            {"diagnosticEvent": {"severity": "error", "message": "\n"}},
            "The engine reports an error without saying which.",
        ),
        ({"diagnosticEvent": {"severity": "error", "message": "preview failed"}}, "an error without saying which."),
        (
            {"diagnosticEvent": {"severity": "error", "message": "x", "ephemeral": True}},
            "an error without saying which.",
        ),
        ({"diagnosticEvent": {"severity": "fatal", "message": "x"}}, "a severity that is not known here (fatal)."),
        ({"resOpFailedEvent": {"metadata": {"urn": "a::b", "op": "create", "type": "c"}}}, "A step failed: b."),
    ],
)
def test_what_says_that_something_went_wrong_fails_the_run(event: Event, reason: str) -> None:
    found = judged(with_event({"sequence": 0, "timestamp": 0, **event}))
    assert found.verdict == "failed"
    assert reason in " ".join(found.reasons)


def with_step(**changes: Any) -> list[Event]:
    """The green log with other fields in the steps of the topic "create"."""
    events = events_of("fresh-log")
    for event in events:
        for kind in ("resourcePreEvent", "resOutputsEvent"):
            if kind in event and event[kind]["metadata"]["urn"].endswith("::create"):
                event[kind]["planning"] = changes.get("planning", True)
                event[kind]["metadata"]["op"] = changes.get("op", "create")
    return events


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        (with_step(op="frobnicate"), "Steps have an operation that is not known here: frobnicate."),
        (with_step(planning=None), "The events are those of an update, not of a preview."),
        (with_step(planning=False), "The events are those of an update, not of a preview."),
        (with_step(op="import"), "The summary counts 0 resources to import, the steps are 1."),
    ],
)
def test_a_step_that_no_preview_has(events: list[Event], reason: str) -> None:
    found = judged(events)
    assert (found.verdict, reason in found.reasons) == ("failed", True)


def test_an_imported_resource_has_to_be_judged_as_well() -> None:
    events = with_step(op="import")
    changes = events[-2]["summaryEvent"]["resourceChanges"]
    changes |= {"create": changes["create"] - 1, "import": 1}
    assert judged(events) == Judged(verdict="ok")
    kept = [
        event
        for event in events
        if not event.get("policyAnalyzeSummaryEvent", {}).get("resourceUrn", "").endswith("::create")
    ]
    assert judged(renumbered(kept)).reasons == ("The policy pack recording did not judge 1 resources, such as create.",)


@pytest.mark.parametrize("exit_code", [1, 255, -9])
def test_an_exit_code_that_disagrees_with_the_events_fails_the_run(exit_code: int) -> None:
    assert verdict(lines_of("fresh-log"), exit_code) == Judged(
        verdict="failed", reasons=(f"The engine's exit code {exit_code} and its summary (succeeded) disagree.",)
    )
