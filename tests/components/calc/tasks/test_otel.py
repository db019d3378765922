"""The collector's configuration: generated, checked, and what the application is told."""

import copy
import json
from typing import Any

import pytest

from components.calc.tasks.otel import (
    Collector,
    Telemetry,
    application_variables,
    collector_configuration,
    configuration_problems,
)

TELEMETRY = Telemetry(
    project="itemscout", stage="dev", service="datalab-api", region="ap-northeast-2", log_group="/dev/datalab-api"
)


@pytest.fixture
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(collector_configuration(TELEMETRY, memory_mib=160))
    return found


def test_traces_go_to_x_ray_and_metrics_to_cloudwatch(document: dict[str, Any]) -> None:
    assert document["service"]["pipelines"] == {
        "traces": {
            "receivers": ["otlp"],
            "processors": ["memory_limiter", "resourcedetection", "resource", "batch/traces"],
            "exporters": ["awsxray"],
        },
        "metrics": {
            "receivers": ["otlp"],
            "processors": ["memory_limiter", "resourcedetection", "resource", "batch/metrics"],
            "exporters": ["awsemf"],
        },
    }
    assert document["exporters"]["awsemf"] == {
        "dimension_rollup_option": "NoDimensionRollup",
        "log_group_name": "/dev/datalab-api",
        "log_stream_name": "metrics/{TaskId}",
        "namespace": "itemscout/dev/datalab-api",
        "region": "ap-northeast-2",
    }


def test_every_signal_says_service_and_stage(document: dict[str, Any]) -> None:
    assert document["processors"]["resource"]["attributes"] == [
        {"action": "upsert", "key": "deployment.environment.name", "value": "dev"},
        {"action": "upsert", "key": "service.name", "value": "datalab-api"},
        {"action": "upsert", "key": "service.namespace", "value": "itemscout"},
    ]
    assert document["exporters"]["awsxray"]["indexed_attributes"] == [
        "otel.resource.deployment.environment.name",
        "otel.resource.service.name",
        "otel.resource.service.namespace",
    ]


@pytest.mark.parametrize(("memory", "limit", "spike"), [(64, 48, 12), (160, 120, 30), (512, 384, 96)])
def test_it_refuses_data_before_it_would_be_killed(memory: int, limit: int, spike: int) -> None:
    limiter = json.loads(collector_configuration(TELEMETRY, memory_mib=memory))["processors"]["memory_limiter"]
    assert limiter == {"check_interval": "1s", "limit_mib": limit, "spike_limit_mib": spike}


def test_it_listens_inside_the_task_only(document: dict[str, Any]) -> None:
    protocols = document["receivers"]["otlp"]["protocols"]
    assert [protocols["grpc"]["endpoint"], protocols["http"]["endpoint"]] == ["127.0.0.1:4317", "127.0.0.1:4318"]
    assert document["extensions"] == {"health_check": {"endpoint": "127.0.0.1:13133"}}


def test_the_same_telemetry_gives_the_same_text() -> None:
    assert collector_configuration(TELEMETRY, memory_mib=160) == collector_configuration(TELEMETRY, memory_mib=160)
    assert "\n" not in collector_configuration(TELEMETRY, memory_mib=160)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("service.pipelines", {}, "The collector's configuration has no pipeline: declare one for traces or metrics."),
        ("service.pipelines.traces.exporters", [], "The collector's pipeline traces has no exporters: name one."),
        (
            "service.pipelines.traces.exporters",
            ["awsxray", "debug"],
            "The collector's configuration uses the exporter debug and does not declare it: add it to exporters.",
        ),
        (
            "service.extensions",
            [],
            "The collector's configuration declares the extension health_check and uses it nowhere: remove it.",
        ),
        (
            "receivers.kafka",
            {},
            "The collector's configuration has the receiver kafka, which the image does not have: it has awsecscontainermetrics, "
            "awsxray, otlp, statsd.",
        ),
        (
            "service.pipelines.metrics.processors",
            ["batch/metrics", "memory_limiter"],
            "The collector's pipeline metrics does not begin with the memory_limiter, so a burst gets it killed: put it first.",
        ),
        (
            "service.pipelines.metrics.processors",
            ["memory_limiter", "batch/metrics", "resource"],
            "The collector's pipeline metrics works on after the batch: put the batch last.",
        ),
        (
            "receivers.otlp.protocols.http.endpoint",
            "0.0.0.0:4318",
            "The collector would listen at 0.0.0.0:4318, open to other tasks: write 127.0.0.1:<port>.",
        ),
        (
            "recievers",
            {},
            "The collector's configuration has an unknown section recievers: it has receivers, processors, exporters, "
            "extensions, service.",
        ),
    ],
)
def test_what_it_would_not_start_with_is_found(document: dict[str, Any], path: str, value: Any, problem: str) -> None:
    assert configuration_problems(document) == []
    broken = copy.deepcopy(document)
    place = broken
    *way, last = path.split(".")
    for key in way:
        place = place[key]
    place[last] = value
    assert problem in configuration_problems(broken)


def test_the_application_is_told_where_to_send_and_what_it_is() -> None:
    assert application_variables(TELEMETRY) == {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_LOGS_EXPORTER": "none",
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=dev,service.namespace=itemscout",
        "OTEL_SERVICE_NAME": "datalab-api",
        "OTEL_TRACES_EXPORTER": "otlp",
    }


@pytest.mark.parametrize(("cpu", "memory"), [(0, 160), (32, 63)])
def test_a_collector_without_resources_is_refused(cpu: int, memory: int) -> None:
    with pytest.raises(ValueError) as refused:
        Collector(image="i", cpu=cpu, memory=memory)
    assert str(refused.value) == (
        f"The collector has {cpu} CPU units and {memory} MiB: give it 1 unit and 64 MiB at least."
    )
