"""What is left of a task for the application."""

import pytest

from components.calc.tasks.fargate import FARGATE_MEMORY
from components.calc.tasks.otel import Collector
from components.calc.tasks.task_room import Room, application_room

COLLECTOR = Collector(image="i", cpu=32, memory=160)


@pytest.mark.parametrize(
    ("cpu", "memory", "service_connect", "collector", "room"),
    [
        (256, 512, False, None, Room(cpu=256, memory=512)),
        (512, 1024, True, None, Room(cpu=256, memory=960)),
        (512, 1024, True, COLLECTOR, Room(cpu=224, memory=800)),
        (256, 512, False, COLLECTOR, Room(cpu=224, memory=352)),
    ],
)
def test_the_application_gets_the_rest(
    cpu: int, memory: int, service_connect: bool, collector: Collector | None, room: Room
) -> None:
    assert application_room(cpu, memory, service_connect=service_connect, collector=collector) == room


@pytest.mark.parametrize(
    ("cpu", "memory", "collector", "message"),
    [
        (
            256,
            512,
            None,
            "A task of 256 CPU units and 512 MiB has too little room: Service Connect's proxy takes 256 units and 64 MiB, which "
            "leaves 0 units and 448 MiB of at least 128 and 256 to the application; set cpu 512 and memory 1024.",
        ),
        (
            256,
            2048,
            COLLECTOR,
            "A task of 256 CPU units and 2048 MiB has too little room: Service Connect's proxy takes 256 units and 64 MiB and "
            "the collector takes 32 units and 160 MiB, which leaves -32 units and 1824 MiB of at least 128 and 256 to the "
            "application; set cpu 512 and memory 2048.",
        ),
    ],
)
def test_too_small_a_task_is_refused_with_the_sum_and_the_size_that_fits(
    cpu: int, memory: int, collector: Collector | None, message: str
) -> None:
    with pytest.raises(ValueError) as refused:
        application_room(cpu, memory, service_connect=True, collector=collector)
    assert str(refused.value) == message


@pytest.mark.parametrize("size", [(cpu, memory) for cpu, sizes in FARGATE_MEMORY.items() for memory in sizes])
def test_the_size_that_is_advised_is_accepted(size: tuple[int, int]) -> None:
    huge = Collector(image="i", cpu=700, memory=3000)
    try:
        application_room(*size, service_connect=True, collector=huge)
    except ValueError as error:
        advised = str(error).rpartition("set ")[2].rstrip(".").removeprefix("cpu ").split(" and memory ")
        application_room(int(advised[0]), int(advised[1]), service_connect=True, collector=huge)
        assert int(advised[1]) in FARGATE_MEMORY[int(advised[0])]
