"""Streams of both engines cut, with lines dropped, doubled and moved, and streams that nobody has seen: green only if whole."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.events import Event
from gate.stream import Listener
from gate.verdict import Judged
from tests.gate.inputs.recordings import GREEN, RECORDED, damaged, events_of, judged, lines_of, renumbered, verdict
from tests.parity.edits import BEFORE
from tests.parity.engines import Stage, small_project


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The lines of a preview by the embedded engine."""
    folder = tmp_path_factory.mktemp("embedded")
    stage = Stage(engine="embedded", cli=Path(), project=small_project(folder / "project"), state=folder / "state")
    return [f"{json.dumps(event)}\n" for event in stage.program(BEFORE).run("preview").events]


def test_a_whole_stream_of_the_embedded_engine(embedded: list[str]) -> None:
    assert verdict(embedded) == Judged(verdict="ok")


@pytest.mark.parametrize("name", GREEN)
def test_damaged_at_every_line_a_green_stream_has_failed(name: str) -> None:
    count = len(lines_of(name))
    assert Counter((how, found) for how, _, found in damaged(lines_of(name))) == {
        ("cut", "failed"): count,
        ("cut inside", "failed"): count,
        ("dropped", "failed"): count,
        ("doubled", "failed"): count,
        ("moved", "failed"): count - 1,
    }


def test_damaged_at_every_line_a_stream_of_the_embedded_engine_has_failed(embedded: list[str]) -> None:
    assert {found for _, _, found in damaged(embedded)} == {"failed"}


@pytest.mark.parametrize("name", RECORDED)
def test_damaged_at_every_line_what_is_not_green_never_turns_green(name: str) -> None:
    lines = lines_of(name)
    found = list(damaged(lines))
    assert len(found) == 5 * len(lines) - 1
    assert [(how, at) for how, at, verdict in found if verdict == "ok"] == []


@settings(max_examples=60)
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


def test_nothing_at_all_has_not_passed() -> None:
    assert verdict([]).reasons[0] == "The event stream is empty: the engine sent nothing."
    assert "exit code 1 and no summary" in " ".join(verdict([], 1).reasons)


def raw(name: str = "fresh-log") -> bytes:
    return "".join(lines_of(name)).encode()


def of_dev_and_prd() -> list[Event]:
    """Two runs of one program, event for event beside each other, numbered as one."""
    other = json.loads(json.dumps(events_of("fresh-log")).replace("pulumi:dev::", "pulumi:prd::"))
    kinds = {"resourcePreEvent", "resOutputsEvent", "policyAnalyzeSummaryEvent"}
    both = [event for pair in zip(events_of("fresh-log"), other, strict=True) for event in pair]
    return renumbered(
        event for at, event in enumerate(both) if at % 2 == 0 or (kinds & event.keys() and "same" in json.dumps(event))
    )


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (raw().replace(b"\n", b"\r\n").splitlines(keepends=True), ""),
        (raw().replace(b'"sequence"', b'\0"sequence"', 1).splitlines(), "Line 1 of the event stream is no engine event"),
        (raw().replace(b"create", b"cre\0te", 1).splitlines(), "is no engine event"),
        (raw().decode().encode("utf-16").splitlines(), "is no engine event"),
        ([line.encode("utf-16-le") for line in lines_of("fresh-log")], "Line 1 of the event stream is no engine event"),
        (b"\xef\xbb\xbf".join((b"", raw())).splitlines(), ""),  # a byte order mark, as a shell of Windows writes one
        ([*raw().splitlines(), b""], "is no engine event"),
        ([b"", *raw().splitlines()], "Line 1 of the event stream is no engine event"),
        ([*raw().splitlines(), b"Updating (dev):"], "is no engine event"),
        (raw().replace(b"ap-northeast-2", b"\\ud800", 1).splitlines(), "is no engine event"),
        (raw().replace(b"ap-northeast-2", b"\xed\x95\x9c\xea", 1).splitlines(), "is no engine event"),
        (raw().replace(b"ap-northeast-2", b"\xed\xa0\x80", 1).splitlines(), "is no engine event"),
        (raw().replace(b'"region"', b"[" * 100_000, 1).splitlines(), "is no engine event"),
        ([*raw().splitlines(), *raw("fresh-stdout").splitlines()], "The event stream has 2 summaryEvent where a run has"),
        ([json.dumps({**event, "timestamp": float("inf")}) for event in events_of("fresh-log")], "Line 1 of the event"),
        ([json.dumps(event) for event in of_dev_and_prd()], "is of more than one stack: dev::shop, prd::shop."),
    ],
)  # fmt: skip
def test_bytes_that_are_no_stream_of_one_run(lines: list[bytes], reason: str) -> None:
    found = verdict(lines)
    assert (found.verdict, reason in " ".join(found.reasons)) == ("failed" if reason else "ok", True)


