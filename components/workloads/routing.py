"""How a service is reached from outside: its target group and the listener rule."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi import Resource, ResourceOptions
from pulumi_aws import lb

from settings.workloads import Service as ServiceSettings

from ..calc.names import fingerprint, suffixed_name
from ..calc.tasks.health import HEALTH_INTERVAL_SECONDS, HEALTH_TIMEOUT_SECONDS, HEALTHY_CHECKS, UNHEALTHY_CHECKS
from ..scope import renamed
from .placement import Placement


def route(
    parent: Resource, place: Placement, settings: ServiceSettings, *, service_name: str, tags: Mapping[str, str]
) -> tuple[lb.TargetGroup, lb.ListenerRule]:
    """Register the target group and the listener rule of a service that has a path, as children of `parent`.

    `service_name` is the ECS service's, `<stage>-<service>`.
    """
    child = ResourceOptions(parent=parent)
    # A listener holds its target group, so a replacement is created first: its name changes with what forces it.
    forced = {"port": settings.port, "protocol": "HTTP", "targetType": "ip", "vpc": place.vpc_identity}
    group = lb.TargetGroup(
        settings.name,
        name=suffixed_name("target-group", service_name, fingerprint(forced)),
        port=settings.port,
        protocol="HTTP",
        target_type="ip",
        vpc_id=place.vpc_id,
        deregistration_delay=settings.deregistration_delay_seconds,
        load_balancing_algorithm_type="least_outstanding_requests",
        health_check=lb.TargetGroupHealthCheckArgs(
            enabled=True,
            path=settings.health_path,
            port="traffic-port",
            protocol="HTTP",
            matcher="200-399",
            interval=HEALTH_INTERVAL_SECONDS,
            timeout=HEALTH_TIMEOUT_SECONDS,
            healthy_threshold=HEALTHY_CHECKS,
            unhealthy_threshold=UNHEALTHY_CHECKS,
        ),
        tags=tags,
        opts=child,
    )
    rule = lb.ListenerRule(
        # A listener has each priority once: whoever has it next takes over this rule, and no second one is created first.
        f"rule-{settings.priority}",
        listener_arn=place.load_balancer.listener_arn,
        priority=settings.priority,
        conditions=[
            lb.ListenerRuleConditionArgs(
                path_pattern=lb.ListenerRuleConditionPathPatternArgs(values=[settings.path or "/*"])
            )
        ],
        actions=[lb.ListenerRuleActionArgs(type="forward", target_group_arn=group.arn)],
        tags=tags,
        opts=ResourceOptions(parent=parent, aliases=renamed((settings.name, *settings.former_names))),
    )
    return group, rule
