"""Which service calls which, read from the addresses in their environments, and the order in which that starts them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

_ADDRESS: Final = re.compile(r"https?://(?:[^\s/@]*@)?([a-z0-9.-]+):([0-9]{1,5})", re.IGNORECASE)


def calls_of(
    environments: Mapping[str, Mapping[str, str]], *, namespace: str, ports: Mapping[str, int]
) -> dict[str, tuple[str, ...]]:
    """Service to the services whose Service Connect address `<service>.<namespace>:<port>` its environment names.

    `ports` are the services by what they listen on. An address that is none of these is left to the policy
    `service-connect-contract`; a service that names itself calls nobody.
    """
    by_address = {(f"{name}.{namespace}".lower(), port): name for name, port in ports.items()}

    def called(client: str, environment: Mapping[str, str]) -> set[str]:
        addresses = (match for value in environment.values() for match in _ADDRESS.finditer(value))
        return {by_address.get((match[1].lower(), int(match[2])), client) for match in addresses} - {client}

    return {client: tuple(sorted(called(client, environment))) for client, environment in environments.items()}


def start_order(calls: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The services so that each comes after those it calls, by name where that leaves a choice.

    Service Connect gives a task its names when the task starts, so a client must start after what it calls (Amazon ECS
    Developer Guide, "Service Connect components"). Raises ValueError naming a circle, in which no order is right.
    """
    waiting = {name: {other for other in others if other in calls} for name, others in calls.items()}
    order: list[str] = []
    while waiting:
        ready = sorted(name for name, others in waiting.items() if not others)
        if not ready:
            circle = " -> ".join(_circle(waiting))
            raise ValueError(
                f"The services {circle} call each other in a circle: whichever starts first never learns of the other, because "
                "Service Connect tells a task its names only when it starts. Let one of them call through the load balancer's "
                "public name."
            )
        order += ready
        waiting = {name: others - {*ready} for name, others in waiting.items() if name not in ready}
    return tuple(order)


def _circle(waiting: Mapping[str, Iterable[str]]) -> list[str]:
    """One circle among services that all wait, its first service at both ends."""
    path = [min(waiting)]
    while True:
        following = min(waiting[path[-1]])
        if following in path:
            return [*path[path.index(following) :], following]
        path.append(following)
