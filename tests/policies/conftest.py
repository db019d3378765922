"""Builders of small stacks as policies see them: every id unknown, relations by property dependencies, names chosen."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from policies.facts.clients.budgets import DatabaseBudget
from policies.facts.facts import Facts
from policies.resources import tokens
from policies.resources.graph import Graph, PlainResource
from policies.rules.budget.connection_budget import connection_budget
from policies.rules.rule import Stack
from tests.policies.graphs import preview_records

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class StackBuilder:
    """Collects resources; `graph()` gives them to a policy. Each method answers the URN of what it added."""

    def __init__(self, stage: str = "dev") -> None:
        self.stage = stage
        self.resources: dict[str, PlainResource] = {}

    def urn(self, kind: str, name: str) -> str:
        """The URN of a resource in this stack."""
        return f"urn:pulumi:{self.stage}::shop::{kind}::{name}"

    def add(self, kind: str, name: str, props: Mapping[str, Any], **dependencies: tuple[str, ...]) -> str:
        """Add any resource. Dependencies: property to URNs. A property of None is left out."""
        urn = self.urn(kind, name)
        kept = {key: value for key, value in props.items() if value is not None}
        self.resources[urn] = PlainResource(
            type=kind, urn=urn, name=name, props=kept, property_dependencies=dict(dependencies)
        )
        return urn

    def change(self, urn: str, **props: Any) -> None:
        """Set properties of a resource; None takes one away."""
        old = self.resources[urn]
        self.add(old.type, old.name, {**old.props, **props}, **old.property_dependencies)

    def graph(self) -> Graph:
        """What has been added, as a graph."""
        return Graph(self.resources.values())

    def messages(self, *, strict: bool = False) -> list[str]:
        """What the policy `connection-budget` reports."""
        stack = Stack(facts=Facts(self.graph()), stage="prd" if strict else "dev", spec=connection_budget.spec)
        return [finding.message for finding in dict.fromkeys(connection_budget.judge(stack))]

    def budget(self) -> DatabaseBudget:
        """The budget of the only database."""
        (entry,) = Facts(self.graph()).budgets
        assert isinstance(entry, DatabaseBudget), entry
        return entry

    def group(self, name: str) -> str:
        """A security group."""
        return self.add(tokens.SECURITY_GROUP, name, {"id": UNKNOWN, "name": name, "ingress": UNKNOWN})

    def opens(self, group: str, source: str, *, port: int = 3306) -> str:
        """An ingress rule that lets one security group into another."""
        return self.add(
            tokens.INGRESS_RULE,
            f"{source.rpartition('::')[2]}-into-{group.rpartition('::')[2]}",
            {
                "securityGroupId": UNKNOWN,
                "referencedSecurityGroupId": UNKNOWN,
                "fromPort": port,
                "toPort": port,
                "ipProtocol": "tcp",
            },
            securityGroupId=(group,),
            referencedSecurityGroupId=(source,),
        )

    def database(
        self,
        name: str = "db",
        *,
        max_connections: str | None = "60",
        instance_class: str = "db.t4g.micro",
        engine: str = "mysql",
        engine_version: str = "8.4",
        wait: str | None = "60",
        interactive: str | None = "60",
        reserve: str | None = "5",
    ) -> str:
        """An RDS instance with its parameter group and its security group, both named like it."""
        values = {"max_connections": max_connections, "wait_timeout": wait, "interactive_timeout": interactive}
        parameters = [{"name": key, "value": value} for key, value in values.items() if value is not None]
        parameter_group = self.add(
            tokens.PARAMETER_GROUP, name, {"name": f"{name}-parameters", "family": "mysql8.4", "parameters": parameters}
        )
        group = self.group(name)
        return self.add(
            tokens.DB_INSTANCE,
            name,
            {
                "id": UNKNOWN,
                "identifier": name,
                "address": UNKNOWN,
                "engine": engine,
                "engineVersion": engine_version,
                "instanceClass": instance_class,
                "port": 3306,
                "parameterGroupName": UNKNOWN,
                "vpcSecurityGroupIds": UNKNOWN,
                "tags": None if reserve is None else {"budget:reserve": reserve},
            },
            parameterGroupName=(parameter_group,),
            vpcSecurityGroupIds=(group,),
        )

    def definition(
        self,
        name: str,
        *,
        limit: str | None = "5",
        environment: Mapping[str, str] | None = None,
        secrets: tuple[str, ...] = (),
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """A task definition with one container; limit None leaves DB_CONN_LIMIT out."""
        variables = {**({} if limit is None else {"DB_CONN_LIMIT": limit}), **(environment or {})}
        container = {
            "name": "app",
            "environment": [{"name": key, "value": value} for key, value in variables.items()],
            "secrets": [{"name": key, "valueFrom": f"arn:aws:ssm:x:1:parameter/{key}"} for key in secrets],
        }
        return self.add(
            tokens.TASK_DEFINITION,
            name,
            {"arn": UNKNOWN, "family": name, "containerDefinitions": json.dumps([container]), "tags": dict(tags or {})},
        )

    def service(
        self,
        name: str,
        *,
        desired: int | None = 1,
        maximum: int | None = None,
        scheduled: int | None = None,
        percent: int | None = None,
        strategy: str | None = None,
        controller: str | None = None,
        **definition: Any,
    ) -> str:
        """A service with its task definition, its security group and, with `maximum` or `scheduled`, its autoscaling."""
        service = self.add(
            tokens.SERVICE,
            name,
            {
                "name": name,
                "cluster": "shop",
                "taskDefinition": UNKNOWN,
                "desiredCount": desired,
                "deploymentMaximumPercent": percent,
                "deploymentConfiguration": None if strategy is None else {"strategy": strategy},
                "deploymentController": None if controller is None else {"type": controller},
                "networkConfiguration": {"securityGroups": [UNKNOWN], "subnets": [UNKNOWN]},
            },
            taskDefinition=(self.definition(name, **definition),),
            networkConfiguration=(self.group(name),),
        )
        resource = {"resourceId": f"service/shop/{name}", "scalableDimension": "ecs:service:DesiredCount"}
        if maximum is not None:
            self.add(tokens.SCALING_TARGET, name, {**resource, "minCapacity": 1, "maxCapacity": maximum})
        if scheduled is not None:
            action = {"scalableTargetAction": {"minCapacity": 1, "maxCapacity": scheduled}}
            self.add(tokens.SCHEDULED_ACTION, name, {**resource, **action})
        return service

    def joins(
        self,
        name: str,
        *,
        namespace: str = "dev-shop-ns",
        port: int | None = 3000,
        limit: int | None = 60,
        protocol: str | None = "http",
        fronted: bool = False,
        environment: Mapping[str, str] | None = None,
        command: tuple[str, ...] = (),
        **changes: Any,
    ) -> str:
        """A service in Service Connect that serves `<name>.<namespace>:<port>`; port None is a client only."""
        urn = self.service(name, limit=None, environment=environment)
        definition = self.urn(tokens.TASK_DEFINITION, name)
        (container,) = json.loads(str(self.resources[definition].props["containerDefinitions"]))
        mapping = {"name": "web", "containerPort": port, "appProtocol": protocol}
        document = container | {"command": list(command), "portMappings": [] if port is None else [mapping]}
        self.change(definition, containerDefinitions=json.dumps([document]))
        served: dict[str, Any] = {"portName": "web", "clientAlias": [{"dnsName": f"{name}.{namespace}", "port": port}]}
        if limit is not None:
            served["timeout"] = {"perRequestTimeoutSeconds": limit}
        connect = {"enabled": True, "namespace": namespace, "services": [] if port is None else [served | changes]}
        balancers = [{"containerName": "app", "containerPort": port}] if fronted else None
        self.change(urn, serviceConnectConfiguration=connect, loadBalancers=balancers)
        return urn

    def job(
        self,
        name: str,
        *,
        expression: str = "cron(0 3 * * ? *)",
        minutes: str | None = "180",
        count: int | None = 1,
        retries: int | None = 0,
        window: Mapping[str, Any] | None = None,
        override: str | None = None,
        **definition: Any,
    ) -> str:
        """A schedule that runs its own task definition."""
        tags = {} if minutes is None else {"budget:longest-run-minutes": minutes}
        urn = self.definition(name, **{**definition, "tags": {**tags, **definition.get("tags", {})}})
        target = {
            "ecsParameters": {
                "taskDefinitionArn": f"arn:aws:ecs:x:1:task-definition/{name}",
                "networkConfiguration": {"securityGroups": [UNKNOWN]},
                **({} if count is None else {"taskCount": count}),
            },
            **({} if retries is None else {"retryPolicy": {"maximumRetryAttempts": retries}}),
            **({} if override is None else {"input": override}),
        }
        return self.add(
            tokens.SCHEDULE,
            name,
            {
                "name": name,
                "scheduleExpression": expression,
                "scheduleExpressionTimezone": "Asia/Seoul",
                "flexibleTimeWindow": dict(window or {"mode": "OFF"}),
                "target": target,
            },
            target=(urn, self.group(name)),
        )


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[dict[str, Any]]]:
    """The records of a real stage as a preview shows them to policies; previewed once a session, not to be changed."""
    done: dict[str, list[dict[str, Any]]] = {}

    def preview(stage: str) -> list[dict[str, Any]]:
        if stage not in done:
            done[stage] = preview_records(stage, tmp_path_factory.mktemp(stage))
        return done[stage]

    return preview


@pytest.fixture
def stack() -> StackBuilder:
    """An empty stack."""
    return StackBuilder()


@pytest.fixture
def shop(stack: StackBuilder) -> StackBuilder:
    """The platform's dev stage as far as the budget reads it: 53 of 60 connections. The gateway uses no database."""
    stack.database("dev-db")
    for name, limit in (("dev-datalab-api", "5"), ("dev-tracking-api", "10"), ("dev-legacy-api", "5")):
        stack.service(name, limit=limit, maximum=1, environment={"DB_HOST": "db.internal"})
        stack.opens(stack.urn(tokens.SECURITY_GROUP, "dev-db"), stack.urn(tokens.SECURITY_GROUP, name))
    stack.service("dev-gateway", limit=None)
    stack.job("dev-ranking-batch", limit="2", secrets=("DB_PASSWORD",))
    stack.job("dev-category-batch", limit="2", expression="cron(0 * * * ? *)", minutes="40")
    return stack


@pytest.fixture
def unknown() -> str:
    """What stands for a value that is unknown at preview."""
    return UNKNOWN
