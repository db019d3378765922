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
    "deploymentMaximumPercent": 110,
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


@pytest.mark.parametrize(
    ("properties", "asked"),
    [
        ({}, True),
        ({"launchType": "EC2"}, True),
        ({"launchType": "EXTERNAL"}, False),
        ({"deploymentMaximumPercent": 100}, False),
        ({"loadBalancers": [{"elbName": "old", "containerName": "app", "containerPort": 80}]}, False),
        ({"loadBalancers": [{"targetGroupArn": "arn", "containerName": "app", "containerPort": 80}]}, True),
        ({"orderedPlacementStrategies": [{"type": "binpack", "field": "memory"}]}, False),
        ({"orderedPlacementStrategies": [{"type": "spread", "field": "host"}]}, False),
        ({"orderedPlacementStrategies": [{"type": "spread", "field": "attribute:ecs.availability-zone"}]}, True),
    ],
)
def test_rebalancing_is_asked_of_what_ecs_rebalances(stack: Any, properties: dict[str, Any], asked: bool) -> None:
    urn = stack.service("metrics", limit=None, tags={"budget:singleton": "false"})
    stack.change(urn, availabilityZoneRebalancing="DISABLED", **properties)
    found = list(service_rebalanced.judge(Stack(facts=Facts(stack.graph()), stage="prd", spec=service_rebalanced.spec)))
    assert [finding.urn for finding in found] == ([urn] if asked else [])
