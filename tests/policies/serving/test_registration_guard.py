"""The policy `connection-budget-at-registration`: the resource that breaks the budget is denied, in any legal order."""

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from policies.facts.clients.budgets import DatabaseBudget
from policies.facts.facts import Facts
from policies.facts.finding import Finding
from policies.resources import tokens
from policies.resources.graph import Graph, PlainResource
from policies.serving.registration_guard import Registrations

AWS_ARN = "arn:aws:ecs:x:1:task-definition/{}:1"
MOCK_ARNS = ("arn:aws:ecs:x:1:{}", "{}_arn", "urn:mock:taskDefinition/{}#1")
"""What providers that are not AWS answer: the family is not where AWS has it."""


def known(stack: Any, arn: str = AWS_ARN) -> list[PlainResource]:
    """The stack as an update registers it: inputs with real ids, and no dependencies told."""
    resources: list[PlainResource] = []
    for resource in stack.resources.values():
        props = {key: value for key, value in resource.props.items() if key not in ("id", "arn", "address")}
        for key, urns in resource.property_dependencies.items():
            names = [urn.rpartition("::")[2] for urn in urns]
            if key == "taskDefinition":
                props[key] = arn.format(names[0])
            elif key == "networkConfiguration":
                props[key] = {"securityGroups": [f"sg-{names[0]}"]}
            elif key == "parameterGroupName":
                props[key] = f"{names[0]}-parameters"
            elif key == "vpcSecurityGroupIds":
                props[key] = [f"sg-{name}" for name in names]
            elif key in ("securityGroupId", "referencedSecurityGroupId"):
                props[key] = f"sg-{names[0]}"
        if resource.type == tokens.SECURITY_GROUP:
            props["ingress"] = None
        resources.append(PlainResource(type=resource.type, urn=resource.urn, name=resource.name, props=props))
    return resources


def resource(kind: str, called: str, /, **props: Any) -> PlainResource:
    """A resource as it is registered."""
    return PlainResource(type=kind, urn=f"urn:pulumi:dev::shop::{kind}::{called}", name=called, props=props)


def containers(limit: str, **environment: str) -> str:
    """The document of a task definition with this pool limit."""
    variables = {**environment, "DB_CONN_LIMIT": limit}
    return json.dumps(
        [{"name": "app", "environment": [{"name": key, "value": value} for key, value in variables.items()]}]
    )


def register(resources: list[PlainResource]) -> tuple[list[PlainResource], tuple[Finding, ...]]:
    """What was created before the first denial, and the denial."""
    registrations, created = Registrations(), list[PlainResource]()
    for resource in resources:
        findings = registrations.judge(resource)
        if findings:
            return created, findings
        created.append(resource)
    return created, ()


def shuffled(resources: list[PlainResource], seed: int) -> list[PlainResource]:
    """A random order that Pulumi could take: whatever a resource is made from stands before it."""
    rank = {tokens.DB_INSTANCE: 1, tokens.SERVICE: 1, tokens.SCHEDULE: 1, tokens.INGRESS_RULE: 1}
    rank |= {tokens.SCALING_TARGET: 2, tokens.SCHEDULED_ACTION: 2}
    order = random.Random(seed)
    ready = sorted(resources, key=lambda resource: resource.urn)
    order.shuffle(ready)
    taken: list[PlainResource] = []
    while ready:
        for resource in ready:
            same = {"dev-db"} if resource.type == tokens.INGRESS_RULE else {resource.name}
            before = [
                other for other in ready if rank.get(other.type, 0) < rank.get(resource.type, 0) and other.name in same
            ]
            if not before:
                taken.append(resource)
                ready.remove(resource)
                break
    return taken


@pytest.mark.parametrize("seed", range(25))
def test_a_platform_that_fits_is_registered_in_any_order(shop: Any, seed: int) -> None:
    resources = shuffled(known(shop), seed)
    assert register(resources) == (resources, ())


