"""The times around the start and the end of a task: each in AWS's range, and in an order that loses no request."""

from __future__ import annotations

from typing import Final

from .container_spec import MAX_STOP_TIMEOUT_S
from .health import HEALTH_INTERVAL_SECONDS, HEALTHY_CHECKS

MAX_DEREGISTRATION_DELAY_S: Final = 3600
"""Elastic Load Balancing API Reference, TargetGroupAttribute, `deregistration_delay.timeout_seconds`: 0-3600."""
MAX_GRACE_PERIOD_S: Final = 2_147_483_647
"""ECS API Reference, CreateService, `healthCheckGracePeriodSeconds`."""
SPOT_NOTICE_S: Final = 120
"""From warning to end of a Fargate Spot task (Amazon ECS Developer Guide, "Amazon ECS clusters for Fargate")."""


def timeout_problems(
    *,
    stop_timeout_s: int,
    deregistration_delay_s: int,
    health_grace_s: int | None = None,
    longest_request_s: int | None = None,
    spot: bool = False,
) -> list[str]:
    """One sentence for each time that AWS refuses or that would cost requests; all in seconds.

    A task is stopped in this order: the load balancer sends it nothing new and waits `deregistration_delay_s` for
    requests under way, then ECS sends SIGTERM, waits `stop_timeout_s`, and kills. Requests through Service Connect
    bypass the load balancer, so only `stop_timeout_s` protects those. `health_grace_s` and `longest_request_s` are
    checked where given; `spot` says that tasks may run on Fargate Spot, which gives 120 s for all of it.
    Source: ECS API Reference, ContainerDefinition; ELB API Reference, CreateTargetGroup.
    """
    ranges = (
        ("stop timeout", stop_timeout_s, 1, MAX_STOP_TIMEOUT_S, "Fargate"),
        ("deregistration delay", deregistration_delay_s, 0, MAX_DEREGISTRATION_DELAY_S, "the load balancer"),
    )
    problems = [
        f"The {what} is {value} s, and {who} takes {low} to {high} s: change it into that range."
        for what, value, low, high, who in ranges
        if not low <= value <= high
    ]
    if health_grace_s is not None:
        problems += _grace_problems(health_grace_s, HEALTHY_CHECKS * HEALTH_INTERVAL_SECONDS)
    if longest_request_s is not None:
        problems += _request_problems(longest_request_s, deregistration_delay_s, stop_timeout_s)
    if spot and deregistration_delay_s > SPOT_NOTICE_S:
        problems.append(
            f"The deregistration delay is {deregistration_delay_s} s, and a Fargate Spot task ends {SPOT_NOTICE_S} s "
            f"after its warning, with requests still under way: set {SPOT_NOTICE_S} s or less, or take the service off "
            "Spot."
        )
    return problems


def _grace_problems(grace_s: int, first_healthy_s: int) -> list[str]:
    if not 0 <= grace_s <= MAX_GRACE_PERIOD_S:
        return [
            f"The health check grace period is {grace_s} s, and ECS takes 0 to {MAX_GRACE_PERIOD_S} s: change it into "
            "that range."
        ]
    if grace_s < first_healthy_s:
        return [
            f"The health check grace period of {grace_s} s ends before a new task can be healthy, which takes at least "
            f"{first_healthy_s} s of checks, so ECS may stop it while it starts: set {first_healthy_s} s or more."
        ]
    return []


def _request_problems(longest_request_s: int, deregistration_delay_s: int, stop_timeout_s: int) -> list[str]:
    problems: list[str] = []
    if deregistration_delay_s < longest_request_s:
        problems.append(
            f"The deregistration delay of {deregistration_delay_s} s is shorter than the longest request of "
            f"{longest_request_s} s, so a deployment cuts such requests off: set it to {longest_request_s} s or more."
        )
    if stop_timeout_s < min(longest_request_s, MAX_STOP_TIMEOUT_S):
        problems.append(
            f"The stop timeout of {stop_timeout_s} s is shorter than the longest request of {longest_request_s} s, so "
            f"requests through Service Connect are killed: set it to {min(longest_request_s, MAX_STOP_TIMEOUT_S)} s or "
            "more."
        )
    return problems
