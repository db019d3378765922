"""The verdict on streams of both engines: whole, cut, with lines dropped, doubled and reordered, and with lies in them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.events import Event
from gate.stream import Listener
from gate.verdict import Judged, judge
from tests.parity.edits import BEFORE
from tests.parity.engines import Stage, small_project

STREAMS = Path(__file__).parent / "streams"
"""Of the real engine: two recordings of 3.260 by `preview --json` with its debug messages left out, and 3.274's log and
`--json` of one preview that creates, updates, replaces and deletes."""
GREEN = ("fresh-log", "fresh-stdout")
RECORDED = ("recorded-refused", "recorded-undecided")


def lines_of(name: str) -> list[str]:
    return (STREAMS / f"{name}.jsonl").read_text("utf-8").splitlines(keepends=True)


def verdict(lines: list[str], exit_code: int | None = None) -> Judged:
    listener = Listener()
    listener.read(lines)
    return judge(listener.told, exit_code=exit_code)


def judged(events: list[Event], exit_code: int | None = None) -> Judged:
    return verdict([json.dumps(event) for event in events], exit_code)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The lines of a preview by the embedded engine."""
    folder = tmp_path_factory.mktemp("embedded")
    stage = Stage(engine="embedded", cli=Path(), project=small_project(folder / "project"), state=folder / "state")
    return [f"{json.dumps(event)}\n" for event in stage.program(BEFORE).run("preview").events]


@pytest.mark.parametrize("name", GREEN)
@pytest.mark.parametrize("exit_code", [None, 0])
def test_a_whole_stream_of_the_real_engine_is_judged_as_the_engine_did(name: str, exit_code: int | None) -> None:
    assert verdict(lines_of(name), exit_code) == Judged(verdict="ok")


def test_a_whole_stream_of_the_embedded_engine(embedded: list[str]) -> None:
    assert verdict(embedded) == Judged(verdict="ok")


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


