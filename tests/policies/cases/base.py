"""What the cases share: a VPC with two subnets, a cluster, and makers of a database of 100 connections, a task definition, a service."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi_aws as aws

TAGS = {"Project": "p", "Stage": "dev", "Service": "s", "Owner": "o", "ManagedBy": "pulumi"}
LIMITED = {"DB_HOST": "db.dev.internal", "DB_CONN_LIMIT": "10"}


class Base:
    """The network and the cluster of a case."""

    def __init__(self) -> None:
        self.vpc = aws.ec2.Vpc("vpc", cidr_block="10.9.0.0/16", tags=TAGS)
        self.subnets = [
            aws.ec2.Subnet(
                f"s{number}",
                vpc_id=self.vpc.id,
                cidr_block=f"10.9.{number}.0/24",
                availability_zone=f"us-east-1{zone}",
                tags=TAGS,
            )
            for number, zone in enumerate("ab")
        ]
        self.app = aws.ec2.SecurityGroup("app", vpc_id=self.vpc.id, description="tasks", tags=TAGS)
        self.cluster = aws.ecs.Cluster("c", name="dev-c", tags=TAGS)

    def database(self) -> None:
        """A database of 100 connections, 5 of them in reserve, that lets the tasks in."""
        group = aws.ec2.SecurityGroup(
            "db",
            vpc_id=self.vpc.id,
            description="database",
            ingress=[
                {
                    "protocol": "tcp",
                    "from_port": 3306,
                    "to_port": 3306,
                    "description": "app",
                    "security_groups": [self.app.id],
                }
            ],
            tags=TAGS,
        )
        values = {
            "max_connections": "100",
            "wait_timeout": "60",
            "interactive_timeout": "60",
            "require_secure_transport": "1",
        }
        parameters = aws.rds.ParameterGroup(
            "pg",
            name="dev-pg",
            family="mysql8.4",
            parameters=[
                {"name": name, "value": value, "apply_method": "pending-reboot"} for name, value in values.items()
            ],
            tags=TAGS,
        )
        subnets = aws.rds.SubnetGroup("sn", name="dev-sn", subnet_ids=[subnet.id for subnet in self.subnets], tags=TAGS)
        self.instance(
            db_subnet_group_name=subnets.name, vpc_security_group_ids=[group.id], parameter_group_name=parameters.name
        )

    def instance(self, **properties: Any) -> None:
        """A database instance alone."""
        aws.rds.Instance(
            "db",
            identifier="dev-db",
            engine="mysql",
            engine_version="8.4.5",
            instance_class="db.t4g.medium",
            allocated_storage=20,
            manage_master_user_password=True,
            username="adm",
            storage_encrypted=True,
            skip_final_snapshot=True,
            backup_retention_period=1,
            tags={**TAGS, "budget:reserve": "5"},
            **properties,
        )

    def task(
        self,
        name: str,
        environment: Mapping[str, str],
        secrets: Mapping[str, str] | None = None,
        command: list[str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> aws.ecs.TaskDefinition:
        """A task definition of one container."""
        container = {
            "name": name,
            "image": f"public.ecr.aws/x/y@sha256:{'a' * 64}",
            "essential": True,
            "portMappings": [{"containerPort": 3000, "name": "3000-tcp"}],
            "environment": [{"name": key, "value": value} for key, value in environment.items()],
            "secrets": [{"name": key, "valueFrom": value} for key, value in (secrets or {}).items()],
            **({} if command is None else {"command": command}),
        }
        return aws.ecs.TaskDefinition(
            name,
            family=f"dev-{name}",
            cpu="256",
            memory="512",
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            execution_role_arn="arn:aws:iam::123456789012:role/dev-exec",
            container_definitions=json.dumps([container]),
            tags={**TAGS, **(tags or {})},
        )

    def service(self, name: str, definition: Any, count: int = 2, **properties: Any) -> None:
        """A Fargate service of two tasks."""
        aws.ecs.Service(
            name,
            name=f"dev-{name}",
            cluster=self.cluster.arn,
            task_definition=definition,
            desired_count=count,
            launch_type="FARGATE",
            network_configuration={"subnets": [subnet.id for subnet in self.subnets], "security_groups": [self.app.id]},
            deployment_circuit_breaker={"enable": True, "rollback": True},
            tags=TAGS,
            **properties,
        )
