"""reference-exists on other people's programs: a role of the account is no misspelt name where the stack has none for its purpose."""

import json
from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.resources import tokens
from policies.rules.rule import Stack
from policies.rules.wiring.existence import reference_exists

ROLE = "arn:aws:iam::123456789012:role/"


def trust(service: str) -> str:
    principal = {"Service": f"{service}.amazonaws.com"}
    return json.dumps({"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]})


def found(stack: Any) -> list[str]:
    facts = Facts(stack.graph())
    return [
        finding.parts.found
        for finding in reference_exists.judge(Stack(facts=facts, stage="prd", spec=reference_exists.spec))
        if finding.parts is not None
    ]


@pytest.fixture
def shop(stack: Any) -> Any:
    """Two task definitions with the account's execution role, and a role of the stack for one of them."""
    role = stack.add(tokens.ROLE, "api-task", {"name": "api-task", "assumeRolePolicy": trust("ecs-tasks")})
    for name in ("api", "worker"):
        fields = {"family": name, "executionRoleArn": f"{ROLE}ecsTaskExecutionRole"}
        stack.add(tokens.TASK_DEFINITION, name, {**fields, "taskRoleArn": "UNKNOWN"}, taskRoleArn=(role,))
    stack.add(tokens.DB_INSTANCE, "db", {"identifier": "db", "monitoringRoleArn": f"{ROLE}rds-monitoring-role"})
    return stack


def test_roles_of_the_account_serve_what_the_stack_has_no_role_for(shop: Any) -> None:
    assert found(shop) == []


def test_beside_roles_of_the_stack_for_the_same_they_are_reported(shop: Any) -> None:
    role = shop.add(tokens.ROLE, "execution", {"name": "execution", "assumeRolePolicy": trust("ecs-tasks")})
    fields = {"family": "jobs", "executionRoleArn": f"{ROLE}execution"}
    shop.add(tokens.TASK_DEFINITION, "jobs", fields, executionRoleArn=(role,))
    shop.add(tokens.ROLE, "monitoring", {"name": "monitoring", "assumeRolePolicy": trust("monitoring.rds")})
    assert sorted(found(shop)) == [
        'executionRoleArn names "ecsTaskExecutionRole", which no Role of the stack is called',
        'executionRoleArn names "ecsTaskExecutionRole", which no Role of the stack is called',
        'monitoringRoleArn names "rds-monitoring-role", which no Role of the stack is called',
    ]
