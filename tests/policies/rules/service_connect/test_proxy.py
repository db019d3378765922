"""The policy `service-connect-room`: what is left of a task for the proxy."""

import json
from typing import Any

import pytest

from policies.resources import tokens
from policies.rules.service_connect.proxy import service_connect_room
from tests.policies.judging import judged


def room(stack: Any, cpu: Any, memory: Any, *containers: dict[str, Any]) -> list[str]:
    stack.joins("api", port=None)
    definition = stack.urn(tokens.TASK_DEFINITION, "api")
    stack.change(definition, cpu=cpu, memory=memory, containerDefinitions=json.dumps(list(containers)))
    return [finding.message for finding in judged(service_connect_room, stack.graph())]


@pytest.mark.parametrize(
    ("cpu", "memory", "containers"),
    [
        ("256", "512", [{"name": "app"}]),
        ("512", "1024", [{"name": "app", "cpu": 256, "memoryReservation": 960}]),
        (
            "512",
            "1024",
            [{"name": "app", "cpu": 224, "memoryReservation": 800}, {"name": "otel", "cpu": 32, "memory": 160}],
        ),
        (None, None, [{"name": "app", "cpu": 4096, "memory": 8192}]),
    ],
)
def test_256_units_and_64_mib_are_enough(stack: Any, cpu: Any, memory: Any, containers: list[dict[str, Any]]) -> None:
    assert room(stack, cpu, memory, *containers) == []


def test_less_is_a_violation_with_numbers(stack: Any) -> None:
    assert room(
        stack, "256", "512", {"name": "app", "cpu": 1, "memory": 300}, {"name": "b", "memoryReservation": 149}
    ) == [
        "api: the task has 256 CPU units of cpu and its containers claim 1, which leaves 255 for the Service Connect proxy. "
        "Required: 256; every request between services goes through the proxy. Raise cpu of the task to at "
        "least 257, or lower what its containers reserve.",
        "api: the task has 512 MiB of memory and its containers claim 449, which leaves 63 for the Service Connect proxy. "
        "Required: 64; every request between services goes through the proxy. Raise memory of the task to "
        "at least 513, or lower what its containers reserve.",
    ]


def test_a_soft_limit_counts_before_the_hard_one(stack: Any) -> None:
    assert room(stack, None, "512", {"name": "app", "memory": 512, "memoryReservation": 448}) == []


def test_a_service_outside_of_service_connect_has_no_proxy(stack: Any) -> None:
    stack.service("plain", limit=None)
    stack.change(
        stack.urn(tokens.TASK_DEFINITION, "plain"), cpu="256", containerDefinitions='[{"name": "a", "cpu": 256}]'
    )
    assert judged(service_connect_room, stack.graph()) == []


def test_an_unknown_size_is_a_violation(stack: Any, unknown: str) -> None:
    definition = stack.urn(tokens.TASK_DEFINITION, "api")
    assert room(stack, unknown, "512", {"name": "app"}) == [f"api: undecided at preview: cpu of {definition}."]
