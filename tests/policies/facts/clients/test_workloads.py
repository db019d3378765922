"""Clients of a database: limits, container definitions and declarations, and the message for each fault."""

import json
from typing import Any

import pytest

from policies.resources import tokens
from tests.policies.conftest import UNKNOWN
from tests.policies.messages import bad_limit, undecided, unlimited


def test_a_limit_that_is_no_positive_integer_is_a_violation(shop: Any) -> None:
    """Each way to get it wrong is a row of tests/policies/budget/test_limits.py."""
    shop.service("dev-legacy-api", limit="", maximum=1)
    why = 'DB_CONN_LIMIT of container "app" is "" (empty), which mysql2 takes for no limit'
    assert shop.messages() == [bad_limit("dev-legacy-api", why)]


def test_a_limit_that_is_a_secret_is_a_violation(shop: Any) -> None:
    shop.service("dev-legacy-api", limit=None, secrets=("DB_CONN_LIMIT",))
    assert shop.messages() == [
        bad_limit("dev-legacy-api", 'DB_CONN_LIMIT of container "app" is a secret, whose value is unknown')
    ]


@pytest.mark.parametrize("how", ["variable", "secret", "url"])
def test_a_client_without_a_limit_is_a_violation(shop: Any, how: str) -> None:
    declared: dict[str, Any] = {
        "variable": {"environment": {"DB_HOST": "db.internal"}},
        "secret": {"secrets": ("DB_PASSWORD",)},
        "url": {"secrets": ("DATABASE_URL",)},
    }[how]
    shop.service("dev-gateway", limit=None, **declared)
    assert shop.messages() == [unlimited("dev-gateway", 'container "app" uses the database without DB_CONN_LIMIT')]


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (UNKNOWN, " at preview: containerDefinitions of {urn}"),
        (None, ": containerDefinitions of {urn} is absent, a value is required"),
        (
            "{",
            ": containerDefinitions of {urn} is not JSON: Expecting property name enclosed in double quotes at line 1 column 2",
        ),
        ("{}", ": containerDefinitions of {urn} is not a JSON list of containers"),
        ("[1]", ": containerDefinitions[0] of {urn} is not an object"),
        ('[{"name": 1}]', ": containerDefinitions[0].name of {urn} is not a string"),
        ('[{"name": "a", "environment": {}}]', ": containerDefinitions[0].environment of {urn} is not a list"),
        (
            '[{"name": "a", "environment": [1]}]',
            ": containerDefinitions[0].environment of {urn} holds an entry without a name",
        ),
        (
            "[" * 100_000,
            ": containerDefinitions of {urn} is not JSON that can be read: it nests deeper than 200 levels",
        ),
        (7, ": containerDefinitions of {urn} is a number, a string is required"),
    ],
)
def test_container_definitions_that_cannot_be_read_are_a_violation(shop: Any, document: Any, why: str) -> None:
    definition = shop.urn(tokens.TASK_DEFINITION, "dev-gateway")
    shop.change(definition, containerDefinitions=document)
    assert shop.messages() == [undecided("dev-gateway", f"undecided{why.format(urn=definition)}")]


def test_a_service_without_a_task_definition_of_the_stack_is_a_violation(shop: Any) -> None:
    service = shop.add(tokens.SERVICE, "lost", {"name": "lost", "taskDefinition": "elsewhere:3", "desiredCount": 1})
    why = (
        f"undecided: taskDefinition of {service} names no task definition of this stack, so what it runs is not known: "
        "name one by its family or ARN"
    )
    assert shop.messages() == [undecided("lost", why)]


