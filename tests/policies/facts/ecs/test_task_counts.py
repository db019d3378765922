"""How many tasks stay alive, read from services, schedules, rules and declarations; and what leaves that undecided."""

from dataclasses import replace
from typing import Any

import pytest

from policies.resources import tokens
from tests.policies.messages import undecided


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"desiredCount": "UNKNOWN"}, "desiredCount"),
        ({"deploymentMaximumPercent": "UNKNOWN"}, "deploymentMaximumPercent"),
        ({"schedulingStrategy": "UNKNOWN"}, "schedulingStrategy"),
        ({"deploymentController": "UNKNOWN"}, "deploymentController"),
    ],
)
def test_an_unknown_part_of_a_client_is_a_violation(
    shop: Any, unknown: str, changes: dict[str, str], where: str
) -> None:
    service = shop.urn(tokens.SERVICE, "dev-legacy-api")
    shop.change(service, **dict.fromkeys(changes, unknown))
    assert shop.messages() == [undecided("dev-legacy-api", f"undecided at preview: {where} of {service}")]


def test_an_unknown_strategy_is_bounded_by_a_rolling_deployment(shop: Any, unknown: str) -> None:
    shop.change(
        shop.urn(tokens.SERVICE, "dev-legacy-api"), deploymentConfiguration=unknown, deploymentMaximumPercent=300
    )
    assert shop.budget().budget.workloads[1].alive == 3


@pytest.mark.parametrize(
    ("options", "alive"),
    [
        ({"desired": 3}, 6),
        ({"desired": 1, "maximum": 4}, 8),
        ({"desired": 1, "maximum": 4, "scheduled": 9}, 18),
        ({"desired": None, "maximum": 4}, 8),
        ({"desired": 3, "percent": 100}, 6),
        ({"desired": 3, "percent": 250}, 7),
        ({"desired": 3, "percent": 400, "strategy": "BLUE_GREEN"}, 6),
        ({"desired": 3, "percent": 400, "controller": "CODE_DEPLOY"}, 6),
        ({"desired": 3, "tags": {"budget:overlapping-deployments": "true"}}, 9),
    ],
)
def test_the_tasks_alive_follow_from_the_resources(stack: Any, options: dict[str, Any], alive: int) -> None:
    stack.database(max_connections="1000")
    stack.service("api", environment={"DB_HOST": "x"}, **options)
    assert stack.budget().budget.workloads[0].alive == alive


@pytest.mark.parametrize(
    ("options", "alive"),
    [
        ({}, 2),
        ({"count": 3}, 6),
        ({"count": None}, 2),
        ({"expression": "rate(1 hour)", "minutes": "61"}, 3),
        (
            {
                "expression": "rate(1 hour)",
                "minutes": "40",
                "window": {"mode": "FLEXIBLE", "maximumWindowInMinutes": 30},
            },
            3,
        ),
        ({"expression": "rate(1 hour)", "minutes": "40", "retries": None}, 26),
        ({"expression": "rate(1 hour)", "minutes": "40", "retries": 1}, 26),
        ({"expression": "at(2030-01-01T00:00:00)"}, 2),
    ],
)
def test_the_tasks_of_a_job_follow_from_its_schedule(stack: Any, options: dict[str, Any], alive: int) -> None:
    stack.database(max_connections="1000")
    stack.job("job", **options)
    assert stack.budget().budget.workloads[0].alive == alive


def test_a_job_without_a_longest_run_has_no_bound(stack: Any) -> None:
    stack.database()
    stack.job("job", minutes=None)
    definition = stack.urn(tokens.TASK_DEFINITION, "job")
    why = (
        f'undecided: tags["budget:longest-run-minutes"] of {definition} is absent: ECS ends no task for '
        "running long, so without a declared longest run its tasks have no bound"
    )
    assert stack.messages() == [undecided("job", why)]


