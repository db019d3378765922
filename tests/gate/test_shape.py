"""The form of events: every event of the real engine has it, and one field of another form is enough not to."""

import copy
from typing import Any

import pytest

from gate.events import parse
from gate.shape import nested_deeper, require_shape
from tests.gate.inputs.recordings import GREEN, RECORDED, events_of

STEP: dict[str, Any] = {
    "metadata": {"urn": "u", "op": "create", "type": "t", "old": None, "new": {"inputs": {"a": [1]}}}
}


@pytest.mark.parametrize("name", [*GREEN, *RECORDED])
def test_the_real_engines_events_have_it(name: str) -> None:
    for event in events_of(name):
        parsed = parse(event)
        require_shape(parsed.kind, parsed.payload)


def changed(fields: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    fields = copy.deepcopy(fields)
    *above, last = path.split(".")
    place = fields
    for key in above:
        place = place[key]
    place[last] = value
    return fields


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


POLICY = {"policyName": "p", "policyPackName": "k", "message": "m", "enforcementLevel": "mandatory"}
SUMMARY: dict[str, Any] = {
    "PolicyPacks": {"k": "1"},
    "resourceChanges": {"create": 1},
    "isPreview": True,
    "result": "succeeded",
}
OF_PACK = {"policyPackName": "k", "resourceUrn": "u"}
DIAGNOSTIC = {"message": "m", "severity": "info"}


@pytest.mark.parametrize(
    ("kind", "fields", "path", "wrong"),
    [
        *(("resOutputsEvent", STEP, f"metadata.{name}", wrong) for name in ("urn", "op", "type") for wrong in (None, 1, ["a"])),
        *(("resourcePreEvent", STEP, f"metadata.{side}", wrong) for side in ("old", "new") for wrong in (1, [], "x")),
        ("resourcePreEvent", STEP, "metadata.new.inputs", ["a"]),
        ("resourcePreEvent", STEP, "metadata.new.outputs", "a"),
        ("resourcePreEvent", STEP, "metadata.new.parent", {}),
        ("resourcePreEvent", STEP, "metadata.new.inputs", {"a": deep(101)}),
        ("resourcePreEvent", STEP, "metadata.keys", "a"),
        ("resourcePreEvent", STEP, "metadata.diffs", [1]),
        ("resourcePreEvent", STEP, "metadata.logical", "true"),
        ("resourcePreEvent", STEP, "metadata", None),
        ("resourcePreEvent", STEP, "planning", 1),
        ("resOpFailedEvent", STEP, "metadata", []),
        *(("policyEvent", POLICY, name, wrong) for name in POLICY for wrong in (None, 7, [])),
        *(("policyEvent", POLICY, "exceptions", wrong) for wrong in (True, "EXC-1", {}, ["EXC-1"])),
        ("policyEvent", POLICY, "resourceUrn", 7),
        ("policyEvent", POLICY, "severity", ["high"]),
        ("policyRemediationEvent", {"policyName": "p"}, "policyName", None),
        *(("diagnosticEvent", DIAGNOSTIC, name, wrong) for name in DIAGNOSTIC for wrong in (None, 7)),
        ("diagnosticEvent", DIAGNOSTIC, "ephemeral", "no"),
        ("policyAnalyzeSummaryEvent", OF_PACK, "resourceUrn", None),
        ("policyRemediateSummaryEvent", OF_PACK, "resourceUrn", True),
        ("policyRemediateSummaryEvent", OF_PACK, "failed", "a"),
        ("policyAnalyzeStackSummaryEvent", OF_PACK, "policyPackName", None),
        *(("policyAnalyzeStackSummaryEvent", OF_PACK, "failed", wrong) for wrong in ("a", 7, {"a": 1}, [1])),
        ("summaryEvent", SUMMARY, "PolicyPacks", ["k"]),
        ("summaryEvent", SUMMARY, "PolicyPacks", {"k": 1}),
        ("summaryEvent", SUMMARY, "durationSeconds", "1"),
        ("summaryEvent", SUMMARY, "durationSeconds", float("inf")),
        ("summaryEvent", SUMMARY, "isPreview", "true"),
        *(("summaryEvent", SUMMARY, "resourceChanges", {"create": wrong}) for wrong in (-1, "1", 1.5, True, None)),
        ("summaryEvent", SUMMARY, "result", 0),
        ("summaryEvent", SUMMARY, "maybeCorrupt", ""),
    ],
)  # fmt: skip
def test_a_field_of_another_form(kind: str, fields: dict[str, Any], path: str, wrong: Any) -> None:
    require_shape(kind, fields)
    with pytest.raises((ValueError, TypeError)):
        require_shape(kind, changed(fields, path, wrong))


@pytest.mark.parametrize("fields", [None, [], "", 0])
def test_an_event_without_content(fields: object) -> None:
    with pytest.raises(TypeError, match="a cancelEvent without content"):
        require_shape("cancelEvent", fields)


@pytest.mark.parametrize(("levels", "found"), [(0, False), (99, False), (100, False), (101, True), (50_000, True)])
def test_nesting(levels: int, found: bool) -> None:
    assert nested_deeper(deep(levels)) is found
    assert nested_deeper({"a": 1, "b": deep(levels - 1)} if levels else {}) is found