@pytest.mark.parametrize("seed", range(100))
def test_nothing_that_breaks_the_budget_is_created_in_any_order(shop: Any, seed: int) -> None:
    shop.service("dev-tracking-api", limit="20", maximum=1, environment={"DB_HOST": "db.internal"})
    resources = shuffled(known(shop), seed)
    created, findings = register(resources)
    denied = resources[len(created)]
    assert len(findings) == 1
    assert findings[0].urn == denied.urn
    assert findings[0].message.startswith(
        f"{denied.name} breaks the connection budget of dev-db with what is registered so far.\n"
    )
    for entry in Facts(Graph(created)).budgets:
        assert not isinstance(entry, DatabaseBudget) or entry.budget.fits


def test_a_scaling_target_that_raises_a_service_over_the_limit_is_denied(shop: Any) -> None:
    resources = known(shop)
    target = next(r for r in resources if r.type == tokens.SCALING_TARGET and r.name == "dev-tracking-api")
    resources.remove(target)
    raised = replace(target, props={**target.props, "maxCapacity": 2})
    created, findings = register([*resources, raised])
    assert created == resources
    assert [finding.urn for finding in findings] == [target.urn]
    assert "dev-tracking-api       10    x 1    x 4      40  at most 2, rolling 200 %" in findings[0].message


def test_a_denied_resource_does_not_count_and_its_correction_passes(shop: Any) -> None:
    registrations = Registrations()
    assert [registrations.judge(each) for each in known(shop)] == [()] * len(known(shop))
    wrong, right = (
        resource(
            tokens.PARAMETER_GROUP,
            "dev-db",
            name="dev-db-parameters",
            parameters=[{"name": "max_connections", "value": value}],
        )
        for value in ("52", "53")
    )
    assert len(registrations.judge(wrong)) == 1
    assert registrations.judge(right) == ()


@pytest.mark.parametrize("arn", MOCK_ARNS)
@pytest.mark.parametrize("seed", range(5))
def test_another_provider_s_arns_are_related_by_name(shop: Any, arn: str, seed: int) -> None:
    fits = shuffled(known(shop, arn), seed)
    assert register(fits) == (fits, ())
    shop.change(shop.urn(tokens.TASK_DEFINITION, "dev-tracking-api"), containerDefinitions=containers("20"))
    created, findings = register(shuffled(known(shop, arn), seed))
    assert len(findings) == 1
    assert "breaks the connection budget of dev-db with what is registered so far." in findings[0].message
    assert findings[0].urn not in {resource.urn for resource in created}


@pytest.mark.parametrize(
    ("arn", "denied"),
    [
        (
            "arn:aws:ecs:x:1:workers",
            "dev-workers breaks the connection budget of dev-db with what is registered so far.",
        ),
        ("arn:mock:7f3a", ""),  # only the stack's dependencies tell what it is: the stack policy judges it
        ("someone-elses", "dev-workers: undecided: taskDefinition of "),
    ],
)
def test_a_service_whose_task_definition_is_called_otherwise(shop: Any, arn: str, denied: str) -> None:
    shop.definition("workers", limit="20")
    fields = {"name": "dev-workers", "cluster": "shop", "desiredCount": 1}
    service = resource(tokens.SERVICE, "dev-workers", **fields, taskDefinition=arn)
    _, findings = register([*known(shop), service])
    assert [finding.message[: len(denied)] for finding in findings] == ([denied] if denied else [])


def test_a_task_definition_of_another_stack_is_denied_although_a_namesake_is_here(shop: Any) -> None:
    resources = known(shop)
    service = next(r for r in resources if r.type == tokens.SERVICE and r.name == "dev-legacy-api")
    theirs = replace(service, props={**service.props, "taskDefinition": AWS_ARN.format("theirs")})
    created, findings = register([theirs if resource is service else resource for resource in resources])
    assert [finding.urn for finding in findings] == [service.urn]
    assert "names no task definition of this stack" in findings[0].message
    assert service.urn not in {resource.urn for resource in created}


@pytest.mark.parametrize("limit", ["", "0", "ten", None])
def test_a_client_without_a_limit_is_denied_before_it_runs(shop: Any, limit: str | None) -> None:
    shop.service("dev-legacy-api", limit=limit, environment={"DB_HOST": "db.internal"})
    created, findings = register(known(shop))
    assert len(findings) == 1
    assert findings[0].urn == shop.urn(tokens.SERVICE, "dev-legacy-api")
    assert "dev-legacy-api" in findings[0].message
    assert findings[0].urn not in {resource.urn for resource in created}