def test_a_task_definition_that_nothing_runs_must_say_how_many_are_started_by_hand(stack: Any) -> None:
    stack.database()
    definition = stack.definition("migrate")
    why = (
        f'undecided: tags["budget:one-off-tasks"] of {definition} is absent although no service and no schedule of the '
        "stack runs it: declare how many copies are started by hand at once, 0 for none"
    )
    assert stack.messages() == [undecided("migrate", why)]
    stack.definition("migrate", tags={"budget:one-off-tasks": "2"})
    assert stack.budget().budget.demand == 10


def test_a_rule_target_counts_with_its_rules_schedule(stack: Any, unknown: str) -> None:
    stack.database()
    definition = stack.definition("job", tags={"budget:longest-run-minutes": "30"})
    rule = stack.add(tokens.EVENT_RULE, "hourly", {"name": "hourly", "scheduleExpression": "rate(1 hour)"})
    target = {"rule": "hourly", "ecsTarget": {"taskDefinitionArn": unknown, "taskCount": 2}}
    retry = {"retryPolicy": {"maximumRetryAttempts": 0}}
    urn = stack.add(tokens.EVENT_TARGET, "job", {**target, **retry}, ecsTarget=(definition,), rule=(rule,))
    assert stack.budget().budget.workloads[0].alive == 4
    stack.change(rule, scheduleExpression=None, eventPattern="{}")
    why = (
        f"undecided: rule of {urn} is no schedule of this stack, so that nothing here bounds how often events start the tasks: "
        'declare in the tag "budget:one-off-tasks" of job how many copies run at once beside those of services and schedules'
    )
    assert stack.messages() == [undecided("job", why)]
    stack.change(definition, tags={"budget:longest-run-minutes": "30", "budget:one-off-tasks": "3"})
    assert stack.budget().budget.demand == 15


def test_a_service_of_an_unknown_name_may_be_the_one_that_is_scaled(stack: Any, unknown: str) -> None:
    stack.database(max_connections="1000")
    service = stack.service("api")
    scaled = {"scalableDimension": "ecs:service:DesiredCount", "minCapacity": 1, "maxCapacity": 9}
    stack.add(tokens.SCALING_TARGET, "api", {**scaled, "resourceId": "service/shop/somebody"})
    assert stack.budget().budget.workloads[0].alive == 2
    stack.change(service, name=unknown)
    assert stack.budget().budget.workloads[0].alive == 18
    stack.service("somebody", limit=None)
    assert stack.budget().budget.workloads[0].alive == 2


def test_an_event_that_overrides_containers_is_a_violation(stack: Any) -> None:
    stack.database()
    stack.definition("job", tags={"budget:longest-run-minutes": "30"})
    stack.add(tokens.EVENT_RULE, "hourly", {"name": "hourly", "scheduleExpression": "rate(1 hour)"})
    target = {"rule": "hourly", "ecsTarget": {"taskDefinitionArn": "job"}, "retryPolicy": {"maximumRetryAttempts": 0}}
    template = '{"containerOverrides": [{"name": "app", "environment": [{"name": "DB_CONN_LIMIT", "value": <limit>}]}]}'
    urn = stack.add(tokens.EVENT_TARGET, "job", {**target, "inputTransformer": {"inputTemplate": template}})
    assert stack.messages() == [
        'job: DB_CONN_LIMIT of container "app" is made of the event (inputTransformer), so it is not known. Its connections cannot be '
        "counted. Set DB_CONN_LIMIT to a positive integer in the container's environment."
    ]
    broken = {"inputTransformer": {"inputTemplate": '{"containerOverrides": [<all>'}}
    stack.add(tokens.EVENT_TARGET, "job", {**target, **broken})
    why = f"undecided: inputTransformer of {urn} is no template of JSON, so what it makes is not known"
    assert stack.messages() == [undecided("job", why)]
    named = '{"containerOverrides": [{"name": "<name>", "command": ["run", <key>]}]}'
    stack.add(tokens.EVENT_TARGET, "job", {**target, "inputTransformer": {"inputTemplate": named}})
    assert len(stack.messages()) == 1
    shell = '{"containerOverrides": [{"name": "app", "command": ["sh", "-c", "run <key>"]}]}'
    stack.add(tokens.EVENT_TARGET, "job", {**target, "inputTransformer": {"inputTemplate": shell}})
    why = f"undecided: inputTransformer of {urn} makes a command of the event, so what it starts is not known"
    assert stack.messages() == [undecided("job", why)]
    other = '{"containerOverrides": [{"name": "app", "environment": [{"name": "KEY", "value": <key>}], "command": ["run", "<key>"]}]}'
    stack.add(tokens.EVENT_TARGET, "job", {**target, "inputTransformer": {"inputTemplate": other}})
    assert stack.messages() == []
    stack.add(tokens.EVENT_TARGET, "job", {**target, "inputTransformer": {"inputTemplate": '{"time": <time>}'}})
    assert stack.messages() == []


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("UNKNOWN", "undecided at preview: maxCapacity of the scaling target api of {urn}"),
        (None, "undecided: maxCapacity of the scaling target api of {urn} is absent, a value is required"),
    ],
)
def test_a_maximum_that_cannot_be_read_names_its_target(stack: Any, unknown: str, value: str | None, why: str) -> None:
    stack.database()
    service = stack.service("api", maximum=2)
    stack.change(stack.urn(tokens.SCALING_TARGET, "api"), maxCapacity=unknown if value else None)
    assert stack.messages() == [undecided("api", why.format(urn=service))]


