"""Task sizes: pairs of CPU and memory that Fargate has, with room for all containers of the task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from components.calc.tasks.fargate import FARGATE_MEMORY, check_task_size, smallest_task
from components.calc.tasks.otel import Collector
from components.calc.tasks.task_room import LEAST_CPU, LEAST_MEMORY_MIB, PROXY_CPU, PROXY_MEMORY_MIB, application_room
from settings.problems import Problem, put, refusal
from settings.workloads import Job, Service


def size_problems(services: Sequence[Service], jobs: Sequence[Job], collector: Collector | None) -> Iterator[Problem]:
    """Sizes that do not exist, and tasks too small for what runs in them; collector: None in a stage without one."""
    for service in services:
        yield from _size(service, collector if service.telemetry else None)
    for job in jobs:
        yield from _size(job, None)


def _size(workload: Service | Job, collector: Collector | None) -> Iterator[Problem]:
    cpu, memory = workload.cpu, workload.memory
    connect = isinstance(workload, Service)
    why = refusal(lambda: check_task_size(cpu, memory)) or refusal(
        lambda: application_room(cpu, memory, service_connect=connect, collector=collector)
    )
    if why is None:
        return
    least = [256, 512]
    if connect:
        least = [PROXY_CPU + LEAST_CPU, PROXY_MEMORY_MIB + LEAST_MEMORY_MIB]
    if collector is not None:
        least = [least[0] + collector.cpu, least[1] + collector.memory]
    fitting = smallest_task(max(cpu, least[0]), max(memory, least[1]))
    # A number of CPU units that no task has is wrong by itself, however the memory is chosen.
    of_cpu = cpu not in FARGATE_MEMORY
    yield Problem(
        at=workload.places.of("cpu") if of_cpu else workload.places.of("memory", "cpu"),
        found=f"cpu {cpu} with memory {memory}",
        allowed=why,
        example=put(cpu=fitting[0]) if of_cpu and fitting[1] == memory else put(cpu=fitting[0], memory=fitting[1]),
    )