@pytest.mark.parametrize("named", ["api:3", "arn:aws:ecs:x:1:task-definition/api:3"])
def test_a_revision_that_the_stack_does_not_have_is_a_violation(stack: Any, unknown: str, named: str) -> None:
    stack.database()
    service = stack.service("api")
    plain = stack.resources[service]
    stack.add(plain.type, "api", {**plain.props, "taskDefinition": named})
    names_none = undecided(
        "api",
        f"undecided: taskDefinition of {service} names a fixed revision of api, not the one of this stack, so what it runs is not known: "
        "leave the revision out",
    )
    assert stack.messages()[0] == names_none
    definition = stack.urn(tokens.TASK_DEFINITION, "api")
    stack.change(definition, arn="arn:aws:ecs:x:1:task-definition/api:4")
    assert stack.messages()[0] == names_none
    stack.change(definition, arn="arn:aws:ecs:x:1:task-definition/api:3")
    assert stack.messages() == []
    stack.add(plain.type, "api", {**plain.props, "taskDefinition": named}, taskDefinition=(definition,))
    stack.change(definition, arn=unknown)
    assert stack.messages() == []


def test_a_name_longer_than_aws_takes_is_cut(stack: Any) -> None:
    stack.database()
    stack.change(stack.service("api", limit=None, environment={"DB_HOST": "x"}), name="x" * 100_000)
    assert stack.messages() == [unlimited("x" * 255, 'container "app" uses the database without DB_CONN_LIMIT')]


def test_a_family_of_two_task_definitions_names_both(stack: Any) -> None:
    stack.database()
    service = stack.service("api")
    first, second = stack.urn(tokens.TASK_DEFINITION, "api"), stack.definition("other", limit="50")
    stack.change(second, family="api")
    plain = stack.resources[service]
    stack.add(plain.type, "api", {**plain.props, "taskDefinition": "api"})
    why = (
        f"undecided: taskDefinition of {service} may name several task definitions ({first}, {second}), so what it runs is not "
        "known"
    )
    assert stack.messages() == [undecided("api", why)]


def test_a_schedule_that_overrides_the_limit_is_believed(stack: Any) -> None:
    stack.database()
    override = {"containerOverrides": [{"name": "app", "environment": [{"name": "DB_CONN_LIMIT", "value": "9"}]}]}
    stack.job("job", limit="2", override=json.dumps(override))
    assert stack.budget().budget.workloads[0].limit == 9


def test_processes_pools_and_what_is_outside_the_pool_count(stack: Any) -> None:
    stack.database()
    tags = {"budget:processes": "2", "budget:pools-per-process": "3", "budget:outside-pool": "1"}
    stack.service("api", environment={"DB_HOST": "x"}, tags=tags)
    assert stack.budget().budget.workloads[0].demand == (5 * 2 * 3 + 1) * 2


def test_a_malformed_declaration_is_a_violation(stack: Any) -> None:
    stack.database()
    stack.service("api", environment={"DB_HOST": "x"}, tags={"budget:processes": "0"})
    definition = stack.urn(tokens.TASK_DEFINITION, "api")
    why = f'undecided: tags["budget:processes"] of {definition} is 0, an integer from 1 to 1000000 is required'
    assert stack.messages() == [undecided("api", why)]


def test_a_second_pool_must_be_declared(stack: Any) -> None:
    stack.database()
    variables = {"DB_HOST": "x", "DB_REPLICA_HOST": "y"}
    stack.service("api", environment=variables)
    definition = stack.urn(tokens.TASK_DEFINITION, "api")
    why = (
        f'undecided: tags["budget:pools-per-process"] of {definition} is absent, but DB_REPLICA_HOST '
        "shows a second pool: declare how many pools a process has"
    )
    assert stack.messages() == [undecided("api", why)]
    stack.service("api", environment=variables, tags={"budget:pools-per-process": "2"})
    assert stack.budget().budget.demand == 20


