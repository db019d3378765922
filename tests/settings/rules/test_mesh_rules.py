"""Settings of services that call each other, and of tasks with more than one container."""

from collections.abc import Callable
from typing import Any

from tests.project import PROJECT
from tests.settings.reading import reported, settings_of

Values = Callable[[str], dict[str, Any]]


def test_a_task_without_room_for_the_proxy_and_the_collector(stage_values: Values) -> None:
    values = stage_values("dev")
    values[f"{PROJECT}:serviceOverrides"]["gateway"] = {"cpu": 256, "memory": 512}
    [problem] = reported(values)
    assert problem == (
        "Pulumi.dev.yaml",
        "serviceOverrides.gateway.memory",
        "cpu 256 with memory 512",
        "A task of 256 CPU units and 512 MiB has too little room: Service Connect's proxy takes 256 units and 64 MiB and the "
        "collector takes 32 units and 160 MiB, which leaves -32 units and 288 MiB of at least 128 and 256 to the "
        "application; set cpu 512 and memory 1024.",
    )


def test_a_port_that_the_collector_listens_on(stage_values: Values) -> None:
    values = stage_values("dev")
    values[f"{PROJECT}:services"]["gateway"]["port"] = 4318
    [problem] = reported(values)
    assert problem == (
        "Pulumi.yaml",
        "services.gateway.port",
        "4318",
        "The application cannot listen on port 4318: the collector beside it listens on 4317, 4318 and 13133 of the same "
        "network interface; choose another port, for example 3000.",
    )
    values[f"{PROJECT}:services"]["gateway"]["telemetry"] = False
    assert settings_of(values)


def test_services_that_call_each_other_in_a_circle(stage_values: Values) -> None:
    values = stage_values("dev")
    values[f"{PROJECT}:serviceOverrides"]["legacy-api"] = {
        "environment": {"GATEWAY_URL": "http://gateway.dev-itemscout-ns:3000"}
    }
    [problem] = reported(values)
    assert problem == (
        "Pulumi.dev.yaml",
        "serviceOverrides.legacy-api.environment.GATEWAY_URL",
        "http://gateway.dev-itemscout-ns:3000",
        "The services gateway -> legacy-api -> gateway call each other in a circle: whichever starts first never learns of "
        "the other, because Service Connect tells a task its names only when it starts. Let one of them call through the load "
        "balancer's public name.",
    )


def test_telemetry_needs_its_image(stage_values: Values) -> None:
    values = stage_values("dev")
    values["category-analyzer:platform"]["telemetry"] = {"enabled": True}
    [problem] = reported(values)
    assert problem == (
        "Pulumi.yaml",
        "platform.telemetry.enabled",
        "true",
        "enabled: true needs collectorImage, the collector's image by digest",
    )
