"""How much of a Fargate task is left to the application beside the containers that AWS and the platform put into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .fargate import smallest_task
from .otel import Collector

PROXY_CPU: Final = 256
PROXY_MEMORY_MIB: Final = 64
"""What Service Connect's proxy takes; what a task's other containers do not reserve is the proxy's.

Source: Amazon ECS Developer Guide, "Service Connect", which recommends to add 256 CPU units and at least 64 MiB.
"""
LEAST_CPU: Final = 128
LEAST_MEMORY_MIB: Final = 256
"""Less than this and a Node application starts too slowly for its health check, or ends at its first full collection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What the application reserves: CPU units and MiB. It may use more while the others need less."""

    cpu: int
    memory: int


def application_room(cpu: int, memory: int, *, service_connect: bool, collector: Collector | None) -> Room:
    """The application's part of a task of `cpu` units and `memory` MiB.

    Raises ValueError when too little is left; the message has the sum and the smallest task that has room for all.
    """
    parts = [
        *([("Service Connect's proxy", PROXY_CPU, PROXY_MEMORY_MIB)] if service_connect else []),
        *([("the collector", collector.cpu, collector.memory)] if collector is not None else []),
    ]
    others_cpu, others_memory = sum(part[1] for part in parts), sum(part[2] for part in parts)
    room = Room(cpu=cpu - others_cpu, memory=memory - others_memory)
    if not parts or (room.cpu >= LEAST_CPU and room.memory >= LEAST_MEMORY_MIB):
        return room
    fitting = smallest_task(others_cpu + LEAST_CPU, max(others_memory + LEAST_MEMORY_MIB, memory))
    taken = " and ".join(f"{who} takes {units} units and {mib} MiB" for who, units, mib in parts)
    raise ValueError(
        f"A task of {cpu} CPU units and {memory} MiB has too little room: {taken}, which leaves {room.cpu} units and "
        f"{room.memory} MiB of at least {LEAST_CPU} and {LEAST_MEMORY_MIB} to the application; set "
        f"cpu {fitting[0]} and memory {fitting[1]}."
    )
