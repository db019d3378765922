"""How tasks run as an ECS service on Fargate: capacity, safe deployments, network and Service Connect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulumi import Resource, ResourceOptions
from pulumi_aws import ecs, lb

from settings.workloads import Service as ServiceSettings

from ..calc.names import check_name
from ..stage.cluster import capacity_weights
from .placement import Placement
from .workload import WorkloadParts


@dataclass(frozen=True, slots=True, kw_only=True)
class EcsServiceArgs:
    """One ECS service and what its tasks are made of."""

    place: Placement
    settings: ServiceSettings
    name: str
    """Name of the ECS service, `<stage>-<service>`."""
    exec_enabled: bool
    """Whether shells may be opened in its containers."""
    parts: WorkloadParts
    routing: tuple[lb.TargetGroup, lb.ListenerRule] | None
    """The way from the load balancer; None for a service that is reached from inside only."""
    tags: Mapping[str, str]
    port_name: str | None
    """The port that other tasks call through Service Connect; None for a client only."""
    autoscaled: bool
    """Whether autoscaling owns the number of tasks."""
    depends_on: Sequence[Resource] = ()
    """What must be there first besides its own parts: the endpoints it calls, which a running task never learns of."""
    calls: Mapping[str, str] = field(default_factory=dict[str, str])
    """Services to the addresses at which its tasks call them; one that is added redeploys this service."""


def run_as_service(parent: Resource, args: EcsServiceArgs) -> ecs.Service:
    """Register the ECS service as a child of `parent`."""
    settings, routing, parts = args.settings, args.routing, args.parts
    return ecs.Service(
        settings.name,
        name=args.name,
        cluster=args.place.cluster.name,
        task_definition=parts.task_definition.arn,
        desired_count=settings.tasks.min,
        capacity_provider_strategies=[
            ecs.ServiceCapacityProviderStrategyArgs(capacity_provider=provider, weight=weight, base=0)
            for provider, weight in capacity_weights(args.place.capacity)
        ],
        platform_version="LATEST",
        # Without it AWS's provider refuses a change of the capacity strategy; it acts only when the service changes.
        force_new_deployment=True,
        # A new endpoint is unknown to tasks that run: the preview shows whom it redeploys, and depends_on puts it first.
        triggers=dict(args.calls) or None,
        # Rebalancing starts the new task first, which ECS refuses where 100 percent are the most.
        availability_zone_rebalancing="DISABLED" if settings.singleton else "ENABLED",
        # Given though it is AWS's default: absent, the engine shows it as unknown at preview.
        deployment_configuration=ecs.ServiceDeploymentConfigurationArgs(strategy="ROLLING"),
        deployment_minimum_healthy_percent=0 if settings.singleton else 100,
        deployment_maximum_percent=100 if settings.singleton else 200,
        deployment_circuit_breaker=ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True),
        enable_execute_command=args.exec_enabled,
        enable_ecs_managed_tags=True,
        propagate_tags="SERVICE",
        health_check_grace_period_seconds=settings.health_grace_seconds if routing else None,
        load_balancers=(
            [
                ecs.ServiceLoadBalancerArgs(
                    target_group_arn=routing[0].arn, container_name=settings.aws_name, container_port=settings.port
                )
            ]
            if routing
            else None
        ),
        network_configuration=ecs.ServiceNetworkConfigurationArgs(
            subnets=args.place.private_subnet_ids,
            security_groups=[
                *parts.security_groups,
                args.place.cluster.mesh_security_group_id,
                *([args.place.load_balancer.target_security_group_id] if routing else []),
            ],
            assign_public_ip=False,
        ),
        service_connect_configuration=_service_connect(args),
        tags=args.tags,
        opts=ResourceOptions(
            parent=parent,
            depends_on=[
                *parts.ready,
                *([routing[1], *args.place.load_balancer.ready] if routing else []),
                *args.depends_on,
            ],
            # Autoscaling owns the count between the bounds; the bounds themselves are the scaling target's.
            ignore_changes=["desiredCount"] if args.autoscaled else None,
        ),
    )


def _service_connect(args: EcsServiceArgs) -> ecs.ServiceServiceConnectConfigurationArgs:
    return ecs.ServiceServiceConnectConfigurationArgs(
        enabled=True,
        namespace=args.place.cluster.namespace,
        services=None if args.port_name is None else [_endpoint(args, args.port_name)],
        log_configuration=ecs.ServiceServiceConnectConfigurationLogConfigurationArgs(
            log_driver="awslogs",
            options={
                "awslogs-group": args.parts.log_group,
                "awslogs-region": args.place.scope.location.region,
                "awslogs-stream-prefix": "service-connect",
            },
        ),
    )


def _endpoint(args: EcsServiceArgs, port_name: str) -> ecs.ServiceServiceConnectConfigurationServiceArgs:
    settings = args.settings
    return ecs.ServiceServiceConnectConfigurationServiceArgs(
        port_name=port_name,
        # What calls it goes on to reach it by this name while a new address spreads.
        discovery_name=settings.aws_name,
        client_alias=[
            ecs.ServiceServiceConnectConfigurationServiceClientAliasArgs(
                dns_name=check_name("client-alias", f"{settings.name}.{args.place.cluster.namespace}"),
                port=settings.port,
            )
        ],
        timeout=ecs.ServiceServiceConnectConfigurationServiceTimeoutArgs(
            idle_timeout_seconds=max(300, settings.request_timeout_seconds),
            per_request_timeout_seconds=settings.request_timeout_seconds,
        ),
    )
