"""What starts tasks beside services and schedules: state machines, pipes, SDK calls, code; and task sets."""

import json
from typing import Any

import pytest

from policies.resources import tokens
from tests.policies.conftest import UNKNOWN, StackBuilder

MACHINE, PIPE = "aws:sfn/stateMachine:StateMachine", "aws:pipes/pipe:Pipe"
FAMILY_ARN = "arn:aws:ecs:x:1:task-definition/job"
RUN_TASK = {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "Parameters": {"TaskDefinition": "job"}}
SDK_CALL = {"arn": "arn:aws:scheduler:::aws-sdk:ecs:runTask", "input": json.dumps({"TaskDefinition": FAMILY_ARN})}


@pytest.fixture
def shop(stack: StackBuilder) -> StackBuilder:
    """A database that lets the group `job` in, and a task definition `job` without variables of a database."""
    stack.database()
    stack.group("job")
    stack.opens(stack.urn(tokens.SECURITY_GROUP, "db"), stack.urn(tokens.SECURITY_GROUP, "job"))
    stack.definition("job", limit=None)
    return stack


def together(stack: StackBuilder) -> tuple[str, str]:
    return stack.urn(tokens.TASK_DEFINITION, "job"), stack.urn(tokens.SECURITY_GROUP, "job")


@pytest.mark.parametrize(
    ("kind", "prop", "props"),
    [
        (MACHINE, "definition", {"definition": UNKNOWN}),
        (
            PIPE,
            "targetParameters",
            {"target": "arn:aws:ecs:x:1:cluster/shop", "targetParameters": {"ecsTaskParameters": {}}},
        ),
        (tokens.SCHEDULE, "target", {"target": {"arn": "arn:aws:scheduler:::aws-sdk:ecs:runTask", "input": UNKNOWN}}),
        (
            "aws:lambda/function:Function",
            "environment",
            {"environment": {"variables": {"TASK": UNKNOWN, "GROUP": UNKNOWN}}},
        ),
    ],
)
def test_what_starts_a_task_gives_it_its_groups(
    shop: StackBuilder, kind: str, prop: str, props: dict[str, Any]
) -> None:
    urn = shop.add(kind, "starter", props, **{prop: together(shop)})
    assert shop.messages() == [
        "job: it can reach a database, and no container declares DB_CONN_LIMIT (containers: app). Its connections cannot be counted. "
        "Set DB_CONN_LIMIT to a positive integer in the container's environment. Where it opens none, tag its task definition "
        '"budget:connections" with 0.'
    ]
    definition = shop.definition("job", limit="4")
    assert shop.messages() == [
        f'job: undecided: tags["budget:one-off-tasks"] of {definition} is absent although {urn} starts it, and nothing here bounds '
        "how often: declare how many copies run at once beside those of services and schedules. Its connections cannot be counted."
    ]
    shop.definition("job", limit="4", tags={"budget:one-off-tasks": "3"})
    assert (shop.messages(), shop.budget().budget.demand) == ([], 12)


@pytest.mark.parametrize(
    ("kind", "props"),
    [
        (MACHINE, {"definition": json.dumps({"States": {"Run": RUN_TASK, "Group": "sg-0abc"}})}),
        (tokens.SCHEDULE, {"target": {**SDK_CALL, "roleArn": "sg-0abc"}}),
    ],
)
def test_names_and_ids_in_a_text_are_read_too(shop: StackBuilder, kind: str, props: dict[str, Any]) -> None:
    shop.change(shop.urn(tokens.SECURITY_GROUP, "job"), id="sg-0abc")
    shop.add(kind, "starter", props)
    (message,) = shop.messages()
    assert message.startswith("job: it can reach a database, and no container declares DB_CONN_LIMIT")


def test_a_task_definition_of_a_service_is_counted_once_more_for_a_state_machine(shop: StackBuilder) -> None:
    shop.service("job", limit="4", tags={"budget:one-off-tasks": "2"})
    shop.add(MACHINE, "starter", {"definition": UNKNOWN}, definition=together(shop))
    assert [(row.name, row.demand) for row in shop.budget().budget.workloads] == [("job", 8), ("job", 8)]


def test_a_role_that_may_start_a_task_starts_none(shop: StackBuilder) -> None:
    shop.add("aws:iam/rolePolicy:RolePolicy", "starter", {"policy": UNKNOWN}, policy=together(shop)[:1])
    assert shop.messages() == []


def test_a_service_without_a_controller_runs_what_its_task_sets_say(shop: StackBuilder) -> None:
    service = shop.add(
        tokens.SERVICE,
        "job",
        {"name": "job", "cluster": "shop", "desiredCount": 2, "deploymentController": {"type": "EXTERNAL"}},
    )
    assert shop.messages() == []
    definition, group = together(shop)
    shop.definition("job", limit="4")
    network = {"securityGroups": [UNKNOWN]}
    shop.add(
        tokens.TASK_SET,
        "job",
        {"service": UNKNOWN, "taskDefinition": UNKNOWN, "networkConfiguration": network},
        service=(service,),
        taskDefinition=(definition,),
        networkConfiguration=(group,),
    )
    assert shop.messages() == [
        f"job: undecided: deploymentController.type of {service} is EXTERNAL: whoever makes the task sets decides how many tasks run. "
        "Its connections cannot be counted."
    ]
