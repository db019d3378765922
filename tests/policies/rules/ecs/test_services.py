"""What is asked of a service is what its kind can have: a daemon has no count, and others than ECS replace tasks their own way."""

from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.rules.ecs.services import (
    service_circuit_breaker,
    service_enough_tasks,
    service_full_strength,
    service_rebalanced,
)
from policies.rules.rule import Stack

RULES = (service_circuit_breaker, service_enough_tasks, service_full_strength, service_rebalanced)
WEAK = {
    "desiredCount": 1,
    "deploymentMaximumPercent": 100,
    "deploymentMinimumHealthyPercent": 50,
    "availabilityZoneRebalancing": "DISABLED",
}


@pytest.mark.parametrize(
    ("properties", "tags", "asked"),
    [
        ({}, {"budget:singleton": "false"}, {rule.spec.name for rule in RULES}),
        ({"schedulingStrategy": "DAEMON"}, {"budget:singleton": "false"}, set()),
        ({"schedulingStrategy": "DAEMON"}, {}, set()),
        ({}, {"budget:singleton": "true"}, {"service-circuit-breaker"}),
        (
            {"deploymentController": {"type": "CODE_DEPLOY"}},
            {"budget:singleton": "false"},
            {"service-enough-tasks", "service-rebalanced"},
        ),
    ],
)
def test_a_service_is_asked_for_what_its_kind_can_have(
    stack: Any, properties: dict[str, Any], tags: dict[str, str], asked: set[str]
) -> None:
    stack.change(stack.service("metrics", limit=None, tags=tags or None), **WEAK, **properties)
    facts = Facts(stack.graph())
    assert {
        rule.spec.name for rule in RULES if list(rule.judge(Stack(facts=facts, stage="prd", spec=rule.spec)))
    } == asked
