"""Reads from an AWS account, through boto3, what decides its connection budget, in the form the policies judge.

The answers become resources in Pulumi's names, and the same code that judges a preview adds them up: what is undecided there
(a DB_CONN_LIMIT that somebody emptied in the console) is undecided here. Only reads: rds:DescribeDBInstances,
rds:DescribeDBParameters, ecs:ListServices, ecs:DescribeServices, ecs:DescribeTaskDefinition,
application-autoscaling:DescribeScalableTargets, application-autoscaling:DescribeScheduledActions, scheduler:ListSchedules,
scheduler:GetSchedule, cloudwatch:GetMetricData.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from policies.budget.declarations import DATABASE_TAG, LIMIT
from policies.facts.facts import Facts
from policies.resources.graph import Graph
from policies.resources.tokens import (
    DATABASE_COMPONENT,
    DB_INSTANCE,
    PARAMETER_GROUP,
    SCALING_TARGET,
    SCHEDULE,
    SCHEDULED_ACTION,
    SERVICE,
    TASK_DEFINITION,
)

from . import account_shape as shape
from .comparison import Instance
from .stage import TIMEOUTS, Entry
from .wanted import Wanted

Clients = Callable[[str], Any]
"""boto3's client of a service."""

WINDOW = timedelta(hours=24)
_SERVICES_A_REQUEST = 10
"""DescribeServices takes ten at a time (Amazon ECS API Reference)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What an account has: the budgets that follow from it, and what else is worth comparing of each instance."""

    entries: tuple[Entry, ...]
    instances: tuple[Instance, ...]


def read_account(clients: Clients, wanted: Wanted, *, now: datetime) -> Account:
    """Read everything that is wanted. Raises botocore's errors; `now` has a time zone."""
    return _Reader(clients, wanted, now).read()


