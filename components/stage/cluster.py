"""Cluster: the stage's ECS cluster on Fargate with its Service Connect namespace, or an existing one; its tasks' groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi import ComponentResource, Input, Output, Resource, ResourceOptions
from pulumi_aws import ecs, servicediscovery

from settings.stage import Cluster as ClusterSettings

from ..scope import COMPONENT_PACKAGE, StageScope
from .security_groups import SecurityGroups


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterArgs:
    """Where tasks are placed and find each other."""

    scope: StageScope
    settings: ClusterSettings
    vpc_id: Input[str]
    mesh_ports: Sequence[int]
    """Container ports of the services that other tasks may call through Service Connect."""


class Cluster(ComponentResource):
    """ECS cluster, capacity providers, Service Connect namespace and the groups of its tasks: all, and those that call each other."""

    name: str
    """Cluster name, chosen and so known at preview."""
    namespace: str
    """Service Connect namespace, named by its name because its id is unknown at preview."""
    task_security_group_id: Output[str]
    """Group of every task: out over HTTPS, by which images, secrets and logs are reached."""
    mesh_security_group_id: Output[str]
    ready: Sequence[Resource]
    """What a task must wait for."""

    def __init__(self, name: str, args: ClusterArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(f"{COMPONENT_PACKAGE}:Cluster", name, None, opts)
        self.name = args.settings.name
        self.namespace = args.settings.namespace
        created = () if args.settings.existing else self._create(name, args)
        self.task_security_group_id, way_out = self._tasks(args)
        self.mesh_security_group_id = self._mesh(args)
        self.ready = (*created, way_out)
        self.register_outputs(
            {
                "name": self.name,
                "namespace": self.namespace,
                "taskSecurityGroupId": self.task_security_group_id,
                "meshSecurityGroupId": self.mesh_security_group_id,
            }
        )

    def _create(self, name: str, args: ClusterArgs) -> Sequence[Resource]:
        scope = args.scope
        child = ResourceOptions(parent=self)
        namespace = servicediscovery.HttpNamespace(
            name,
            name=self.namespace,
            description=f"Service Connect of {self.name}",
            tags=scope.tags("cluster"),
            opts=child,
        )
        cluster = ecs.Cluster(
            name,
            name=self.name,
            settings=[ecs.ClusterSettingArgs(name="containerInsights", value="enabled")],
            service_connect_defaults=ecs.ClusterServiceConnectDefaultsArgs(namespace=namespace.arn),
            tags=scope.tags("cluster", name=self.name),
            opts=child,
        )
        providers = ecs.ClusterCapacityProviders(
            name,
            cluster_name=cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            default_capacity_provider_strategies=[
                ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArgs(
                    capacity_provider=provider, weight=weight
                )
                for provider, weight in capacity_weights(args.settings)
            ],
            opts=child,
        )
        return (namespace, cluster, providers)

    def _tasks(self, args: ClusterArgs) -> tuple[Output[str], Resource]:
        """The security group that every task wears, and its one rule."""
        group = self._groups(args).group("tasks", "Every task of the stage")
        return group.id, self._groups(args).to_world(
            "tasks-https", group.id, 443, "ECR, CloudWatch, SSM and HTTPS APIs"
        )

    def _mesh(self, args: ClusterArgs) -> Output[str]:
        """The security group that every service wears: its members reach each other on the services' ports only."""
        group = self._groups(args).group("mesh", "Tasks that call each other through Service Connect")
        for port in sorted(set(args.mesh_ports)):
            text = f"Service Connect to container port {port}"
            self._groups(args).way(f"mesh-{port}", group.id, group.id, port, out=text, into=text)
        return group.id

    def _groups(self, args: ClusterArgs) -> SecurityGroups:
        return SecurityGroups(parent=self, scope=args.scope, component="cluster", vpc_id=args.vpc_id)


def capacity_weights(settings: ClusterSettings) -> list[tuple[str, int]]:
    """Capacity providers with their weights, those of weight 0 left out."""
    weights = [("FARGATE", settings.on_demand_weight), ("FARGATE_SPOT", settings.spot_weight)]
    return [(provider, weight) for provider, weight in weights if weight > 0]
