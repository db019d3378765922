"""Times around start and end of a task: AWS's ranges, and the order that loses no request."""

from typing import Any

import pytest

from components.calc.tasks.health import (
    HEALTH_INTERVAL_SECONDS,
    HEALTH_TIMEOUT_SECONDS,
    HEALTHY_CHECKS,
    UNHEALTHY_CHECKS,
)
from components.calc.tasks.timeouts import timeout_problems


def problems(**changes: Any) -> list[str]:
    values: dict[str, Any] = {"stop_timeout_s": 60, "deregistration_delay_s": 60}
    return timeout_problems(**(values | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"stop_timeout_s": 1}, {"stop_timeout_s": 120}, {"deregistration_delay_s": 0},
        {"deregistration_delay_s": 3600},
        {"health_grace_s": 30}, {"health_grace_s": 2_147_483_647}, {"longest_request_s": 60},
        {"longest_request_s": 300, "deregistration_delay_s": 300, "stop_timeout_s": 120},
        {"spot": True, "deregistration_delay_s": 120},
    ],
)  # fmt: skip
def test_times_in_order(changes: dict[str, Any]) -> None:
    assert problems(**changes) == []


@pytest.mark.parametrize(
    ("changes", "what", "value", "who", "low", "high"),
    [
        ({"stop_timeout_s": 0}, "stop timeout", 0, "Fargate", 1, 120),
        ({"stop_timeout_s": 121}, "stop timeout", 121, "Fargate", 1, 120),
        ({"deregistration_delay_s": -1}, "deregistration delay", -1, "the load balancer", 0, 3600),
        ({"deregistration_delay_s": 3601}, "deregistration delay", 3601, "the load balancer", 0, 3600),
    ],
)
def test_ranges(changes: dict[str, Any], what: str, value: int, who: str, low: int, high: int) -> None:
    assert problems(**changes) == [
        f"The {what} is {value} s, and {who} takes {low} to {high} s: change it into that range."
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"health_grace_s": 29},
            "The health check grace period of 29 s ends before a new task can be healthy, which takes at least 30 s of "
            "checks, so ECS may stop it while it starts: set 30 s or more.",
        ),
        (
            {"health_grace_s": 0},
            "The health check grace period of 0 s ends before a new task can be healthy, which takes at least 30 s of "
            "checks, so ECS may stop it while it starts: set 30 s or more.",
        ),
        (
            {"health_grace_s": 2_147_483_648},
            "The health check grace period is 2147483648 s, and ECS takes 0 to 2147483647 s: change it into that range.",
        ),
        (
            {"health_grace_s": -1},
            "The health check grace period is -1 s, and ECS takes 0 to 2147483647 s: change it into that range.",
        ),
        (
            {"longest_request_s": 60, "deregistration_delay_s": 59},
            "The deregistration delay of 59 s is shorter than the longest request of 60 s, so a deployment cuts such "
            "requests off: set it to 60 s or more.",
        ),
        (
            {"longest_request_s": 60, "stop_timeout_s": 59},
            "The stop timeout of 59 s is shorter than the longest request of 60 s, so requests through Service Connect "
            "are killed: set it to 60 s or more.",
        ),
        (
            {"longest_request_s": 300, "deregistration_delay_s": 300, "stop_timeout_s": 119},
            "The stop timeout of 119 s is shorter than the longest request of 300 s, so requests through Service "
            "Connect are killed: set it to 120 s or more.",
        ),
        (
            {"spot": True, "deregistration_delay_s": 121},
            "The deregistration delay is 121 s, and a Fargate Spot task ends 120 s after its warning, with requests "
            "still under way: set 120 s or less, or take the service off Spot.",
        ),
    ],
)
def test_order(changes: dict[str, Any], sentence: str) -> None:
    assert problems(**changes) == [sentence]


def test_every_problem_is_said_at_once() -> None:
    assert timeout_problems(stop_timeout_s=500, deregistration_delay_s=9999) == [
        "The stop timeout is 500 s, and Fargate takes 1 to 120 s: change it into that range.",
        "The deregistration delay is 9999 s, and the load balancer takes 0 to 3600 s: change it into that range.",
    ]


def test_the_health_checks_own_times_are_ones_that_the_load_balancer_takes() -> None:
    """ELB API Reference, CreateTargetGroup; of a target group no timeout is as long as its interval."""
    assert 5 <= HEALTH_INTERVAL_SECONDS <= 300
    assert 2 <= HEALTH_TIMEOUT_SECONDS <= min(120, HEALTH_INTERVAL_SECONDS - 1)
    assert all(2 <= checks <= 10 for checks in (HEALTHY_CHECKS, UNHEALTHY_CHECKS))
