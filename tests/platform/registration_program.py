"""A small platform with one database, registered in any order that its dependencies allow."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

Builder = Callable[[dict[str, Any]], Any]


@dataclass(frozen=True, kw_only=True)
class App:
    """A workload: DB_CONN_LIMIT, and the autoscaling maximum of a service."""

    limit: int
    maximum: int = 1


@dataclass(frozen=True, kw_only=True)
class Shop:
    """Numbers of a platform. `used` is what it may open with its reserve: twice every service's maximum, two runs of a job."""

    max_connections: int = 60
    reserve: int = 5
    services: dict[str, App] = field(
        default_factory=lambda: {"datalab": App(limit=5), "tracking": App(limit=10), "legacy": App(limit=5)}
    )
    job: int = 4

    @property
    def used(self) -> int:
        return sum(2 * app.limit * app.maximum for app in self.services.values()) + 2 * self.job + self.reserve


def program(shop: Shop, seed: int) -> Callable[[], None]:
    """The program; the seed shuffles its resources, each still after those whose outputs it takes."""

    def run() -> None:
        waiting = list(_resources(shop))
        random.Random(seed).shuffle(waiting)
        made: dict[str, Any] = {}
        while waiting:
            name, needs, build = next(entry for entry in waiting if made.keys() >= set(entry[1]))
            made[name] = build(made)
            waiting.remove((name, needs, build))

    return run


def _resources(shop: Shop) -> Iterator[tuple[str, tuple[str, ...], Builder]]:
    yield "vpc", (), lambda made: aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
    yield "subnet", ("vpc",), lambda made: aws.ec2.Subnet("subnet", vpc_id=made["vpc"].id, cidr_block="10.0.0.0/24")
    yield "cluster", (), lambda made: aws.ecs.Cluster("cluster", name="shop")
    yield "db-group", ("vpc",), lambda made: aws.ec2.SecurityGroup("db", name="db", vpc_id=made["vpc"].id)
    yield "parameters", (), lambda made: _parameters(shop)
    yield "instance", ("parameters", "db-group"), lambda made: _instance(shop, made)
    for name, app in shop.services.items():
        yield from _client(name, app.limit)
        yield f"{name}-service", ("cluster", "subnet", f"{name}-group", f"{name}-task"), _service(name)
        yield f"{name}-target", (f"{name}-service",), _target(name, app)
    yield from _client("nightly", shop.job)
    yield "nightly-schedule", ("cluster", "subnet", "nightly-group", "nightly-task"), _schedule


def _parameters(shop: Shop) -> aws.rds.ParameterGroup:
    values = {"max_connections": shop.max_connections, "wait_timeout": 60, "interactive_timeout": 60}
    return aws.rds.ParameterGroup(
        "db",
        name="db-mysql8-4",
        family="mysql8.4",
        parameters=[{"name": name, "value": str(value)} for name, value in values.items()],
    )


def _instance(shop: Shop, made: dict[str, Any]) -> aws.rds.Instance:
    return aws.rds.Instance(
        "db",
        identifier="db",
        engine="mysql",
        engine_version="8.4",
        instance_class="db.t4g.micro",
        allocated_storage=20,
        username="admin",
        manage_master_user_password=True,
        parameter_group_name=made["parameters"].name,
        vpc_security_group_ids=[made["db-group"].id],
        skip_final_snapshot=True,
        tags={"budget:reserve": str(shop.reserve)},
    )


def _client(name: str, limit: int) -> Iterator[tuple[str, tuple[str, ...], Builder]]:
    """A security group with its rule into the database's, and a task definition."""
    environment = [{"name": "DB_CONN_LIMIT", "value": str(limit)}, {"name": "DB_HOST", "value": "db.shop.internal"}]
    container = {"name": "app", "image": "app", "memory": 256, "essential": True, "environment": environment}
    yield f"{name}-group", ("vpc",), lambda made: aws.ec2.SecurityGroup(name, name=name, vpc_id=made["vpc"].id)
    yield (
        f"{name}-rule",
        ("db-group", f"{name}-group"),
        lambda made: aws.vpc.SecurityGroupIngressRule(
            name,
            security_group_id=made["db-group"].id,
            referenced_security_group_id=made[f"{name}-group"].id,
            ip_protocol="tcp",
            from_port=3306,
            to_port=3306,
        ),
    )
    yield (
        f"{name}-task",
        (),
        lambda made: aws.ecs.TaskDefinition(
            name,
            family=name,
            network_mode="awsvpc",
            container_definitions=json.dumps([container]),
            skip_destroy=True,
            tags={"budget:longest-run-minutes": "180"},
        ),
    )


def _service(name: str) -> Builder:
    return lambda made: aws.ecs.Service(
        name,
        name=name,
        cluster=made["cluster"].name,
        task_definition=made[f"{name}-task"].arn,
        desired_count=1,
        network_configuration={"subnets": [made["subnet"].id], "security_groups": [made[f"{name}-group"].id]},
        opts=pulumi.ResourceOptions(ignore_changes=["desiredCount"]),
    )


def _target(name: str, app: App) -> Builder:
    return lambda made: aws.appautoscaling.Target(
        name,
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=made[f"{name}-service"].name.apply(lambda service: f"service/shop/{service}"),
        min_capacity=1,
        max_capacity=app.maximum,
    )


def _schedule(made: dict[str, Any]) -> aws.scheduler.Schedule:
    return aws.scheduler.Schedule(
        "nightly",
        name="nightly",
        schedule_expression="cron(0 3 * * ? *)",
        flexible_time_window={"mode": "OFF"},
        target={
            "arn": made["cluster"].arn,
            "role_arn": "arn:aws:iam::123456789012:role/scheduler",
            "retry_policy": {"maximum_retry_attempts": 0},
            "ecs_parameters": {
                "task_definition_arn": made["nightly-task"].arn_without_revision,
                "task_count": 1,
                "network_configuration": {
                    "subnets": [made["subnet"].id],
                    "security_groups": [made["nightly-group"].id],
                },
            },
        },
    )
