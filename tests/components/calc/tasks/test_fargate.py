"""Task sizes: exactly the pairs that Fargate documents."""

import pytest

from components.calc.tasks.fargate import FARGATE_MEMORY, check_task_size


def test_the_table() -> None:
    assert {cpu: (len(sizes), sizes[0], sizes[-1]) for cpu, sizes in FARGATE_MEMORY.items()} == {
        256: (3, 512, 2048),
        512: (4, 1024, 4096),
        1024: (7, 2048, 8192),
        2048: (13, 4096, 16384),
        4096: (23, 8192, 30720),
        8192: (12, 16384, 61440),
        16384: (12, 32768, 122880),
        32768: (3, 61440, 249856),
    }


def test_every_pair_of_the_table_is_accepted() -> None:
    for cpu, sizes in FARGATE_MEMORY.items():
        for memory in sizes:
            check_task_size(cpu, memory)


@pytest.mark.parametrize(
    ("cpu", "memory", "message"),
    [
        (
            300,
            512,
            "Fargate has no tasks with 300 CPU units: allowed are 256, 512, 1024, 2048, 4096, 8192, 16384 and 32768; "
            "1024 units are one vCPU.",
        ),
        (
            256,
            4096,
            "Fargate has no tasks with 256 CPU units and 4096 MiB of memory: with 256 CPU units it offers 512, 1024 "
            "and 2048 MiB; set memory to 2048, or keep 4096 MiB with cpu 512, 1024 or 2048.",
        ),
        (
            2048,
            5000,
            "Fargate has no tasks with 2048 CPU units and 5000 MiB of memory: with 2048 CPU units it offers 4096 to "
            "16384 MiB in steps of 1024; set memory to 5120.",
        ),
        (
            1024,
            512,
            "Fargate has no tasks with 1024 CPU units and 512 MiB of memory: with 1024 CPU units it offers 2048, 3072, "
            "4096, 5120, 6144, 7168 and 8192 MiB; set memory to 2048, or keep 512 MiB with cpu 256.",
        ),
    ],
)
def test_what_is_refused(cpu: int, memory: int, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        check_task_size(cpu, memory)
    assert str(caught.value) == message