@pytest.mark.parametrize(
    ("overrides", "why"),
    [
        (
            [{"name": "web", "environment": []}],
            'input.containerOverrides[0].name of {urn} is "web", no container of the task definition (containers: app)',
        ),
        (
            [{"name": "app", "environment": [{"name": "DB_CONN_LIMIT", "value": "90"}]}, {"name": "app"}],
            'input.containerOverrides[1].name of {urn} is "app" for the second time, so which override holds is not known',
        ),
        ("x", "containerOverrides of {urn} is a string, a list is required"),
    ],
)
def test_overrides_that_cannot_be_believed_are_reported_of_the_schedule(stack: Any, overrides: Any, why: str) -> None:
    stack.database()
    job = stack.job("job", override=json.dumps({"containerOverrides": overrides}))
    assert stack.messages() == [undecided("job", f"undecided: {why.format(urn=job)}")]


def test_an_override_of_the_command_may_start_several_processes(stack: Any) -> None:
    stack.database()
    override = {"containerOverrides": [{"name": "app", "command": ["pm2-runtime", "-i", "4", "job.js"]}]}
    stack.job("job", override=json.dumps(override))
    (workload,) = stack.budget().budget.workloads
    assert (workload.processes, workload.processes_by, workload.demand) == (4, "-i 4", 5 * 4 * 2)


def test_an_override_of_the_command_takes_its_place(stack: Any) -> None:
    stack.database()
    override = {"containerOverrides": [{"name": "app", "command": ["gunicorn", "-w", "2", "app:app"]}]}
    stack.job("job", override=json.dumps(override))
    definition = stack.urn(tokens.TASK_DEFINITION, "job")
    (document,) = json.loads(str(stack.resources[definition].props["containerDefinitions"]))
    stack.change(definition, containerDefinitions=json.dumps([document | {"command": ["gunicorn", "-w", "8", "a:a"]}]))
    assert stack.budget().budget.workloads[0].processes == 2


def test_every_container_that_uses_the_database_counts(stack: Any) -> None:
    stack.database()
    stack.service("api")
    limit = [{"name": "DB_CONN_LIMIT", "value": "3"}]
    containers = [{"name": "app", "environment": limit}, {"name": "worker", "environment": limit}, {"name": "proxy"}]
    stack.change(stack.urn(tokens.TASK_DEFINITION, "api"), containerDefinitions=json.dumps(containers))
    assert stack.budget().budget.workloads[0].limit == 6


def test_what_is_unknown_at_preview_is_undecided_without_a_database_too(stack: Any, unknown: str) -> None:
    cluster = stack.add("aws:ecs/cluster:Cluster", "shop", {"name": "shop"})
    lost = stack.add(
        tokens.SERVICE,
        "lost",
        {"name": "lost", "taskDefinition": unknown, "desiredCount": 1},
        taskDefinition=(cluster,),
    )
    (message,) = stack.messages()
    assert message.startswith(
        f"lost: undecided at preview: taskDefinition of {lost}, made from what aws:ecs/cluster:Cluster shop gives only once it "
        "exists: pass on what the program chooses or computes itself. No task definition of this stack stands behind it: one "
        "that is built inside apply"
    )
    stack.change(lost, taskDefinition="arn:aws:ecs:x:1:task-definition/elsewhere:3")
    assert stack.messages() == []
    stack.service("api", limit=None)
    assert stack.messages() == []
    definition = stack.urn(tokens.TASK_DEFINITION, "api")
    stack.change(definition, containerDefinitions=unknown)
    assert stack.messages() == [undecided("api", f"undecided at preview: containerDefinitions of {definition}")]


def test_a_schedule_of_an_unknown_task_definition_is_undecided_without_a_database(stack: Any, unknown: str) -> None:
    target = {"ecsParameters": {"taskDefinitionArn": unknown}}
    stack.add(tokens.SCHEDULE, "nightly", {"name": "nightly", "scheduleExpression": "rate(1 day)", "target": target})
    (message,) = stack.messages()
    assert message.startswith("nightly: undecided at preview: target.ecsParameters.taskDefinitionArn of ")
    assert "Build the task definition outside of apply" in message
