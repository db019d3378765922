"""What a target group says of its targets and how it asks for their health, with AWS's own values where it says nothing.

Defaults: User Guides for Application and Network Load Balancers, Target groups and Health checks.
"""

from __future__ import annotations

from dataclasses import dataclass

from policies.resources.graph import Resource
from policies.resources.outcomes import Absent
from policies.resources.reading import optional, word_of
from policies.resources.requested import asked_flag, asked_integer, asked_map, asked_text

_KINDS = ("alb", "instance", "ip", "lambda")
_CHECK = "healthCheck"
TRAFFIC_PORT = "traffic-port"
"""The port that a target takes requests on, as the one that is asked for its health."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds. interval, timeout: of a check. admitted: until a new target gets requests. given_up: until a failing one gets none."""

    interval: int
    timeout: int
    admitted: int
    given_up: int


def kind_of_targets(group: Resource) -> str:
    """alb, instance, ip or lambda. Raises NotDecidedError for another word."""
    return word_of(_KINDS, optional(asked_text(group, "targetType"), "instance"), "targetType")


def asks_for_health(group: Resource) -> bool:
    """Whether it says how its targets are asked."""
    return not isinstance(asked_map(group, _CHECK), Absent)


def is_check_enabled(group: Resource) -> bool:
    """Whether its targets are asked at all."""
    return optional(asked_flag(group, _CHECK, "enabled"), True)


def check_protocol(group: Resource) -> str:
    """HTTP, HTTPS or TCP, as it is written."""
    return optional(asked_text(group, _CHECK, "protocol"), "HTTP")


def check_path(group: Resource) -> str:
    """What is asked for by HTTP; empty where it does not say."""
    return optional(asked_text(group, _CHECK, "path"), "")


def is_grpc(group: Resource) -> bool:
    """Whether it speaks gRPC, whose answers have codes of their own."""
    return optional(asked_text(group, "protocolVersion"), "HTTP1") == "GRPC"


def check_matcher(group: Resource) -> str:
    """The answers that are taken for health, such as "200-399"; of gRPC such as "0"."""
    return optional(asked_text(group, _CHECK, "matcher"), "12" if is_grpc(group) else "200")


def check_port(group: Resource) -> str:
    """The port that is asked."""
    return optional(asked_text(group, _CHECK, "port"), TRAFFIC_PORT)


def pace(group: Resource) -> Pace:
    """How soon it notices. Raises NotDecidedError."""
    interval = optional(asked_integer(group, _CHECK, "interval"), 30)
    return Pace(
        interval=interval,
        timeout=optional(asked_integer(group, _CHECK, "timeout"), 5),
        admitted=interval * optional(asked_integer(group, _CHECK, "healthyThreshold"), 5),
        given_up=interval * optional(asked_integer(group, _CHECK, "unhealthyThreshold"), 2),
    )


def drain_seconds(group: Resource) -> int:
    """deregistrationDelay: how long a target that leaves may finish its requests."""
    return optional(asked_integer(group, "deregistrationDelay"), 300)
