"""Policies about target groups: healthy targets of the kind that the service has, and requests spread evenly over them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policies.facts.ecs.definitions import compatibilities, network_mode
from policies.facts.ecs.load_balancers import Balanced
from policies.facts.ecs.parts.port_mappings import port_mappings
from policies.facts.network.target_group_terms import (
    asks_for_health,
    check_matcher,
    check_path,
    check_protocol,
    is_check_enabled,
    is_grpc,
    kind_of_targets,
    pace,
)
from policies.facts.network.target_groups import targets_of
from policies.resources.graph import Resource
from policies.resources.reading import optional
from policies.resources.references import task_definitions
from policies.resources.requested import asked_integer, asked_text
from policies.resources.tokens import SERVICE, TARGET_GROUP, TASK_DEFINITION, TASK_SET
from policies.rules.policy import BALANCER_GUIDE
from policies.rules.property_checks import between, each, flag, one_of
from policies.rules.rule import Problem, Stack, about, policy

_SPEAKS: Mapping[str, tuple[str, str]] = {
    "http": ("HTTP", "HTTP1"),
    "http2": ("HTTP", "HTTP2"),
    "grpc": ("HTTP", "GRPC"),
}
"""What a container says that a port of it speaks (appProtocol), to the protocol and its version of a target group for it."""


@policy(
    what="A target group asks its targets for their health, and takes only success for an answer.",
    why="Without it requests go to tasks that are not up, or no longer.",
    severity="high",
    how_to_fix='Set healthCheck with enabled true, a path of the service and a matcher such as "200-399".',
    url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
    references="CKV_AWS_261",
    types=(TARGET_GROUP,),
)
def target_group_health_check(_: Stack, group: Resource) -> Iterator[Problem]:
    if kind_of_targets(group) == "lambda":
        return
    if not asks_for_health(group):
        yield Problem("healthCheck is not set", "a check of a path of the service")
        return
    if not is_check_enabled(group):
        yield Problem("healthCheck.enabled is false", "true")
    protocol = check_protocol(group)
    if protocol in ("HTTP", "HTTPS"):
        if not check_path(group).startswith("/"):
            yield Problem("healthCheck.path is not set", 'a path that answers, such as "/health"')
        matcher = check_matcher(group)
        success, wanted = _GRPC if is_grpc(group) else _HTTP
        if not all(re.fullmatch(success, part.strip()) for bound in matcher.split(",") for part in bound.split("-")):
            yield Problem(f'healthCheck.matcher is "{matcher[:30]}"', wanted)
    elif optional(asked_text(group, "protocol"), "") in ("HTTP", "HTTPS"):
        yield Problem(f"healthCheck.protocol is {protocol[:20]}", "HTTP or HTTPS")
    check = pace(group)
    if check.timeout >= check.interval:
        yield Problem(
            f"healthCheck.timeout {check.timeout} is not below its interval {check.interval}",
            "a timeout below the interval",
        )


_HTTP = (r"[23]\d\d", "2xx and 3xx only")
_GRPC = (r"0|12", '"0", or "12" where no health service answers')
"""Answers that are success, and how they are asked for. A gRPC target without the path that is asked answers 12, AWS's default."""


def _starts_slowly(_: Stack, group: Resource) -> Iterator[Problem]:
    seconds = optional(asked_integer(group, "slowStart"), 0)
    how = optional(asked_text(group, "loadBalancingAlgorithmType"), "round_robin")
    if seconds and how != "round_robin":
        yield Problem(f"slowStart is {seconds} with {how[:40]}, which AWS refuses", "round_robin, or no slowStart")
    elif 0 < seconds < _SLOWEST:
        yield Problem(f"slowStart is {seconds}, which AWS refuses", f"0, or at least {_SLOWEST} seconds")


_SLOWEST = 30

target_group_even = policy(
    name="target-group-even",
    what="A target group sends each request to whichever healthy target is free, in every zone, and to a new one at once.",
    why="Sessions that stick to a task are lost with it at every deployment, and keep new tasks idle while old ones are full.",
    severity="medium",
    how_to_fix="Keep sessions in a store of all tasks; remove stickiness and slowStart, and leave loadBalancingCrossZoneEnabled out.",
    url=BALANCER_GUIDE + "edit-target-group-attributes.html",
    types=(TARGET_GROUP,),
)(
    each(
        flag("stickiness", "enabled", wanted=False, default=False),
        between("slowStart", most=120, unit="seconds"),
        _starts_slowly,
        one_of(
            "loadBalancingCrossZoneEnabled",
            allowed=frozenset({"true", "use_load_balancer_configuration"}),
            default="use_load_balancer_configuration",
        ),
    )
)


@policy(
    what="A target group takes the kind of targets that its service has, and speaks what their port speaks.",
    why="ECS refuses tasks with addresses of their own in a group of instances; of another protocol every request answers 502.",
    severity="high",
    how_to_fix="Set targetType ip under awsvpc, and protocol and protocolVersion to what appProtocol of the port says.",
    url=BALANCER_GUIDE + "load-balancer-target-groups.html",
    types=(SERVICE, TASK_SET),
    also=(TARGET_GROUP, TASK_DEFINITION),
)
def target_group_fits_tasks(stack: Stack, service: Resource) -> Iterator[Problem]:
    balanced = stack.facts.balanced(service)
    groups = stack.graph.held(targets_of(stack.graph, service, "loadBalancers")) if balanced else ()
    says = _spoken(stack, service, balanced[0]) if len(balanced) == 1 else ""
    for definition in task_definitions(stack.graph, service, "taskDefinition"):
        with about(definition):
            mode = network_mode(definition)
            awsvpc = mode == "awsvpc"
            on_machines = {*compatibilities(definition)} <= {"EC2"}  # fargate-network-mode judges others
        for group in groups:
            with about(group):
                kind = kind_of_targets(group)
                protocol = optional(asked_text(group, "protocol"), "HTTP")
                version = optional(asked_text(group, "protocolVersion"), "HTTP1")
            if awsvpc and kind != "ip":
                yield Problem(
                    f"targetType of {group.name} is {kind[:20]}, and its tasks have addresses of their own (awsvpc)",
                    "ip",
                )
            if not awsvpc and on_machines and kind == "ip":
                yield Problem(
                    f"targetType of {group.name} is ip, and its tasks have the addresses of their machines ({mode})",
                    "instance",
                )
            if says in _SPEAKS and protocol in ("HTTP", "HTTPS") and (protocol, version) != _SPEAKS[says]:
                wanted = " with protocolVersion ".join(_SPEAKS[says])
                yield Problem(
                    f"{group.name} speaks {protocol} {version[:10]}, and its port {says} (appProtocol)", wanted
                )


def _spoken(stack: Stack, service: Resource, held: Balanced) -> str:
    """appProtocol of the port that a load balancer uses; empty where the container does not say it."""
    for definition in task_definitions(stack.graph, service, "taskDefinition"):
        for mapping in stack.facts.by_container(definition, port_mappings).get(held.container, ()):
            if mapping.port == held.port:
                return mapping.application
    return ""
