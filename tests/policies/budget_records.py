"""The resources that the budget reads of a stage, made from its settings as the components make them; what the pack reports on them."""

import json
from collections import Counter
from datetime import date
from types import SimpleNamespace
from typing import Any

from components.calc.tasks.containers import ContainerSpec, container_definitions
from components.workloads.database_access import budget_tags, database_environment
from policies.budget.declarations import LONGEST_RUN_TAG, OVERLAP_TAG, PLACES_OUTPUT, RESERVE_TAG, SINGLETON_TAG
from policies.facts.clients.budgets import DatabaseBudget
from policies.facts.facts import Facts
from policies.resources import tokens
from policies.resources.graph import PlainResource
from policies.rules.policy import Level
from policies.serving.evaluation import Evaluation
from policies.serving.exceptions import Exceptions
from policies.serving.pack import rules_by_name
from policies.serving.rollout_budget import Changes
from settings.budget_places import database_places, workload_places
from settings.merged import Settings
from settings.workloads import Job, Service, Workload

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def records_of(settings: Settings) -> list[PlainResource]:
    """The resources that the budget reads, by what the components make them from."""
    stage, made = settings.name, _Made(settings.name)
    database = SimpleNamespace(host=f"db.{stage}.internal", schema="shop", port=3306)
    parameters = made.add(
        tokens.PARAMETER_GROUP,
        "db",
        name=f"{stage}-db",
        parameters=[{"name": "max_connections", "value": str(settings.database.max_connections)}],
    )
    group = made.add(tokens.SECURITY_GROUP, "db", name=f"{stage}-db")
    made.add(
        tokens.DB_INSTANCE,
        "db",
        {"parameterGroupName": (parameters,), "vpcSecurityGroupIds": (group,)},
        identifier=f"{stage}-db",
        engine="mysql",
        engineVersion="8.4",
        instanceClass=settings.database.instance_class,
        parameterGroupName=UNKNOWN,
        vpcSecurityGroupIds=UNKNOWN,
        tags={RESERVE_TAG: str(settings.database.reserve)},
    )
    made.add("x:y:Database", "db", **{"identifier": f"{stage}-db", PLACES_OUTPUT: database_places(settings)})
    for workload in (*settings.services, *settings.jobs):
        _workload(made, workload, database, group)
    return made.resources


class _Made:
    def __init__(self, stage: str) -> None:
        self.stage = stage
        self.resources: list[PlainResource] = []

    def add(self, kind: str, name: str, depends: dict[str, tuple[str, ...]] | None = None, /, **props: Any) -> str:
        urn = f"urn:pulumi:{self.stage}::shop::{kind}::{name}"
        self.resources.append(
            PlainResource(type=kind, urn=urn, name=name, props=props, property_dependencies=depends or {})
        )
        return urn


def _workload(made: _Made, workload: Workload, database: Any, open_group: str) -> None:
    name, run = workload.name, f"{made.stage}-{workload.name}"
    environment = {**database_environment(database, workload), **workload.environment}
    spec = ContainerSpec(
        name=name,
        image="x@sha256:0",
        environment=environment,
        log_group=f"/{made.stage}/{name}",
        log_region="eu-west-1",
        stop_timeout=30,
    )
    tags = budget_tags(workload)
    if isinstance(workload, Service):
        tags |= {OVERLAP_TAG: "true"} if workload.overlapping_deployments else {}
        tags |= {SINGLETON_TAG: "true"} if workload.singleton else {}
    elif isinstance(workload, Job):
        tags |= {LONGEST_RUN_TAG: str(workload.longest_run_minutes)}
    definition = made.add(
        tokens.TASK_DEFINITION, name, family=run, tags=tags, containerDefinitions=container_definitions([spec])
    )
    group = made.add(tokens.SECURITY_GROUP, name, name=run)
    made.add(
        tokens.INGRESS_RULE,
        name,
        {"securityGroupId": (open_group,), "referencedSecurityGroupId": (group,)},
        securityGroupId=UNKNOWN,
        referencedSecurityGroupId=UNKNOWN,
        fromPort=3306,
        toPort=3306,
        ipProtocol="tcp",
    )
    network = {"securityGroups": UNKNOWN, "subnets": UNKNOWN}
    if isinstance(workload, Service):
        service = made.add(
            tokens.SERVICE,
            name,
            {"taskDefinition": (definition,), "networkConfiguration": (group,)},
            name=run,
            cluster="c",
            desiredCount=workload.tasks.min,
            taskDefinition=UNKNOWN,
            networkConfiguration=network,
            deploymentMaximumPercent=100 if workload.singleton else 200,
            deploymentMinimumHealthyPercent=0 if workload.singleton else 100,
        )
        made.add(
            tokens.SCALING_TARGET,
            name,
            {"resourceId": (service,)},
            resourceId=f"service/c/{run}",
            minCapacity=workload.tasks.min,
            maxCapacity=workload.tasks.max,
        )
    elif isinstance(workload, Job):
        target = {
            "retryPolicy": {"maximumRetryAttempts": 0},
            "ecsParameters": {
                "taskDefinitionArn": UNKNOWN,
                "taskCount": workload.task_count,
                "networkConfiguration": network,
            },
        }
        made.add(
            tokens.SCHEDULE,
            name,
            {"target": (definition, group)},
            name=run,
            scheduleExpression=workload.schedule,
            scheduleExpressionTimezone="Asia/Seoul",
            target=target,
        )
    made.add("x:y:Workload", name, **{"name": run, PLACES_OUTPUT: json.loads(json.dumps(workload_places(workload)))})


def budget_in(facts: Facts) -> DatabaseBudget:
    """The budget of the only database."""
    (entry,) = facts.budgets
    assert isinstance(entry, DatabaseBudget), entry
    return entry


def evaluation_of(stage: str, changes: Changes | None = None) -> Evaluation:
    """The pack as it judges a stage; changes: from what ran before."""
    return Evaluation(stage=stage, rules=rules_by_name(changes), exceptions=Exceptions(today=date(2026, 11, 22)))


def reports(evaluation: Evaluation, facts: Facts, *, trial: bool = False) -> Counter[tuple[str, str]]:
    """By policy and resource, how many findings the pack has; trial: without looking for the words of each."""
    return Counter(
        (name, finding.urn)
        for name, rule in evaluation.rules.items()
        if rule.spec.level(evaluation.stage) is not Level.DISABLED
        for finding in evaluation.findings(facts, name, trial=trial)
    )