GROUP, TEMPLATE = "aws:autoscaling/group:Group", "aws:ec2/launchTemplate:LaunchTemplate"


def with_daemon(stack: Any, most: object) -> None:
    """A task on every machine of an Auto Scaling group that a capacity provider has."""
    stack.database("db", max_connections="200")
    template = stack.add(TEMPLATE, "ecs", {"userData": "ECS_CLUSTER=shop"})
    stack.add(GROUP, "ecs", {"maxSize": most, "launchTemplate": {}}, launchTemplate=(template,))
    service = stack.service("metrics", limit="2", desired=None, environment={"DB_HOST": "db.internal"})
    stack.change(service, schedulingStrategy="DAEMON")


def test_a_daemon_runs_on_every_machine_and_those_that_replace_them(stack: Any) -> None:
    with_daemon(stack, 12)
    [workload] = stack.budget().budget.workloads
    # a tenth more while the group rebalances, and twice that while tasks are replaced
    assert (workload.alive, workload.why) == (28, "at most 14, rolling 100 % with those that drain")


@pytest.mark.parametrize("most", [None, "many"])
def test_a_daemon_on_a_group_without_a_maximum_is_undecided(stack: Any, most: object) -> None:
    with_daemon(stack, most)
    [message] = stack.messages()
    assert "maxSize of " in message


def test_a_daemon_on_machines_of_elsewhere_is_undecided(stack: Any) -> None:
    stack.database("db")
    service = stack.service("metrics", desired=None, environment={"DB_HOST": "db.internal"})
    stack.change(service, schedulingStrategy="DAEMON")
    [message] = stack.messages()
    assert (
        "is DAEMON: one task on every instance, and no Auto Scaling group of this stack bounds the instances" in message
    )


@pytest.mark.parametrize(
    ("maximum", "ignores", "why"),
    [
        (None, (), "at most 2, rolling 200 %"),
        (None, ("desiredCount",), "at most 2 (ignoreChanges), rolling 200 %"),
        (4, ("desiredCount",), "at most 4, rolling 200 %"),
    ],
)
def test_a_count_that_is_left_to_others_is_reported(
    stack: Any, maximum: int | None, ignores: tuple[str, ...], why: str
) -> None:
    stack.database(max_connections="1000")
    urn = stack.service("api", desired=2, maximum=maximum, environment={"DB_HOST": "x"})
    stack.resources[urn] = replace(stack.resources[urn], ignores=ignores)
    assert stack.budget().budget.workloads[0].why == why
