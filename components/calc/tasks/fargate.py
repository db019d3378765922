"""The task sizes AWS Fargate offers: which memory goes with which CPU."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FARGATE_MEMORY: Final[Mapping[int, tuple[int, ...]]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
    32768: (61440, 122880, 249856),
}
"""Memory in MiB by CPU units (1024 = 1 vCPU), for Linux tasks.

8192 units and more need platform version 1.4.0, which is the latest.
Source: Amazon ECS Developer Guide, "Amazon ECS task definition differences for Fargate", task CPU and memory.
"""


def check_task_size(cpu: int, memory: int) -> None:
    """Raise ValueError unless Fargate has tasks of `cpu` units and `memory` MiB; the message names the valid values."""
    valid = FARGATE_MEMORY.get(cpu)
    if valid is None:
        raise ValueError(
            f"Fargate has no tasks with {cpu} CPU units: allowed are {_listed(tuple(FARGATE_MEMORY))}; "
            f"1024 units are one vCPU."
        )
    if memory in valid:
        return
    fitting = next((size for size in valid if size >= memory), valid[-1])
    raise ValueError(
        f"Fargate has no tasks with {cpu} CPU units and {memory} MiB of memory: with {cpu} CPU units it offers "
        f"{_described(valid)}; set memory to {fitting}{_other_cpu(memory)}."
    )


def smallest_task(cpu: int, memory: int) -> tuple[int, int]:
    """CPU units and MiB of the smallest task that has at least these; of the largest one where none has."""
    for units, sizes in FARGATE_MEMORY.items():
        if units >= cpu and (size := next((size for size in sizes if size >= memory), None)) is not None:
            return units, size
    units = max(FARGATE_MEMORY)
    return units, FARGATE_MEMORY[units][-1]


def _other_cpu(memory: int) -> str:
    cpus = tuple(cpu for cpu, sizes in FARGATE_MEMORY.items() if memory in sizes)
    return f", or keep {memory} MiB with cpu {_listed(cpus, 'or')}" if cpus else ""


def _described(sizes: tuple[int, ...]) -> str:
    if len(sizes) <= 8:
        return f"{_listed(sizes)} MiB"
    return f"{sizes[0]} to {sizes[-1]} MiB in steps of {sizes[1] - sizes[0]}"


def _listed(values: tuple[int, ...], conjunction: str = "and") -> str:
    if len(values) == 1:
        return str(values[0])
    return f"{', '.join(str(value) for value in values[:-1])} {conjunction} {values[-1]}"
