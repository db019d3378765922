"""SARIF: what its schema and GitHub require of each result, its place, and that a stage without a decision is no clean one."""

import json
import re
from typing import Any

import jsonschema
import pytest

from gate.document import Document
from gate.sarif import sarif
from tests.gate.inputs.hostile import HOSTILE
from tests.gate.rendered import INVISIBLE
from tests.gate.schemas import an_object

_TEXT = an_object("text", text={"type": "string", "minLength": 1})
_LOCATION = an_object(
    "physicalLocation",
    id={"type": "integer", "minimum": 0},
    message=_TEXT,
    physicalLocation=an_object(
        "artifactLocation",
        "region",
        artifactLocation=an_object("uri", uri={"type": "string", "pattern": "^[A-Za-z0-9._~%/-]+$"}),
        region=an_object("startLine", startLine={"type": "integer", "minimum": 1}),
    ),
)
_RULE = an_object(
    "id",
    "shortDescription",
    "help",
    id={"type": "string", "minLength": 1, "maxLength": 255},
    shortDescription=_TEXT,
    help=_TEXT,
)
_RESULT = an_object(
    "message",
    "locations",
    "partialFingerprints",
    "level",
    "ruleId",
    level={"enum": ["none", "note", "warning", "error"]},
    message=_TEXT,
    locations={"type": "array", "minItems": 1, "maxItems": 10, "items": _LOCATION},
    relatedLocations={"type": "array", "items": _LOCATION},
)
_RUN = an_object(
    "tool",
    "results",
    tool=an_object("driver", driver=an_object("name", "rules", rules={"type": "array", "items": _RULE})),
    automationDetails={"type": "object", "required": ["id"]},
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results={"type": "array", "maxItems": 25_000, "items": _RESULT},
)
# The parts of SARIF 2.1.0 that are used, with what the schema, and GitHub beyond it, require of them.
_SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs", "$schema"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "maxItems": 20, "items": {**_RUN, "additionalProperties": False}},
    },
}


def read(document: Document) -> dict[str, Any]:
    written: dict[str, Any] = json.loads(sarif(document))
    jsonschema.Draft202012Validator(_SARIF).validate(written)
    [run] = written["runs"]
    return run


def test_each_violation_stands_at_its_line(example: Document) -> None:
    run = read(example)
    budget, retention = run["results"]
    physical = budget["locations"][0]["physicalLocation"]
    assert physical == {"artifactLocation": {"uri": "Pulumi.prd.yaml"}, "region": {"startLine": 31}}
    assert budget["relatedLocations"][0]["message"]["text"] == "DB_CONN_LIMIT"
    assert [result["level"] for result in (budget, retention)] == ["error", "warning"]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == ["connection-budget", "log-retention"]
    assert rules[0]["properties"]["security-severity"] == "9.5"
    assert retention["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "Pulumi.prd.yaml"


def stages(document: Document, **changes: Any) -> Document:
    first, second = document.stages
    return document.model_copy(update={"stages": (first, second.model_copy(update=changes))})


def test_a_fingerprint_stays_while_numbers_and_lines_move(example: Document) -> None:
    violation = example.stages[1].violations[0]
    moved = violation.model_copy(update={"message": "other numbers", "places": ()})
    before = read(example)["results"][0]["partialFingerprints"]
    assert read(stages(example, violations=(moved,)))["results"][0]["partialFingerprints"] == before
    other = violation.model_copy(update={"resources": ()})
    assert read(stages(example, violations=(other,)))["results"][0]["partialFingerprints"] != before


def test_nothing_decided_is_a_result(example: Document) -> None:
    run = read(stages(example, verdict="failed", reasons=("The stream broke off.",), violations=()))
    assert [(result["ruleId"], result["message"]["text"]) for result in run["results"]] == [
        ("gate-failed", "prd: The stream broke off.")
    ]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_make_no_link_and_nothing_invisible(example: Document, text: str) -> None:
    violation = example.stages[1].violations[0]
    place = violation.places[0].model_copy(update={"file": text or "x", "key": text})
    resource = violation.resources[0].model_copy(update={"name": text})
    changes = {"message": text, "policy": text or "x", "why": text, "places": (place, place), "resources": (resource,)}
    run = read(stages(example, violations=(violation.model_copy(update=changes),)))
    texts = json.dumps(run, ensure_ascii=False)
    assert INVISIBLE.findall(texts) == []
    messages = [run["results"][0]["message"]["text"], run["tool"]["driver"]["rules"][0]["help"]["text"]]
    assert [found for said in messages for found in re.findall(r"\]\(", said)] == []
