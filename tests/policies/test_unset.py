"""A property that is not set is reported as not set: never as the value that AWS or a policy takes for it."""

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.resources.graph import Graph
from policies.rules.discovery import all_rules
from policies.rules.rule import Rule, Stack
from tests.policies.mutations.changes import Record

pytestmark = pytest.mark.slow

KINDS = (
    "aws:acm/certificate:Certificate",
    "aws:ecr/repository:Repository",
    "aws:ecs/service:Service",
    "aws:ecs/taskDefinition:TaskDefinition",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:lb/targetGroup:TargetGroup",
    "aws:rds/instance:Instance",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:codebuild/project:Project",
)
_NAMES = frozenset({"arn", "id", "tags", "tagsAll"})


def found(records: list[Record], rules: list[Rule]) -> set[tuple[str, str, str]]:
    """(policy, resource, what it found) of the rules on the stack prd."""
    facts = Facts(Graph.from_records(records))
    return {
        (rule.spec.name, finding.urn, finding.parts.found)
        for rule in rules
        for finding in rule.judge(Stack(facts=facts, stage="prd", spec=rule.spec))
        if finding.parts is not None
    }


@pytest.mark.parametrize("kind", KINDS)
def test_no_value_is_stated_of_a_property_that_is_not_set(platform: Callable[[str], list[Record]], kind: str) -> None:
    records = platform("prd")
    rules = [rule for rule in all_rules() if kind in rule.types]
    record: dict[str, Any] = next(record for record in records if record["type"] == kind)
    before, wrong = found(records, rules), list[tuple[str, str]]()
    for prop in sorted(record["outputs"].keys() - _NAMES):
        changed = copy.deepcopy(record)
        del changed["outputs"][prop]
        changed["property_dependencies"].pop(prop, None)
        stated = re.compile(rf"(?<![\w.]){prop}(?:\.\w+)* is (?!not set|absent)")
        after = found([changed if each is record else each for each in records], rules)
        wrong += [(policy, text) for policy, _, text in after - before if stated.search(text)]
    assert wrong == []
