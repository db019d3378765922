"""What load balancers send a service's requests to (loadBalancers): a port of one of its containers."""

from __future__ import annotations

from dataclasses import dataclass

from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present
from policies.resources.reading import optional, read_integer, read_text, required
from policies.resources.requested import asked_list

_KEY = "loadBalancers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Balanced:
    """One entry of loadBalancers, which has both by AWS: the container that gets requests, and its port."""

    container: str
    port: int


def read_balanced(service: Resource) -> tuple[Balanced, ...]:
    """What of a service load balancers send requests to. Raises NotDecidedError where one entry is not known."""
    return tuple(
        Balanced(
            container=required(read_text(service, _KEY, position, "containerName")),
            port=required(read_integer(service, _KEY, position, "containerPort")),
        )
        for position in range(len(optional(asked_list(service, _KEY), [])))
    )


def behind_load_balancer(service: Resource) -> bool:
    """Whether a load balancer sends requests to a service; what is not known counts as yes."""
    found = asked_list(service, _KEY)
    return not isinstance(found, Absent) and found != Present([])
