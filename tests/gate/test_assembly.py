"""A stage's part of gate.json: put together of what the engine told, whatever that is."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.assembly import Known, nowhere, stage_of
from gate.document import Document, Engine, Message, Place, Stage, document_schema
from gate.note.note import drafted
from gate.policy_results import PolicyText
from gate.stream import Listener
from gate.written import forms
from tests.gate.inputs.recordings import GREEN, RECORDED, events_of
from tests.gate.inputs.sample_run import Run
from tests.gate.test_stream import JSON

KNOWN = Known(engine=Engine(kind="recorded"), texts={})
SCHEMA = jsonschema.Draft202012Validator(document_schema())


def stage(events: list[Any], known: Known = KNOWN, name: str = "dev") -> Stage:
    listener = Listener()
    listener.read(json.dumps(event) for event in events)
    return stage_of(name, listener.reported, known)


@pytest.mark.parametrize("name", [*GREEN, *RECORDED])
def test_a_recorded_stream_is_a_valid_document(name: str) -> None:
    found = stage(events_of(name))
    document = Document(project="shop", verdict=found.verdict, stages=(found,))
    SCHEMA.validate(json.loads(document.model_dump_json()))
    assert (found.verdict, len(found.packs), found.counts == {}) == ("ok" if name in GREEN else "refused", 1, False)


def test_what_is_known_beside_the_events_is_there() -> None:
    run = Run()
    run.violation("p", "no")
    place = Place(file="Pulumi.dev.yaml", line=3, key="tasks")
    known = Known(
        engine=Engine(kind="pulumi", version="3.274.1"),
        texts={"p": PolicyText(what="What.", why="why", fix="do this", severity="high")},
        budget_missing="no budget",
        places=lambda policy, urn, message: (place,),
    )
    found = stage(run.events, known)
    [violation] = found.violations
    assert (violation.cause, violation.fix, violation.severity, violation.places) == (
        "What.",
        "do this",
        "high",
        (place,),
    )
    assert (found.engine, found.budget_missing) == (known.engine, "no budget")
    assert nowhere("p", "u", "m") == ()


@pytest.mark.parametrize(("refused", "verdict"), [(True, "refused"), (False, "failed")])
def test_an_error_beside_the_events_is_no_pass(refused: bool, verdict: str) -> None:
    run = Run()
    if refused:
        run.violation("p", "no")
    found = stage(run.events, Known(engine=Engine(kind="pulumi"), texts={}, errors=("No export.",)))
    assert (found.verdict, found.reasons[0]) == (verdict, "No export.")


def test_messages_keep_their_severity_and_what_is_no_known_one_is_information() -> None:
    run = Run()
    for severity in ("error", "warning", "info", "info#err", "debug"):
        run.emit({"diagnosticEvent": {"severity": severity, "message": severity, "urn": "u"}})
    assert stage(run.events).messages == (
        Message(severity="error", text="error", urn="u"),
        Message(severity="warning", text="warning", urn="u"),
        Message(severity="info", text="info", urn="u"),
        Message(severity="info", text="info#err", urn="u"),
    )


def fields_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*found, *(place for key, item in inside for place in fields_of(item, (*path, key)))]


@given(st.sampled_from([*GREEN, "recorded-refused"]), st.data())
def test_no_form_of_a_field_breaks_the_gate(name: str, data: st.DataObject) -> None:
    events = events_of(name)
    event = data.draw(st.sampled_from(events))
    *above, last = data.draw(st.sampled_from(fields_of(event)))
    place = event
    for key in above:
        place = place[key]
    place[last] = data.draw(JSON)
    found = stage(events)
    document = Document(project="shop", verdict=found.verdict, stages=(found,))
    SCHEMA.validate(json.loads(document.model_dump_json()))
    for text in forms(document, drafted(document)).values():
        text.encode()
    if name == "recorded-refused":
        assert found.verdict != "ok"


GROUPED = """\
Images are scanned.
- imageScanningConfiguration is not set. Required: scanOnPush true.
  aws:ecr:Repository: api, "of others"
- scanOnPush is false. Required: scanOnPush true.
  Fix: Set scanOnPush.
  aws:ecr:Repository: web (its "x")
Why: Known holes.
Fix: Scan them."""


def test_a_grouped_violation_has_its_parts_and_its_resources_with_urns() -> None:
    run = Run()
    api, web = (run.child("aws:ecr/repository:Repository", name) for name in ("api", "web"))
    run.violation("images-scanned", GROUPED)
    [violation] = stage(run.events).violations
    assert (violation.cause, violation.why) == ("Images are scanned.", "Known holes.")
    assert violation.found == "imageScanningConfiguration is not set\nscanOnPush is false"
    assert violation.required == "scanOnPush true"
    assert violation.fix == "Scan them.\nSet scanOnPush."
    assert [resource.urn for resource in violation.resources] == [api, "", web]
    first, second = violation.causes
    assert ([item.name for item in first.resources], first.inside) == (["api", "of others"], ("", ""))
    assert (second.fix, second.inside) == ("Set scanOnPush.", ('its "x"',))


@pytest.mark.parametrize(
    ("message", "undecided"),
    [
        ("W.\n- web: undecided at preview: x of urn.\n  aws:ecs:Service: web\nWhy: w\nUndecided with it: b, c", True),
        ("W.\ndev-db: its connection budget is undecided: tags is absent", True),
        ("W.\n- undecided: the stack names no stage. Required: x.\nWhy: w\nFix: f", True),
        ("W.\n- it is left undecided by nobody. Required: x.\nWhy: w\nFix: f", False),
        ("W.\n- found. Required: x.\nWhy: w\nFix: f", False),
    ],
)
def test_what_the_pack_could_not_decide_is_marked(message: str, undecided: bool) -> None:
    run = Run()
    run.violation("p", message)
    [violation] = stage(run.events).violations
    assert violation.undecided is undecided
    assert violation.joined == (("b", "c") if "b, c" in message else ())
    [result] = [item for item in stage(run.events).policies if item.name == "p"]
    assert result.verdict == ("undecided" if undecided else "failed")
