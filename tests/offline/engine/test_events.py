"""Events have the shape of a recorded stream of Pulumi 3.260 (`pulumi preview --json`, streaming)."""

import json
from pathlib import Path

import pytest

from gate.events import Event, parse
from offline.engine import events
from offline.engine.record import ResourceRecord

LINES = (Path(__file__).parent / "recorded_events.jsonl").read_text().splitlines()
# A pack that remediates is the real engine's alone.
RECORDED = [event for event in map(json.loads, LINES) if "policyRemediationEvent" not in event]
PACK = events.pack_fields("rehearsal", "0.0.1")


def rebuilt(event: Event) -> Event:
    """The same event from our constructors, given the recorded values."""
    kind = parse(event).kind
    payload = event[kind]
    urn = payload.get("resourceUrn", "")
    lists = payload.get("passed", ()), payload.get("failed", ())
    match kind:
        case "policyLoadEvent":
            return events.policy_load()
        case "preludeEvent":
            return events.prelude(payload["config"])
        case "policyRemediateSummaryEvent":
            return events.policy_summary("Remediate", PACK, urn, *lists)
        case "policyAnalyzeSummaryEvent":
            return events.policy_summary("Analyze", PACK, urn, *lists)
        case "policyAnalyzeStackSummaryEvent":
            return events.policy_summary("AnalyzeStack", PACK, None, *lists)
        case "policyEvent":
            message, level = payload["message"].removesuffix("\n"), payload["enforcementLevel"]
            return events.policy_violation(PACK, urn=urn, policy=payload["policyName"], message=message, level=level)
        case "diagnosticEvent":
            return events.diagnostic(payload["severity"], payload["message"].removesuffix("\n"))
        case "summaryEvent":
            return events.summary(
                changes=payload["resourceChanges"],
                packs=payload["PolicyPacks"],
                preview=payload["isPreview"],
                seconds=payload["durationSeconds"] - 0.3,
                succeeded=payload["result"] == "succeeded",
            )
        case "cancelEvent":
            return events.cancel()
        case "resourcePreEvent" | "resOutputsEvent":
            metadata = payload["metadata"]
            built = events.step(
                metadata["op"],
                metadata["old"] and record(metadata["old"]),
                metadata["new"] and record(metadata["new"]),
                logical=metadata.get("logical", False),
                diffs=metadata.get("diffs", ()),
                keys=metadata.get("keys", ()),
            )
            return events.step_event(kind, built, planning=payload["planning"])
    raise AssertionError(kind)


def record(side: Event) -> ResourceRecord:
    return ResourceRecord(
        serial=0,
        urn=side["urn"],
        type=side["type"],
        custom=side.get("custom", False),
        id=side["id"],
        parent=side["parent"],
        protect=side.get("protect", False),
        pending_delete=side.get("delete", False),
        inputs=side["inputs"],
        outputs=side["outputs"],
        provider=side["provider"],
    )


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda event: f"{event['sequence']}-{parse(event).kind}")
def test_the_constructors_rebuild_the_recording_to_the_letter(recorded):
    stamp = {"sequence": recorded["sequence"], "timestamp": recorded["timestamp"]}
    assert json.dumps({**stamp, **rebuilt(recorded)}) == json.dumps(recorded)


def test_every_kind_of_the_recordings_is_covered():
    assert {parse(event).kind for event in RECORDED} == {
        "policyLoadEvent", "preludeEvent", "policyRemediateSummaryEvent", "policyAnalyzeSummaryEvent",
        "policyAnalyzeStackSummaryEvent", "policyEvent", "diagnosticEvent", "summaryEvent",
        "cancelEvent", "resourcePreEvent", "resOutputsEvent",
    }  # fmt: skip


def test_a_stream_numbers_stamps_and_holds():
    seen: list[Event] = []
    stream = events.Stream(seen.append, clock=lambda: 1795380040.9)
    stream.emit(events.policy_load())
    stream.hold()
    stream.emit(events.diagnostic("info", "dropped"))
    stream.drop()
    stream.hold()
    stream.emit(events.diagnostic("info", "released"))
    assert len(seen) == 1
    stream.release()
    stream.emit(events.cancel())
    assert seen == [
        {"sequence": 0, "timestamp": 1795380040, "policyLoadEvent": {}},
        {
            "sequence": 1,
            "timestamp": 1795380040,
            "diagnosticEvent": {"message": "released\n", "color": "never", "severity": "info"},
        },
        {"sequence": 2, "timestamp": 1795380040, "cancelEvent": {}},
    ]


@pytest.mark.parametrize(("seconds", "shown"), [(0.0, 0), (0.1, 1), (1.0, 1), (7.01, 8)])
def test_seconds_are_rounded_up(seconds, shown):
    event = events.summary(changes={}, packs={}, preview=True, seconds=seconds, succeeded=True)
    assert event["summaryEvent"]["durationSeconds"] == shown


def test_gathered_events_wait_for_a_moment_that_nobody_waits_in() -> None:
    told: list[Event] = []
    stream = events.Stream(told.append, clock=lambda: 1.0)
    with stream.gathering() as report:
        stream.emit(events.cancel())
        assert told == []
        report()
        stream.emit(events.cancel())
        assert [event["sequence"] for event in told] == [0]
    stream.emit(events.cancel())
    assert [event["sequence"] for event in told] == [0, 1, 2]