@pytest.mark.parametrize("name", GREEN)
def test_cut_at_every_line_and_inside_it_it_is_never_green(name: str) -> None:
    lines = lines_of(name)
    for kept in range(len(lines)):
        assert verdict(lines[:kept]).verdict == "failed"
        assert verdict([*lines[:kept], lines[kept][: len(lines[kept]) // 2]]).verdict == "failed"


@pytest.mark.parametrize("name", GREEN)
def test_with_a_line_dropped_doubled_or_moved_it_is_never_green(name: str) -> None:
    lines = lines_of(name)
    for at, line in enumerate(lines):
        rest = [*lines[:at], *lines[at + 1 :]]
        assert verdict(rest).verdict == "failed", line
        assert verdict([*lines[:at], line, *lines[at:]]).verdict == "failed", line
        assert verdict([*rest[: at - 1], line, *rest[at - 1 :]] if at else [*rest, line]).verdict == "failed", line


def test_of_the_embedded_engine_too(embedded: list[str]) -> None:
    for at, line in enumerate(embedded):
        assert verdict(embedded[:at]).verdict == "failed"
        assert verdict([*embedded[:at], *embedded[at + 1 :]]).verdict == "failed", line
        assert verdict([*embedded[:at], line, *embedded[at:]]).verdict == "failed", line


@pytest.mark.parametrize("name", RECORDED)
def test_what_is_not_green_does_not_turn_green_by_damage(name: str) -> None:
    lines = lines_of(name)
    for at in range(0, len(lines), 3):
        assert verdict(lines[:at]).verdict != "ok"
        assert verdict([*lines[:at], *lines[at + 1 :]]).verdict != "ok"


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(GREEN), st.data())
def test_with_several_lines_dropped_doubled_and_shuffled_it_is_never_green(name: str, data: st.DataObject) -> None:
    lines = lines_of(name)
    places = st.integers(0, len(lines) - 1)
    order = list(range(len(lines)))
    for at in data.draw(st.lists(places, max_size=3), label="dropped"):
        order = [place for place in order if place != at]
    order += data.draw(st.lists(st.sampled_from(order), max_size=2), label="doubled")
    for first, second in data.draw(st.lists(st.tuples(places, places), max_size=2), label="swapped"):
        if max(first, second) < len(order):
            order[first], order[second] = order[second], order[first]
    if order != list(range(len(lines))):
        assert verdict([lines[place] for place in order]).verdict == "failed"


def renumbered(events: list[Event]) -> list[Event]:
    return [{**event, "sequence": number} for number, event in enumerate(events)]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("policyAnalyzeSummaryEvent", "did not judge 1 resources"),
        ("policyAnalyzeStackSummaryEvent", "The policy pack recording reported nothing on the stack"),
        ("resOutputsEvent", ""),
        ("summaryEvent", "The event stream has no summaryEvent where a run has exactly one."),
        ("preludeEvent", "The event stream has no preludeEvent"),
        ("policyLoadEvent", "The event stream has no policyLoadEvent"),
        ("cancelEvent", "it ends with a"),
    ],
)
def test_what_decides_is_missed_even_where_the_numbers_hide_it(kind: str, reason: str) -> None:
    events = [json.loads(line) for line in lines_of("fresh-log")]
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
    events = copy.deepcopy([json.loads(line) for line in lines_of("fresh-log")])
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
        (edited("summaryEvent", result=None), "The engine's result is: not told."),
        (edited("summaryEvent", isPreview=False), "The events are those of an update, not of a preview."),
        (edited("summaryEvent", maybeCorrupt=True), "The engine says that the state may be corrupt."),
        (edited("summaryEvent", PolicyPacks={}), "No policy pack judged this run."),
        (edited("summaryEvent", resourceChanges={}), "The summary counts 0 resources to create, the steps are"),
        (edited("policyAnalyzeStackSummaryEvent", passed=[], failed=["a"]), "a failed, and no violation says why."),
        (edited("policyAnalyzeStackSummaryEvent", policyPackName="b"), "The policy pack recording reported nothing"),
        (edited("policyAnalyzeStackSummaryEvent", failed="a"), "a failed, and no violation says why."),
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
    events = [json.loads(line) for line in lines_of("fresh-log")]
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
        ({"resOpFailedEvent": {"metadata": {"urn": "a::b", "op": "create", "type": "c"}}}, "A step failed: b."),
    ],
)
def test_what_says_that_something_went_wrong_fails_the_run(event: Event, reason: str) -> None:
    found = judged(with_event({"sequence": 0, "timestamp": 0, **event}))
    assert found.verdict == "failed"
    assert reason in " ".join(found.reasons)


@pytest.mark.parametrize("exit_code", [1, 255, -9])
def test_an_exit_code_that_disagrees_with_the_events_fails_the_run(exit_code: int) -> None:
    assert verdict(lines_of("fresh-log"), exit_code) == Judged(
        verdict="failed", reasons=(f"The engine's exit code {exit_code} and its summary (succeeded) disagree.",)
    )


def test_nothing_at_all_has_not_passed() -> None:
    assert verdict([]).verdict == "failed"
    assert "exit code 1 and no summary" in " ".join(verdict([], 1).reasons)


def test_half_a_character_is_damage() -> None:
    lines = lines_of("fresh-log")
    lines[1] = lines[1].replace("ap-northeast-2", "\\ud800")
    assert verdict(lines).verdict == "failed"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_form_of_a_line_breaks_the_gate_or_passes_it(data: st.DataObject) -> None:
    lines = lines_of("fresh-log")
    at = data.draw(st.integers(0, len(lines) - 1))
    event = json.loads(lines[at])
    kind = next(key for key in event if key not in ("sequence", "timestamp"))
    form = data.draw(st.sampled_from(["whole", "payload", "field"]))
    if form == "whole":
        event = data.draw(JSON)
    elif form == "payload":
        event[kind] = data.draw(JSON)
    elif event[kind]:
        event[kind][data.draw(st.sampled_from(sorted(event[kind])))] = data.draw(JSON)
    lines[at] = json.dumps(event)
    found = verdict(lines)
    if form == "whole":
        assert found.verdict == "failed"