class _Reader:
    def __init__(self, clients: Clients, wanted: Wanted, now: datetime) -> None:
        self._clients = clients
        self._wanted = wanted
        self._now = now
        self._records: dict[str, Mapping[str, Any]] = {}
        self._hosts = dict(wanted.hosts)
        self._families: dict[str, str] = {}

    def read(self) -> Account:
        instances = tuple(self._instances())
        for name, budget in self._wanted.unmanaged.items():
            props = shape.unmanaged_database(
                name, max_connections=budget.supply.max_connections, reserve=budget.reserve
            )
            self._add(DATABASE_COMPONENT, name, props)
        for cluster in sorted(self._wanted.clusters):
            self._services(cluster)
        for group in sorted(self._wanted.schedule_groups):
            self._schedules(group)
        for family in sorted(self._wanted.families):
            self._by_hand(family)
        self._scaling()
        return Account(entries=Facts(Graph.from_records(self._records.values())).budgets, instances=instances)

    def _add(self, kind: str, name: str, props: Mapping[str, Any]) -> None:
        """A resource of the account; the URN stands for it in findings."""
        urn = f"urn:pulumi:account::live::{kind}::{name}"
        self._records[urn] = {"type": kind, "urn": urn, "inputs": props}

    def _pages(self, service: str, operation: str, key: str, **request: Any) -> Iterator[dict[str, Any]]:
        for page in self._clients(service).get_paginator(operation).paginate(**request):
            yield from page[key]

    def _instances(self) -> Iterator[Instance]:
        for found in self._pages("rds", "describe_db_instances", "DBInstances"):
            identifier = str(found["DBInstanceIdentifier"])
            database = self._wanted.instances.get(identifier)
            if database is None:
                continue
            address = str((found.get("Endpoint") or {}).get("Address", ""))
            if address:
                self._hosts[address] = database
            self._add(DB_INSTANCE, identifier, shape.instance(found))
            group = found["DBParameterGroups"][0]
            name = str(group["DBParameterGroupName"])
            parameters = {
                str(item["ParameterName"]): str(item["ParameterValue"])
                for item in self._pages("rds", "describe_db_parameters", "Parameters", DBParameterGroupName=name)
                if item.get("ParameterValue") is not None
            }
            self._add(PARAMETER_GROUP, name, shape.parameter_group(name, parameters))
            yield Instance(
                database=database,
                identifier=identifier,
                status=str(found["DBInstanceStatus"]),
                parameter_group=name,
                parameter_status=str(group["ParameterApplyStatus"]),
                timeouts={timeout: parameters.get(timeout) for timeout in TIMEOUTS},
                pending_class=str((found.get("PendingModifiedValues") or {}).get("DBInstanceClass", "")),
                peak=self._peak(identifier),
            )

    def _peak(self, identifier: str) -> int | None:
        """The most connections in the window, from CloudWatch's five-minute maxima."""
        metric = {
            "Namespace": "AWS/RDS",
            "MetricName": "DatabaseConnections",
            "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": identifier}],
        }
        query = {"Id": "connections", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Maximum"}}
        asked = {"MetricDataQueries": [query], "StartTime": self._now - WINDOW, "EndTime": self._now}
        results = self._pages("cloudwatch", "get_metric_data", "MetricDataResults", **asked)
        return max((int(value) for result in results for value in result["Values"]), default=None)

    def _services(self, cluster: str) -> None:
        ecs = self._clients("ecs")
        try:
            arns = list(self._pages("ecs", "list_services", "serviceArns", cluster=cluster))
        except ecs.exceptions.ClusterNotFoundException:
            return  # its workloads are then found not to run
        for start in range(0, len(arns), _SERVICES_A_REQUEST):
            portion = arns[start : start + _SERVICES_A_REQUEST]
            for service in ecs.describe_services(cluster=cluster, services=portion)["services"]:
                if service.get("status") == "INACTIVE":
                    continue  # deleted, and still answered for a while
                name = str(service["serviceName"])
                tasks = (service, *service.get("deployments", []), *service.get("taskSets", []))
                arns_run = dict.fromkeys(str(item["taskDefinition"]) for item in tasks if "taskDefinition" in item)
                definitions = [self._definition(arn, name) for arn in arns_run]
                # While a roll-out goes on, old tasks are alive: the definition that opens more counts.
                definition = max((item for item in definitions if item), key=_limits, default=None)
                if definition is not None:
                    props = shape.service(service, cluster, self._keep(definition))
                    self._add(SERVICE, f"{cluster}/{name}", props)

    def _schedules(self, group: str) -> None:
        scheduler = self._clients("scheduler")
        try:
            listed = list(self._pages("scheduler", "list_schedules", "Schedules", GroupName=group))
        except scheduler.exceptions.ResourceNotFoundException:
            return
        for item in listed:
            schedule = scheduler.get_schedule(Name=item["Name"], GroupName=group)
            parameters = schedule["Target"].get("EcsParameters")
            if parameters is None:
                continue
            definition = self._definition(parameters["TaskDefinitionArn"], schedule["Name"])
            if definition is not None:
                self._add(SCHEDULE, f"{group}/{schedule['Name']}", shape.schedule(schedule, self._keep(definition)))

    def _by_hand(self, family: str) -> None:
        ecs = self._clients("ecs")
        try:
            definition = self._definition(family, family)
        except ecs.exceptions.ClientException:
            return  # no such family
        if definition is not None:
            self._keep(definition)

    def _definition(self, arn_or_family: str, workload: str) -> dict[str, Any] | None:
        """The properties of a task definition; None for one that uses none of the wanted databases."""
        answer = self._clients("ecs").describe_task_definition(taskDefinition=arn_or_family, include=["TAGS"])
        props = shape.task_definition(answer["taskDefinition"], answer.get("tags", []))
        database = self._wanted.database_of.get(workload)
        if database is None:
            database = next((self._hosts[value] for value in shape.values(answer) if value in self._hosts), None)
        if database is None:
            return None
        props["tags"][DATABASE_TAG] = database
        return props

    def _keep(self, definition: dict[str, Any]) -> str:
        """Record a task definition and answer its family, by which it is found; a second revision gets one of its own."""
        family, arn = str(definition["family"]), str(definition["arn"])
        if self._families.setdefault(family, arn) != arn:
            family = f"{family}_revision_{definition['revision']}"
        self._add(TASK_DEFINITION, arn, {**definition, "family": family})
        return family

    def _scaling(self) -> None:
        service = "application-autoscaling"
        for target in self._pages(service, "describe_scalable_targets", "ScalableTargets", ServiceNamespace="ecs"):
            self._add(SCALING_TARGET, target["ResourceId"], shape.scaling_target(target))
        for action in self._pages(service, "describe_scheduled_actions", "ScheduledActions", ServiceNamespace="ecs"):
            name = f"{action['ResourceId']}/{action['ScheduledActionName']}"
            self._add(SCHEDULED_ACTION, name, shape.scheduled_action(action))


def _limits(definition: Mapping[str, Any]) -> int:
    """The connections that the containers' limits add up to, for ranking; what is not a number outranks every number."""
    texts: Iterable[str] = shape.environment_values(definition["containerDefinitions"], LIMIT)
    return sum(int(text) if text.isascii() and text.isdigit() else 1_000_000 for text in texts)
