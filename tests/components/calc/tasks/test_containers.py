"""Container definitions: what is written, in which order, and what is refused."""

import json
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from components.calc.tasks.containers import ContainerSpec, HealthCheck, container_definitions
from tests.components.calc.tasks.test_container_spec import SECRET, spec
from tests.refusals import refusal


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
        "starts_after": ("proxy",),
    }
    return spec("api", **(values | changes))


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
        "memory": 512,
        "memoryReservation": 256,
        "portMappings": [{"appProtocol": "http", "containerPort": 3000, "name": "server-3000-tcp", "protocol": "tcp"}],
        "readonlyRootFilesystem": False,
        "secrets": [{"name": "DB_PASSWORD", "valueFrom": SECRET}],
        "stopTimeout": 60,
        "user": "1000:1000",
    }


def test_a_placeholder_gets_no_secret_until_its_first_image() -> None:
    [waiting, _] = json.loads(container_definitions([full(first_command=("node", "main.js")), spec("proxy")]))
    assert waiting["secrets"] == []
    assert waiting["dockerLabels"] == {
        "placeholder-for": '["node","main.js"]',
        "placeholder-secrets": f'{{"DB_PASSWORD":"{SECRET}"}}',
    }
    [alone] = json.loads(container_definitions([spec(first_command=())]))
    assert alone["dockerLabels"] == {"placeholder-for": "[]"}


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
            "least one.",
        ),
        (
            [spec("a", starts_after=("z",)), spec("b")],
            "The container 'a' depends on 'z', which the task does not have: it has a, b.",
        ),
        (
            [spec("a", starts_after=("b",)), spec("b", starts_after=("a",)), spec("c")],
            "The containers a, b wait for each other in a circle: remove one of their dependencies.",
        ),
    ],
)
def test_a_task_that_ecs_refuses(specs: list[ContainerSpec], message: str) -> None:
    assert refusal(lambda: container_definitions(specs)) == message


def test_a_chain_of_dependencies_is_no_circle() -> None:
    written = container_definitions([spec("a", starts_after=("b",)), spec("b", starts_after=("c",)), spec("c")])
    assert [container.get("dependsOn") for container in json.loads(written)] == [
        [{"containerName": "b", "condition": "START"}],
        [{"containerName": "c", "condition": "START"}],
        None,
    ]


def test_ten_containers_are_the_most() -> None:
    assert len(json.loads(container_definitions([spec(f"c{number}") for number in range(10)]))) == 10


def test_the_size_limit_counts_bytes() -> None:
    rest = len(container_definitions([spec(environment={"TEXT": ""})]).encode())
    fits = spec(environment={"TEXT": "한" * ((65536 - rest) // 3) + "x" * ((65536 - rest) % 3)})
    assert len(container_definitions([fits]).encode()) == 65536
    over = spec(environment={"TEXT": fits.environment["TEXT"] + "x"})
    assert refusal(lambda: container_definitions([over])) == (
        "The container definitions of api have 65537 bytes, and ECS takes at most 65536: move large variables into files of "
        "the image or into parameters."
    )
