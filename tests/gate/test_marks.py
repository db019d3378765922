"""Marks: the deciding line, each line where several resources are concerned, and the stage's file where no setting leads there."""

import json

import pytest

from gate.document import Document, Place, Resource, Violation
from gate.gitlab_reports import codequality
from gate.marks import marks_of
from gate.sarif import sarif

PLACES = tuple(Place(file="Pulumi.prd.yaml", line=line, key=f"services.s{line}.tasks") for line in (7, 9))
RESOURCES = tuple(Resource(urn=f"u{number}", type="t", name=f"n{number}") for number in range(2))


@pytest.mark.parametrize(
    ("places", "resources", "lines"),
    [((), (), [1]), ((), RESOURCES, [1]), (PLACES, (), [7]), (PLACES, RESOURCES[:1], [7]), (PLACES, RESOURCES, [7, 9])],
)
def test_where_a_violation_is_marked(
    example: Document, places: tuple[Place, ...], resources: tuple[Resource, ...], lines: list[int]
) -> None:
    violation = Violation(policy="p", level="mandatory", message="m", places=places, resources=resources)
    stage = example.stages[1].model_copy(update={"violations": (violation,)})
    document = example.model_copy(update={"stages": (stage,)})
    assert [mark.line for mark in marks_of(stage, violation)] == lines
    issues = json.loads(codequality(document))
    assert [issue["location"]["lines"]["begin"] for issue in issues] == lines
    assert len({issue["fingerprint"] for issue in issues}) == len(lines)
    results = json.loads(sarif(document))["runs"][0]["results"]
    shown = [result["locations"][0]["physicalLocation"]["region"]["startLine"] for result in results]
    assert shown == lines
    assert len({result["partialFingerprints"]["gate/v1"] for result in results}) == len(lines)