@pytest.mark.parametrize("half", range(1, 3))
def test_a_stream_cut_inside_a_character_is_broken_off(half: int) -> None:
    lines = [line.encode() for line in lines_of("fresh-log")]
    last = json.loads(lines[50]) | {"more": "서비스"}
    cut = json.dumps(last, ensure_ascii=False).encode().partition("서비스".encode())[0] + "서".encode()[:half]
    found = verdict([*lines[:50], cut])
    assert found.reasons[0] == "Line 51 of the event stream is no engine event: the stream is damaged or broken off."


def placed(event: Event, at: int) -> list[Event]:
    events = events_of("fresh-log")
    return renumbered([*events[:at], {"sequence": 0, "timestamp": 0, **event}, *events[at:]])


@pytest.mark.parametrize("at", [0, 1, 20, -2, -1, 10**6])
@pytest.mark.parametrize("kind", ["newEvent", "", "PolicyEvent", "policyevent", "summary", "1"])
def test_a_kind_that_is_not_known_may_say_anything(kind: str, at: int) -> None:
    found = judged(placed({kind: {"resourceUrn": 7, "metadata": [], "passed": "a"}}, at))
    assert found.verdict == "failed"
    assert f"a kind that is not known here ({kind}): what they say was not judged." in " ".join(found.reasons)


def test_a_summary_before_the_end_is_none() -> None:
    events = events_of("fresh-log")
    [at] = [at for at, event in enumerate(events) if "summaryEvent" in event]
    summary = events.pop(at)
    found = judged(renumbered([*events[:30], summary, *events[30:]]))
    assert "Events that belong before the summary come after it: policyAnalyze" in " ".join(found.reasons)
    assert judged(renumbered([*events[:at], summary, summary, *events[at:]])).verdict == "failed"


@pytest.mark.parametrize(
    ("loads", "reason"),
    [
        (0, "no policyLoadEvent: no policy pack was loaded."),
        (2, "has 2 policyLoadEvent, and its summary names 1 policy"),
    ],
)
def test_each_pack_that_is_loaded_is_one_that_judged(loads: int, reason: str) -> None:
    events = [event for event in events_of("fresh-log") if "policyLoadEvent" not in event]
    load: list[Event] = [{"sequence": 0, "timestamp": 0, "policyLoadEvent": {}}] * loads
    found = judged(renumbered([*events[:1], *load, *events[1:]]))
    assert (found.verdict, reason in " ".join(found.reasons)) == ("failed", True)


def test_two_packs_that_judged_everything_are_two_packs() -> None:
    events = list[Event]()
    for event in events_of("fresh-log"):
        events.append(event)
        kind = next(key for key in event if key not in ("sequence", "timestamp"))
        if kind == "policyLoadEvent" or "Summary" in kind:
            events.append(json.loads(json.dumps(event).replace('"recording"', '"second"')))
        if kind == "summaryEvent":
            events[-1]["summaryEvent"]["PolicyPacks"]["second"] = "1.0.0"
    assert judged(renumbered(events)) == Judged(verdict="ok")


@pytest.mark.parametrize(
    ("stage", "verdict_"), [("", "ok"), ("dev", "ok"), ("org/shop/dev", "ok"), ("prd", "failed"), ("shop", "failed")]
)
def test_the_stream_of_another_stage_says_nothing(stage: str, verdict_: str) -> None:
    found = verdict(lines_of("fresh-log"), stage=stage)
    assert found.verdict == verdict_
    assert found.reasons == (
        () if verdict_ == "ok" else (f"The events are of the stack dev, and {stage} was asked for.",)
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_no_form_of_a_line_breaks_the_gate_or_passes_it(data: st.DataObject) -> None:
    lines = lines_of("fresh-log")
    at = data.draw(st.integers(0, len(lines) - 1))
    event: Any = data.draw(JSON)
    lines[at] = json.dumps(event)
    assert verdict(lines).verdict == "failed"


def test_a_key_given_twice_is_no_event() -> None:
    listener = Listener()
    listener.read(['{"sequence": 0, "timestamp": 1, "cancelEvent": {}, "cancelEvent": {}}'])
    assert any("Line 1 of the event stream" in problem for problem in listener.reported.problems)
