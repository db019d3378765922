"""A repository's lifecycle policy: what its rules say, and each form that ECR refuses."""

import json
from typing import Any

import pytest

from policies.facts.delivery.image_rules import ImageRule, image_rules
from policies.resources.graph import PlainResource
from policies.resources.outcomes import NotDecidedError
from policies.resources.tokens import REPOSITORY_LIFECYCLE

UNTAGGED = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14}
ANY = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 20}
TAGGED = {**ANY, "tagStatus": "tagged", "tagPrefixList": ["v"]}
OF_TAGS = {**ANY, "tagStatus": "tagged", "tagPatternList": ["*-rc", "v*"]}
EXPIRE, ARCHIVE = {"type": "expire"}, {"type": "transition", "targetStorageClass": "archive"}


def rule(selection: Any, priority: Any = 1, action: Any = EXPIRE) -> dict[str, Any]:
    return {"rulePriority": priority, "selection": selection, "action": action}


def read(document: object) -> tuple[ImageRule, ...]:
    props = {"policy": document if isinstance(document, str) else json.dumps(document)}
    return image_rules(
        PlainResource(type=REPOSITORY_LIFECYCLE, urn="u", name="n", props=props, property_dependencies={})
    )


def without(selection: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in selection.items() if name != key}


def test_what_rules_say() -> None:
    rules = [rule(UNTAGGED), rule(OF_TAGS, 5, ARCHIVE), rule(TAGGED, 2), rule(ANY, 9)]
    found = [(item.expires, item.status, item.by_count, item.number, item.tags) for item in read({"rules": rules})]
    assert found == [
        (True, "untagged", False, 14, ()),
        (False, "tagged", True, 20, ("*-rc", "v*")),
        (True, "tagged", True, 20, ("v",)),
        (True, "any", True, 20, ()),
    ]


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ("{", "policy"),
        ([], "policy"),
        ({}, "policy.rules"),
        ({"rules": []}, "policy.rules"),
        ({"rules": "x"}, "policy.rules"),
        ({"rules": [1]}, "policy.rules[0]"),
        ({"rules": [rule(ANY, None)]}, "policy.rules[0].rulePriority"),
        ({"rules": [rule(ANY, 0)]}, "policy.rules[0].rulePriority"),
        ({"rules": [rule(ANY, "1")]}, "policy.rules[0].rulePriority"),
        ({"rules": [rule(UNTAGGED), rule(ANY)]}, "policy.rules[1].rulePriority"),
        ({"rules": [rule(ANY), rule(UNTAGGED, 2)]}, "policy.rules[0].rulePriority"),
        ({"rules": [rule(ANY, action={})]}, "policy.rules[0].action.type"),
        ({"rules": [rule(ANY, action={"type": "delete"})]}, "policy.rules[0].action.type"),
        ({"rules": [rule(None)]}, "policy.rules[0].selection"),
        ({"rules": [rule({**ANY, "tagStatus": "all"})]}, "policy.rules[0].selection.tagStatus"),
        ({"rules": [rule({**ANY, "tagStatus": "tagged"})]}, "policy.rules[0].selection"),
        ({"rules": [rule({**UNTAGGED, "tagPrefixList": ["v"]})]}, "policy.rules[0].selection"),
        ({"rules": [rule({**TAGGED, "tagPrefixList": "v"})]}, "policy.rules[0].selection.tagPrefixList"),
        ({"rules": [rule({**ANY, "countType": "imageCount"})]}, "policy.rules[0].selection.countType"),
        ({"rules": [rule({**ANY, "countUnit": "days"})]}, "policy.rules[0].selection.countUnit"),
        ({"rules": [rule(without(UNTAGGED, "countUnit"))]}, "policy.rules[0].selection.countUnit"),
        ({"rules": [rule({**UNTAGGED, "countUnit": "weeks"})]}, "policy.rules[0].selection.countUnit"),
        ({"rules": [rule({**ANY, "countNumber": 0})]}, "policy.rules[0].selection.countNumber"),
        ({"rules": [rule({**ANY, "countNumber": 1.5})]}, "policy.rules[0].selection.countNumber"),
    ],
)
def test_what_ecr_refuses_is_undecided(document: object, where: str) -> None:
    with pytest.raises(NotDecidedError) as caught:
        read(document)
    assert caught.value.undecided.where == where
