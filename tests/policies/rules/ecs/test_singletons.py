"""A singleton's second task: every way in which one could start is reported, and nothing asks a singleton for two."""

from collections.abc import Iterator
from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.resources import tokens
from policies.rules.ecs.services import service_enough_tasks, service_full_strength
from policies.rules.ecs.singletons import singleton_alone
from policies.rules.rule import Rule, Stack

BESIDE = "deploymentMaximumPercent is 200: a roll-out starts the new task beside the old one. Required: 100."
ALONE = {"desiredCount": 1, "deploymentMinimumHealthyPercent": 0, "deploymentMaximumPercent": 100}


def reported(stack: Any, rule: Rule = singleton_alone) -> Iterator[str]:
    judged = Stack(facts=Facts(stack.graph()), stage="prd", spec=rule.spec)
    for finding in rule.judge(judged):
        assert finding.message.endswith(rule.spec.how_to_fix)
        yield finding.message.removesuffix(f" {rule.spec.why} {rule.spec.how_to_fix}")


def beat(stack: Any, declared: str | None = "true", **properties: Any) -> str:
    urn = stack.service("beat", limit=None, tags=None if declared is None else {"budget:singleton": declared})
    stack.change(urn, **{**ALONE, **properties})
    return urn


def test_nothing_is_reported_of_a_singleton_that_stays_alone(stack: Any) -> None:
    beat(stack)
    for rule in (singleton_alone, service_enough_tasks, service_full_strength):
        assert list(reported(stack, rule)) == []


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        ({"desiredCount": 2}, "desiredCount is 2. Required: 1."),
        ({"deploymentMaximumPercent": 200}, BESIDE),
        ({"deploymentMaximumPercent": None}, BESIDE),
        (
            {"deploymentMinimumHealthyPercent": 100},
            "deploymentMinimumHealthyPercent is 100: no roll-out may stop its only task. Required: 0.",
        ),
        (
            {"schedulingStrategy": "DAEMON"},
            "schedulingStrategy is DAEMON: a task on every instance. Required: REPLICA.",
        ),
        (
            {"deploymentConfiguration": {"strategy": "BLUE_GREEN"}},
            "deploymentConfiguration.strategy is BLUE_GREEN: old and new tasks side by side. Required: ROLLING.",
        ),
        (
            {"deploymentController": {"type": "CODE_DEPLOY"}},
            "deploymentController is CODE_DEPLOY, which runs old and new tasks side by side. Required: ECS.",
        ),
        (
            {"availabilityZoneRebalancing": "ENABLED"},
            "availabilityZoneRebalancing is ENABLED, which starts the new task first. Required: DISABLED.",
        ),
    ],
)
def test_every_way_to_a_second_task_is_reported(stack: Any, properties: dict[str, Any], problem: str) -> None:
    beat(stack, **properties)
    assert list(reported(stack)) == [f"beat: {problem}"]
    assert list(reported(stack, service_enough_tasks)) == []
    assert list(reported(stack, service_full_strength)) == []


def test_its_autoscaling_ends_at_one(stack: Any) -> None:
    stack.service("beat", limit=None, maximum=2, scheduled=3, tags={"budget:singleton": "true"})
    stack.change(stack.urn(tokens.SERVICE, "beat"), **ALONE)
    assert list(reported(stack)) == [
        "beat: its scaling target allows 2 tasks. Required: at most 1.",
        "beat: a scheduled action of its scaling allows 3 tasks. Required: at most 1.",
    ]


def test_a_second_service_of_the_same_definition_is_a_second_task(stack: Any) -> None:
    urn = beat(stack)
    first = stack.resources[urn]
    stack.add(tokens.SERVICE, "twin", {**first.props, "name": "twin"}, **first.property_dependencies)
    assert list(reported(stack)) == [
        "beat: the service twin runs the same task definition. Required: one service for it.",
        "twin: the service beat runs the same task definition. Required: one service for it.",
    ]


def test_what_looks_like_one_is_asked_for_its_declaration_by_one_policy(stack: Any) -> None:
    beat(stack, declared=None)
    assert list(reported(stack)) == [
        "beat: it runs one task, and none beside it while it deploys, and nothing declares whether only one may run. Required: the "
        'tag "budget:singleton" on its task definition: "true" where a second one does harm, "false" where several are safe.'
    ]
    assert list(reported(stack, service_enough_tasks)) == []
    assert list(reported(stack, service_full_strength)) == []


def test_what_is_declared_as_none_needs_two(stack: Any) -> None:
    beat(stack, declared="false")
    assert list(reported(stack)) == []
    assert list(reported(stack, service_enough_tasks)) == ["beat: desiredCount is 1. Required: at least 2."]
    assert len(list(reported(stack, service_full_strength))) == 2
