"""Events have the shape of a recorded stream of Pulumi 3.260 (`pulumi preview --json`, streaming)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gate.events import Event, parse
from offline.engine import events

RECORDED = [json.loads(line) for line in (Path(__file__).parent / "recorded_events.jsonl").read_text().splitlines()]
PACK = events.Pack(name="rehearsal", version="0.0.1")


def rebuilt(event: Event) -> Event:
    """The same event from our constructors, given the recorded values."""
    kind = parse(event).kind
    payload = event[kind]
    urn = payload.get("resourceUrn", "")
    lists = {"passed": payload.get("passed", ()), "failed": payload.get("failed", ())}
    match kind:
        case "policyLoadEvent":
            return events.policy_load()
        case "preludeEvent":
            return events.prelude(payload["config"])
        case "policyRemediateSummaryEvent":
            return events.policy_remediate_summary(PACK, urn=urn, **lists)
        case "policyAnalyzeSummaryEvent":
            return events.policy_analyze_summary(PACK, urn=urn, **lists)
        case "policyAnalyzeStackSummaryEvent":
            return events.policy_analyze_stack_summary(PACK, **lists)
        case "policyRemediationEvent":
            return events.policy_remediation(
                PACK, urn=urn, policy=payload["policyName"], before=payload["before"], after=payload["after"]
            )
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
                op=metadata["op"],
                urn=metadata["urn"],
                type_token=metadata["type"],
                old=metadata["old"] and side(metadata["old"]),
                new=metadata["new"] and side(metadata["new"]),
                provider=metadata["provider"],
                logical=metadata.get("logical", False),
                diffs=metadata.get("diffs", ()),
                keys=metadata.get("keys", ()),
            )
            build = events.resource_pre if kind == "resourcePreEvent" else events.res_outputs
            return build(built, planning=payload["planning"])
    raise AssertionError(kind)


def side(recorded: Event) -> Event:
    return events.state(
        type_token=recorded["type"],
        urn=recorded["urn"],
        custom=recorded.get("custom", False),
        id_=recorded["id"],
        parent=recorded["parent"],
        protect=recorded.get("protect", False),
        retain_on_delete=recorded.get("retainOnDelete", False),
        delete=recorded.get("delete", False),
        inputs=recorded["inputs"],
        outputs=recorded["outputs"],
        provider=recorded["provider"],
    )


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda event: f"{event['sequence']}-{parse(event).kind}")
def test_the_constructors_rebuild_the_recording_to_the_letter(recorded):
    stamp = {"sequence": recorded["sequence"], "timestamp": recorded["timestamp"]}
    assert json.dumps({**stamp, **rebuilt(recorded)}) == json.dumps(recorded)


def test_every_kind_of_the_recordings_is_covered():
    assert {parse(event).kind for event in RECORDED} == {
        "policyLoadEvent", "preludeEvent", "policyRemediateSummaryEvent", "policyAnalyzeSummaryEvent",
        "policyAnalyzeStackSummaryEvent", "policyRemediationEvent", "policyEvent", "diagnosticEvent", "summaryEvent",
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
