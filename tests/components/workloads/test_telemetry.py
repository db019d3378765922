"""The collector beside the services of the real stages, and the switch that takes it away."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from offline.engine.outcome import Outcome
from tests.project import PROJECT

Preview = Callable[..., Outcome]
Values = Callable[[str], dict[str, Any]]
SERVICES = ("datalab-api", "gateway", "legacy-api", "tracking-api")


def containers(outcome: Outcome) -> dict[str, dict[str, Any]]:
    """Workload to its containers by name."""
    return {
        resource.name: {entry["name"]: entry for entry in json.loads(resource.inputs["containerDefinitions"])}
        for resource in outcome.resources
        if resource.type == "aws:ecs/taskDefinition:TaskDefinition"
    }


def policies(outcome: Outcome) -> dict[str, str]:
    found = (r for r in outcome.resources if r.type == "aws:iam/rolePolicy:RolePolicy" and r.name.endswith("-task"))
    return {resource.name: resource.inputs["policy"] for resource in found}


@pytest.mark.parametrize("stage", ["dev", "prd"])
def test_every_service_has_a_collector_that_cannot_harm_it(preview: Preview, stage: str) -> None:
    found = containers(preview(stage))
    for name in SERVICES:
        collector = found[name]["otel-collector"]
        assert (collector["essential"], collector["cpu"], collector["memory"]) == (False, 32, 160)
        assert (collector["readonlyRootFilesystem"], collector["user"]) == (True, "1000:1000")
        assert "@sha256:" in collector["image"]
        assert found[name][name]["dependsOn"] == [{"condition": "START", "containerName": "otel-collector"}]
        assert "dependsOn" not in collector
    others = {name for name, entries in found.items() if "otel-collector" not in entries}
    assert others == {"category-batch", "ranking-batch", *(["api-docs"] if stage == "dev" else [])}


@pytest.mark.parametrize("stage", ["dev", "prd"])
def test_the_parts_of_a_task_add_up_to_its_size(preview: Preview, stage: str) -> None:
    definitions = {
        resource.name: resource
        for resource in preview(stage).resources
        if resource.type == "aws:ecs/taskDefinition:TaskDefinition"
    }
    found = containers(preview(stage))
    for name in SERVICES:
        inputs, application = definitions[name].inputs, found[name][name]
        assert (inputs["cpu"], inputs["memory"]) == ("512", "1024")
        assert application["cpu"] + 32 + 256 == 512
        assert application["memoryReservation"] + 160 + 64 == 1024


def test_the_application_finds_it_and_it_says_service_and_stage(preview: Preview) -> None:
    entries = containers(preview("prd"))["tracking-api"]
    told = {entry["name"]: entry["value"] for entry in entries["tracking-api"]["environment"]}
    assert told["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:4318"
    assert told["OTEL_SERVICE_NAME"] == "tracking-api"
    [variable] = entries["otel-collector"]["environment"]
    configuration = json.loads(variable["value"])
    assert variable["name"] == "AOT_CONFIG_CONTENT"
    assert {entry["key"]: entry["value"] for entry in configuration["processors"]["resource"]["attributes"]} == {
        "deployment.environment.name": "prd",
        "service.name": "tracking-api",
        "service.namespace": "itemscout",
    }
    assert configuration["exporters"]["awsemf"]["log_group_name"] == "/prd/tracking-api"


def test_only_what_has_a_collector_may_send_traces(preview: Preview) -> None:
    granted = {name for name, policy in policies(preview("prd")).items() if "xray:PutTraceSegments" in policy}
    assert granted == {f"{name}-task" for name in SERVICES}


def test_one_switch_takes_it_away(preview: Preview, stage_values: Values) -> None:
    platform = stage_values("dev")["category-analyzer:platform"]
    off = preview("dev", {"platform": {**platform, "telemetry": {"enabled": False}}})
    assert not [name for name, entries in containers(off).items() if "otel-collector" in entries]
    assert not [policy for policy in policies(off).values() if "xray" in policy]
    application = containers(off)["gateway"]["gateway"]
    assert not [entry for entry in application["environment"] if entry["name"].startswith("OTEL_")]
    assert (application["cpu"], application["memoryReservation"]) == (256, 960)


def test_a_service_may_go_without(preview: Preview, stage_values: Values) -> None:
    overrides = stage_values("dev")[f"{PROJECT}:serviceOverrides"]
    found = containers(preview("dev", {"serviceOverrides": {**overrides, "gateway": {"telemetry": False}}}))
    assert sorted(name for name, entries in found.items() if "otel-collector" in entries) == [
        "datalab-api",
        "legacy-api",
        "tracking-api",
    ]
