"""A task definition in the offline AWS, and a resource as a refresh reads it."""

import json
from typing import Any

from offline.aws.handler import Applied

PREFIX = "arn:aws:ecs:ap-northeast-2:123456789012"
CLUSTER = "aws:ecs/cluster:Cluster"
PROVIDERS = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
TASK = "aws:ecs/taskDefinition:TaskDefinition"


def containers(limit: int = 5) -> str:
    """The container definitions of one service."""
    container = {
        "name": "tracking-api",
        "image": "node@sha256:00",
        "portMappings": [{"containerPort": 3000, "name": "server-3000-tcp", "protocol": "tcp"}],
        "environment": [{"name": "DB_CONN_LIMIT", "value": str(limit)}],
        "command": None,
    }
    return json.dumps([container])


def make_task(cloud: Any, name: str = "task", **inputs: Any) -> Applied:
    """A revision of dev-tracking-api."""
    given: dict[str, Any] = {
        "family": "dev-tracking-api",
        "containerDefinitions": containers(),
        "cpu": "256",
        "memory": "512",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
    }
    return cloud.make(TASK, name, **{**given, **inputs})


def read(cloud: Any, type_token: str, made: Applied, inputs: dict[str, Any]) -> Applied | None:
    """The resource as a refresh finds it, None if it is gone."""
    cloud.provider.aws.changed_from_outside = True
    return cloud.provider.read(type_token, f"urn:pulumi:dev::p::{type_token}::x", made.id, inputs, made.outputs)


def cluster(cloud: Any) -> dict[str, Any]:
    """The cluster dev-item."""
    (found,) = cloud.ask("ecs", "describe_clusters", clusters=["dev-item"], include=["TAGS"])["clusters"]
    return found