@pytest.mark.parametrize(("limit", "denied"), [("5", False), ("6", True)])
def test_a_revision_that_an_existing_schedule_would_start_is_denied_itself(
    shop: Any, limit: str, *, denied: bool
) -> None:
    definition = shop.urn(tokens.TASK_DEFINITION, "dev-ranking-batch")
    shop.change(definition, containerDefinitions=containers(limit))
    resources = [resource for resource in known(shop) if resource.type != tokens.SCHEDULE]
    resources.sort(
        key=lambda resource: resource.urn == definition
    )  # beside 40 of services, 4 of the other job, 5 reserved
    created, findings = register(resources)
    assert [finding.urn for finding in findings] == ([definition] if denied else [])
    assert (definition in {resource.urn for resource in created}) is not denied
    if denied:
        assert "dev-ranking-batch       6    x 1    x 2      12  1 once, runs 3 h" in findings[0].message


def test_an_awaited_schedule_counts_once(shop: Any) -> None:
    shop.change(shop.urn(tokens.TASK_DEFINITION, "dev-ranking-batch"), containerDefinitions=containers("5"))
    resources = known(shop)
    resources.sort(key=lambda resource: resource.type == tokens.SCHEDULE)  # 59 of 60 with both jobs
    assert register(resources) == (resources, ())


def test_a_database_without_a_reserve_is_denied(stack: Any) -> None:
    urn = stack.database("db", reserve=None)
    _, findings = register(known(stack))
    assert [finding.urn for finding in findings] == [urn]


def test_what_a_later_resource_may_settle_is_no_denial(stack: Any) -> None:
    stack.database("db")
    stack.service("api", desired=None, environment={"DB_HOST": "x"})
    stack.definition("migrate")
    resources = known(stack)
    assert register(resources) == (resources, ())


def test_other_types_pass_unseen() -> None:
    assert Registrations().judge(PlainResource(type="aws:s3/bucket:Bucket", urn="urn:b", name="b", props={})) == ()


def test_a_cluster_is_registered_before_its_instances_and_judged_with_them() -> None:
    group = resource(
        tokens.CLUSTER_PARAMETER_GROUP,
        "p",
        name="p",
        family="aurora-mysql8.0",
        parameters=[{"name": "max_connections", "value": "90"}],
    )
    cluster = resource(
        tokens.DB_CLUSTER,
        "db",
        clusterIdentifier="db",
        engine="aurora-mysql",
        engineVersion="8.0.mysql_aurora.3.08.0",
        dbClusterParameterGroupName="p",
        vpcSecurityGroupIds=["sg-db"],
        tags={"budget:reserve": "5"},
    )
    member = resource(
        tokens.DB_CLUSTER_INSTANCE, "db-0", clusterIdentifier="db", engine="aurora-mysql", instanceClass="db.r6g.large"
    )
    definitions = [
        resource(
            tokens.TASK_DEFINITION,
            name,
            family=name,
            containerDefinitions=containers(limit, DB_HOST="db.internal"),
        )
        for name, limit in (("small", "20"), ("large", "30"))
    ]
    services = [
        resource(
            tokens.SERVICE,
            name,
            name=name,
            cluster="shop",
            desiredCount=1,
            taskDefinition=AWS_ARN.format(name),
            networkConfiguration={"securityGroups": [f"sg-{name}"]},
        )
        for name in ("small", "large")
    ]
    fits = [group, cluster, member, *definitions, services[0]]
    assert register(fits) == (fits, ())
    created, findings = register([*fits, services[1]])
    assert created == fits
    lines = findings[0].message.splitlines()
    assert lines[1] == "db: 105 of 90 connections, 15 too many, and what is still to be registered comes on top."
    assert lines[-1].startswith(
        "This sum is a part of the whole, so no number that would fit it is offered here: a preview"
    )
    _, late = register([group, cluster, *definitions, *services, member])
    assert late[0].urn == member.urn
