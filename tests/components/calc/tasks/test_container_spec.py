"""One container: the ranges and combinations that ECS refuses, and the ends of the ranges that it takes."""

from typing import Any

import pytest

from components.calc.tasks.container_spec import ContainerSpec, HealthCheck
from tests.refusals import refusal

SECRET = "arn:aws:ssm:ap-northeast-2:123456789012:parameter/dev/api/DB_PASSWORD"


def spec(name: str = "api", **changes: Any) -> ContainerSpec:
    values: dict[str, Any] = {
        "name": name,
        "image": f"{name}:1",
        "log_group": "/dev/api",
        "log_region": "ap-northeast-2",
    }
    return ContainerSpec(**(values | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"port": 1}, {"port": 65535}, {"stop_timeout": 1}, {"stop_timeout": 120}, {"memory": 6},
        {"memory_reservation": 6}, {"memory": 257, "memory_reservation": 256}, {"cpu": 0}, {"environment": {"_a1": ""}},
        {"secrets": {"A": "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:db-AbCdEf"}},
    ],
)  # fmt: skip
def test_the_ends_of_the_ranges_are_inside(changes: dict[str, Any]) -> None:
    made = spec(**changes)
    assert {name: getattr(made, name) for name in changes} == changes


@pytest.mark.parametrize(
    "changes",
    [
        {"interval": 5}, {"interval": 300}, {"timeout": 2}, {"interval": 60, "timeout": 60}, {"retries": 1},
        {"retries": 10}, {"start_period": 0}, {"start_period": 300},
    ],
)  # fmt: skip
def test_the_ends_of_a_health_checks_ranges_are_inside(changes: dict[str, int]) -> None:
    made = HealthCheck(command=("CMD", "true"), **changes)
    assert {name: getattr(made, name) for name in changes} == changes


def test_a_health_check_has_the_defaults_of_ecs() -> None:
    made = HealthCheck(command=("CMD", "true"))
    assert (made.interval, made.timeout, made.retries, made.start_period) == (30, 5, 3, 0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image": " "}, "has no image: name one with a tag or a digest."),
        ({"port": 0}, "has port 0: a port is a number from 1 to 65535."),
        ({"port": 65536}, "has port 65536: a port is a number from 1 to 65535."),
        ({"port_name": "x"}, "has port_name 'x' and no port: set the port it is for."),
        ({"app_protocol": "http"}, "has app_protocol 'http' and no port: set the port it is for."),
        (
            {"environment": {"B": "1", "A": "1"}, "secrets": {"A": SECRET, "B": SECRET}},
            "has A, B both in environment and in secrets, and ECS refuses that: keep each variable in one of them.",
        ),
        (
            {"environment": {"DB-LIMIT": "5"}},
            "has a variable named 'DB-LIMIT', which a shell cannot read: use letters, digits and '_', no digit first, "
            "like 'DB_CONN_LIMIT'.",
        ),
        (
            {"stop_timeout": 121},
            "has stop_timeout 121 s, and Fargate waits 1 to 120 s before it kills: change it into that range.",
        ),
        (
            {"stop_timeout": 0},
            "has stop_timeout 0 s, and Fargate waits 1 to 120 s before it kills: change it into that range.",
        ),
        (
            {"user": "1000:2147483648"},
            "runs as 1000:2147483648, and a numeric user or group is 0 to 2147483647: choose one in that "
            "range, like 1000:1000.",
        ),
        ({"cpu": -1}, "reserves -1 CPU units: set 0 or more."),
        ({"memory": 5}, "has memory 5 MiB, and a container needs at least 6 MiB."),
        ({"memory_reservation": 5}, "has memory_reservation 5 MiB, and a container needs at least 6 MiB."),
        (
            {"memory": 256, "memory_reservation": 256},
            "reserves 256 MiB and is killed at 256 MiB: memory must be greater than memory_reservation.",
        ),
    ],
)
def test_a_container_that_ecs_refuses(changes: dict[str, Any], message: str) -> None:
    assert refusal(lambda: spec(**changes)) == f"The container 'api' {message}"


def test_names_are_checked() -> None:
    assert refusal(lambda: spec("my api")).startswith("The container name 'my api' is not one AWS accepts")
    assert refusal(lambda: spec(port=1, port_name="A")).startswith("The port mapping name 'A' is not one AWS accepts")


def test_a_secret_value_is_refused_and_not_repeated() -> None:
    message = refusal(lambda: spec(secrets={"DB_PASSWORD": "hunter2"}))
    assert message == (
        "The secret DB_PASSWORD of the container 'api' is not the ARN of an SSM parameter or a Secrets Manager secret: "
        "give its ARN, never its value."
    )


@pytest.mark.parametrize(
    ("changes", "what", "value", "low", "high"),
    [
        ({"interval": 4}, "interval", 4, 5, 300),
        ({"interval": 301}, "interval", 301, 5, 300),
        ({"timeout": 1}, "timeout", 1, 2, 60),
        ({"timeout": 61}, "timeout", 61, 2, 60),
        ({"retries": 0}, "retries", 0, 1, 10),
        ({"retries": 11}, "retries", 11, 1, 10),
        ({"start_period": -1}, "start_period", -1, 0, 300),
        ({"start_period": 301}, "start_period", 301, 0, 300),
    ],
)
def test_health_check_ranges(changes: dict[str, int], what: str, value: int, low: int, high: int) -> None:
    assert refusal(lambda: HealthCheck(command=("CMD", "true"), **changes)) == (
        f"The container health check has {what} {value}, and ECS takes {low} to {high}: change it into that range."
    )


@pytest.mark.parametrize("command", [(), ("CMD",), ("true", "x")])
def test_health_check_command(command: tuple[str, ...]) -> None:
    assert refusal(lambda: HealthCheck(command=command)).startswith(
        f"The health check command {list(command)} does not begin with CMD or CMD-SHELL and something to run"
    )


def test_health_checks_must_not_overlap() -> None:
    assert refusal(lambda: HealthCheck(command=("CMD", "true"), interval=10, timeout=11)) == (
        "The container health check has timeout 11 s above its interval of 10 s, so checks would overlap: set timeout "
        "to 10 s or less."
    )
