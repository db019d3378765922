"""GitLab's reports of the example, held against the formats as GitLab documents them; and hostile texts in them."""

import json
from typing import Any
from xml.etree import ElementTree

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from gate.document import Document, PolicyResult, Stage
from gate.gitlab_reports import codequality, junit, terraform
from tests.gate.schemas import an_object

# "Code Quality report format": required fields, and the severities there are.
_LOCATION = an_object(
    "path",
    "lines",
    path={"type": "string", "pattern": r"^(?!\./|/)"},
    lines=an_object("begin", begin={"type": "integer", "minimum": 1}),
)
CODEQUALITY: dict[str, Any] = {
    "type": "array",
    "items": an_object(
        "description",
        "check_name",
        "fingerprint",
        "location",
        "severity",
        description={"type": "string", "minLength": 1, "pattern": r"^[^\n]*$"},
        check_name={"type": "string", "minLength": 1},
        fingerprint={"type": "string", "minLength": 1},
        severity={"enum": ["info", "minor", "major", "critical", "blocker"]},
        location=_LOCATION,
    ),
}
TERRAFORM: dict[str, Any] = {
    "type": "object",
    "required": ["create", "update", "delete"],
    "additionalProperties": {"type": "integer", "minimum": 0},
}


def test_each_violation_is_marked_on_its_line(example: Document) -> None:
    issues = json.loads(codequality(example))
    jsonschema.validate(issues, CODEQUALITY)
    assert [(item["check_name"], item["severity"], item["location"]) for item in issues] == [
        ("connection-budget", "blocker", {"path": "Pulumi.prd.yaml", "lines": {"begin": 31}}),
        ("log-retention", "info", {"path": "Pulumi.prd.yaml", "lines": {"begin": 1}}),
    ]
    assert issues[0]["description"] == (
        "prd: connection-budget (mandatory): prd-db: 3284 of 2540 connections, 744 too many. Required: demand and reserve "
        "together at most max_connections, 2540. Fix: prd-tracking-api: at most 30 tasks (now 40)"
    )


def test_fingerprints_are_unique_and_stay(example: Document) -> None:
    stage = example.stages[1]
    twice = example.model_copy(
        update={"stages": (stage.model_copy(update={"violations": (*stage.violations, *stage.violations)}),)}
    )
    prints = [item["fingerprint"] for item in json.loads(codequality(twice))]
    assert len(set(prints)) == 4
    assert prints == [item["fingerprint"] for item in json.loads(codequality(twice))]


def test_a_replacement_counts_as_both(example: Document) -> None:
    counts = json.loads(terraform(example.stages[1]))
    jsonschema.validate(counts, TERRAFORM)
    assert counts == {"create": 1, "update": 1, "delete": 2}


def test_a_case_a_policy_and_one_for_the_verdict(example: Document) -> None:
    root = ElementTree.fromstring(junit(example))
    suites = {suite.get("name"): suite for suite in root.iter("testsuite")}
    assert {name: (suite.get("tests"), suite.get("failures")) for name, suite in suites.items()} == {
        "dev": ("2", "0"),
        "prd": (str(1 + len(example.stages[1].policies)), "2"),
    }
    failed = [case.get("name") for case in suites["prd"] if case.find("failure") is not None]
    assert failed == ["the preview as a whole", "connection-budget"]
    advisory = next(case for case in suites["prd"] if case.get("name") == "log-retention")
    assert "keeps its logs for ever" in (advisory.findtext("system-out") or "")


def test_a_policy_that_failed_without_a_word_and_one_that_could_not_decide_are_failures(example: Document) -> None:
    results = tuple(PolicyResult(name=verdict, pack="p", verdict=verdict) for verdict in ("failed", "undecided"))
    stage = example.stages[0].model_copy(update={"policies": results})
    root = ElementTree.fromstring(junit(example.model_copy(update={"stages": (stage,)})))
    assert [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None] == [
        "failed",
        "undecided",
    ]


HOSTILE = st.text(
    st.characters(exclude_categories=("Cs",)) | st.sampled_from("<>&\"'\x00\x1b\u202e\u2028\ufffe\r\n"),
    min_size=1,
    max_size=30,
)


@given(HOSTILE)
def test_whatever_stands_in_a_message_the_reports_stay_valid(text: str) -> None:
    stage = Stage.model_validate({
        "name": "prd", "verdict": "refused", "reasons": [text], "engine": {"kind": "recorded"},
        "violations": [{"policy": text, "level": "mandatory", "message": text, "found": text, "fix": text}],
        "policies": [{"name": text, "pack": text, "verdict": "failed", "description": text}],
    })  # fmt: skip
    document = Document(project="p", verdict="refused", stages=(stage,))
    jsonschema.validate(json.loads(codequality(document)), CODEQUALITY)
    xml = junit(document).encode()
    assert len(list(ElementTree.fromstring(xml).iter("failure"))) == 2
    assert not {"\x1b", "\u202e", "\x00"} & set(xml.decode())
