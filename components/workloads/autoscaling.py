"""How many tasks a service runs, where that may change: its scaling target and the metrics that move it."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi import Output, Resource, ResourceOptions
from pulumi_aws import appautoscaling, ecs

from settings.workloads import Service as ServiceSettings


def is_scaled(settings: ServiceSettings) -> bool:
    """Whether autoscaling owns the number of tasks: between equal bounds nothing moves, and the service's own count says it."""
    return settings.tasks.min < settings.tasks.max


def scale(
    parent: Resource,
    service: ecs.Service,
    *,
    settings: ServiceSettings,
    cluster: str,
    name: str,
    request_label: Output[str] | None,
    tags: Mapping[str, str],
) -> None:
    """Register the scaling target and its target tracking, for a service whose bounds leave room.

    `request_label` is `<load balancer suffix>/<target group suffix>` for a service behind the load balancer.
    """
    target = appautoscaling.Target(
        settings.name,
        min_capacity=settings.tasks.min,
        max_capacity=settings.tasks.max,
        resource_id=f"service/{cluster}/{name}",
        scalable_dimension="ecs:service:DesiredCount",
        service_namespace="ecs",
        tags=tags,
        opts=ResourceOptions(parent=parent, depends_on=[service]),
    )
    metrics: list[tuple[str, int, str, Output[str] | None]] = [
        ("cpu", settings.cpu_target_percent, "ECSServiceAverageCPUUtilization", None)
    ]
    if settings.requests_per_target is not None and request_label is not None:
        metrics.append(("requests", settings.requests_per_target, "ALBRequestCountPerTarget", request_label))
    for metric, value, predefined, label in metrics:
        appautoscaling.Policy(
            f"{settings.name}-{metric}",
            name=f"{name}-{metric}",
            policy_type="TargetTrackingScaling",
            resource_id=target.resource_id,
            scalable_dimension=target.scalable_dimension,
            service_namespace=target.service_namespace,
            target_tracking_scaling_policy_configuration=appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                predefined_metric_specification=(
                    appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                        predefined_metric_type=predefined, resource_label=label
                    )
                ),
                target_value=value,
                scale_in_cooldown=300,
                scale_out_cooldown=60,
            ),
            opts=ResourceOptions(parent=parent),
        )
