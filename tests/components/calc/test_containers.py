"""Container definitions: what is written, in which order, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from components.calc.containers import ContainerSpec, HealthCheck, Ulimit, container_definitions

SECRET = "arn:aws:ssm:ap-northeast-2:123456789012:parameter/dev/api/DB_PASSWORD"


def spec(name: str = "api", **changes: Any) -> ContainerSpec:
    values: dict[str, Any] = {
        "name": name,
        "image": f"{name}:1",
        "log_group": "/dev/api",
        "log_region": "ap-northeast-2",
    }
    return ContainerSpec(**(values | changes))


def full(**changes: Any) -> ContainerSpec:
    values: dict[str, Any] = {
        "port": 3000,
        "port_name": "server-3000-tcp",
        "app_protocol": "http",
        "environment": {"STAGE": "dev", "DB_CONN_LIMIT": "5"},
        "secrets": {"DB_PASSWORD": SECRET},
        "command": ("node", "main.js"),
        "entry_point": ("/entry",),
        "health_check": HealthCheck(command=("CMD-SHELL", "true"), interval=15, start_period=60),
        "user": "1000:1000",
        "read_only_root": False,
        "cpu": 128,
        "memory": 512,
        "memory_reservation": 256,
        "stop_timeout": 60,
        "depends_on": {"proxy": "START"},
        "init_process": False,
        "ulimits": (Ulimit(name="nofile", soft=1024, hard=4096),),
    }
    return spec("api", **(values | changes))


def refused(make: Callable[[], object]) -> str:
    with pytest.raises(ValueError) as caught:
        make()
    return str(caught.value)


def test_a_plain_container_states_every_default() -> None:
    assert json.loads(container_definitions([spec()])) == [
        {
            "name": "api",
            "image": "api:1",
            "cpu": 0,
            "essential": True,
            "environment": [],
            "linuxParameters": {"initProcessEnabled": True},
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": "/dev/api",
                    "awslogs-region": "ap-northeast-2",
                    "awslogs-stream-prefix": "api",
                    "max-buffer-size": "25m",
                    "mode": "non-blocking",
                },
            },
            "mountPoints": [],
            "portMappings": [],
            "readonlyRootFilesystem": True,
            "secrets": [],
            "stopTimeout": 30,
            "systemControls": [],
            "volumesFrom": [],
        }
    ]


def test_everything_that_can_be_set() -> None:
    api = json.loads(container_definitions([full(), spec("proxy")]))[0]
    plain = json.loads(container_definitions([spec()]))[0]
    assert {key: value for key, value in api.items() if plain.get(key) != value} == {
        "command": ["node", "main.js"],
        "cpu": 128,
        "dependsOn": [{"containerName": "proxy", "condition": "START"}],
        "entryPoint": ["/entry"],
        "environment": [{"name": "DB_CONN_LIMIT", "value": "5"}, {"name": "STAGE", "value": "dev"}],
        "healthCheck": {
            "command": ["CMD-SHELL", "true"],
            "interval": 15,
            "timeout": 5,
            "retries": 3,
            "startPeriod": 60,
        },
        "linuxParameters": {"initProcessEnabled": False},
        "memory": 512,
        "memoryReservation": 256,
        "portMappings": [{"appProtocol": "http", "containerPort": 3000, "name": "server-3000-tcp", "protocol": "tcp"}],
        "readonlyRootFilesystem": False,
        "secrets": [{"name": "DB_PASSWORD", "valueFrom": SECRET}],
        "stopTimeout": 60,
        "ulimits": [{"name": "nofile", "softLimit": 1024, "hardLimit": 4096}],
        "user": "1000:1000",
    }


def test_the_model_of_the_aws_api_takes_it() -> None:
    shape = (
        botocore.session.get_session().get_service_model("ecs").operation_model("RegisterTaskDefinition").input_shape
    )
    definitions = json.loads(container_definitions([full(), spec("proxy")]))
    report = ParamValidator().validate({"family": "dev-api", "containerDefinitions": definitions}, shape)
    assert report.generate_report() == ""


@given(st.permutations(["gateway", "api", "proxy", "collector"]), st.permutations(["A", "B", "C"]))
def test_order_of_containers_and_variables_does_not_show(names: list[str], variables: list[str]) -> None:
    environment = {variable: variable.lower() for variable in variables}
    secrets = {f"{variable}_SECRET": SECRET for variable in variables}
    written = container_definitions([spec(name, environment=environment, secrets=secrets) for name in names])
    assert [container["name"] for container in json.loads(written)] == ["api", "collector", "gateway", "proxy"]
    ordered = {variable: variable.lower() for variable in "ABC"}
    in_order = {f"{variable}_SECRET": SECRET for variable in "ABC"}
    assert written == container_definitions([spec(n, environment=ordered, secrets=in_order) for n in sorted(names)])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image": " "}, "The container 'api' has no image: name one with a tag or a digest."),
        ({"port": 0}, "The container 'api' has port 0: a port is a number from 1 to 65535."),
        ({"port": 65536}, "The container 'api' has port 65536: a port is a number from 1 to 65535."),
        ({"port_name": "x"}, "The container 'api' has port_name 'x' and no port: set the port it is for."),
        ({"app_protocol": "http"}, "The container 'api' has app_protocol 'http' and no port: set the port it is for."),
        (
            {"environment": {"B": "1", "A": "1"}, "secrets": {"A": SECRET, "B": SECRET}},
            "The container 'api' has A, B both in environment and in secrets, and ECS refuses that: keep each "
            "variable in "
            "one of them.",
        ),
        (
            {"environment": {"DB-LIMIT": "5"}},
            "The container 'api' has a variable named 'DB-LIMIT', which a shell cannot read: use letters, digits and "
            "'_', "
            "no digit first, like 'DB_CONN_LIMIT'.",
        ),
        (
            {"stop_timeout": 121},
            "The container 'api' has stop_timeout 121 s, and Fargate waits 1 to 120 s before it kills: change it into "
            "that "
            "range.",
        ),
        (
            {"stop_timeout": 0},
            "The container 'api' has stop_timeout 0 s, and Fargate waits 1 to 120 s before it kills: change it into "
            "that "
            "range.",
        ),
        ({"cpu": -1}, "The container 'api' reserves -1 CPU units: set 0 or more."),
        ({"memory": 5}, "The container 'api' has memory 5 MiB, and a container needs at least 6 MiB."),
        (
            {"memory_reservation": 5},
            "The container 'api' has memory_reservation 5 MiB, and a container needs at least 6 MiB.",
        ),
        (
            {"memory": 256, "memory_reservation": 256},
            "The container 'api' reserves 256 MiB and is killed at 256 MiB: memory must be greater than "
            "memory_reservation.",
        ),
    ],
)
def test_a_container_that_ecs_refuses(changes: dict[str, Any], message: str) -> None:
    assert refused(lambda: spec(**changes)) == message


def test_names_are_checked() -> None:
    assert refused(lambda: spec("my api")).startswith("The container name 'my api' is not one AWS accepts")
    assert refused(lambda: spec(port=1, port_name="A")).startswith("The port mapping name 'A' is not one AWS accepts")


def test_a_secret_value_is_refused_and_not_repeated() -> None:
    message = refused(lambda: spec(secrets={"DB_PASSWORD": "hunter2"}))
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
    assert refused(lambda: HealthCheck(command=("CMD", "true"), **changes)) == (
        f"The container health check has {what} {value}, and ECS takes {low} to {high}: change it into that range."
    )


@pytest.mark.parametrize("command", [(), ("CMD",), ("true", "x")])
def test_health_check_command(command: tuple[str, ...]) -> None:
    assert refused(lambda: HealthCheck(command=command)).startswith(
        f"The health check command {list(command)} does not begin with CMD or CMD-SHELL and something to run"
    )


def test_health_checks_must_not_overlap() -> None:
    assert refused(lambda: HealthCheck(command=("CMD", "true"), interval=10, timeout=11)) == (
        "The container health check has timeout 11 s above its interval of 10 s, so checks would overlap: set timeout "
        "to 10 s or less."
    )


def test_ulimits() -> None:
    assert refused(lambda: Ulimit(name="nofile", soft=2, hard=1)) == (
        "The ulimit 'nofile' has soft limit 2 and hard limit 1: the soft limit must be 0 or more and at most the hard "
        "limit."
    )


@pytest.mark.parametrize(
    ("specs", "message"),
    [
        ([], "A task cannot have 0 containers: ECS takes 1 to 10."),
        ([spec(f"c{n}") for n in range(11)], "A task cannot have 11 containers: ECS takes 1 to 10."),
        ([spec(), spec()], "Two containers of one task are named 'api': rename one of them."),
        (
            [spec("a", port=3000), spec("b", port=3000)],
            "The containers 'a' and 'b' both listen on port 3000, and under awsvpc the containers of a task share one "
            "network interface: give one of them another port.",
        ),
        (
            [spec("b", essential=False), spec("a", essential=False)],
            "None of the containers a, b is essential: the task would have nothing to live for; set essential on at "
            "least "
            "one.",
        ),
        (
            [spec("a", depends_on={"z": "START"}), spec("b")],
            "The container 'a' depends on 'z', which the task does not have: it has a, b.",
        ),
        (
            [spec("a", depends_on={"b": "HEALTHY"}), spec("b")],
            "The container 'a' waits until 'b' is HEALTHY, and 'b' has no health check: give it one, or wait for START.",
        ),
        (
            [spec("a", depends_on={"b": "SUCCESS"}), spec("b")],
            "The container 'a' waits for 'b' to end with SUCCESS, and 'b' is essential, so the task would end with "
            "it: set "
            "essential off on 'b', or wait for START.",
        ),
        (
            [spec("a", depends_on={"b": "START"}), spec("b", depends_on={"a": "START"}), spec("c")],
            "The containers a, b wait for each other in a circle: remove one of their dependencies.",
        ),
    ],
)
def test_a_task_that_ecs_refuses(specs: list[ContainerSpec], message: str) -> None:
    assert refused(lambda: container_definitions(specs)) == message


def test_a_chain_of_dependencies_is_no_circle() -> None:
    migrate = spec("migrate", essential=False)
    written = container_definitions(
        [spec("a", depends_on={"b": "START"}), spec("b", depends_on={"migrate": "SUCCESS"}), migrate]
    )
    assert [container.get("dependsOn") for container in json.loads(written)] == [
        [{"containerName": "b", "condition": "START"}],
        [{"containerName": "migrate", "condition": "SUCCESS"}],
        None,
    ]


def test_the_size_limit_counts_bytes() -> None:
    rest = len(container_definitions([spec(environment={"TEXT": ""})]).encode())
    fits = spec(environment={"TEXT": "한" * ((65536 - rest) // 3) + "x" * ((65536 - rest) % 3)})
    assert len(container_definitions([fits]).encode()) == 65536
    over = spec(environment={"TEXT": fits.environment["TEXT"] + "x"})
    assert refused(lambda: container_definitions([over])) == (
        "The container definitions have 65537 bytes, and ECS takes at most 65536: move large variables into files of "
        "the image or into parameters."
    )
