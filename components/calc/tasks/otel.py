"""The OpenTelemetry collector beside an application: its configuration, and how the application finds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from ..canonical import canonical_json

GRPC_PORT: Final = 4317
HTTP_PORT: Final = 4318
HEALTH_PORT: Final = 13133
"""Where the collector's /healthcheck asks (aws-otel-collector, cmd/healthcheck)."""
HEALTH_COMMAND: Final = ("CMD", "/healthcheck")
"""The image holds two programs and no shell (aws-otel-collector, cmd/awscollector/Dockerfile)."""
CONFIGURATION_VARIABLE: Final = "AOT_CONFIG_CONTENT"
"""The collector reads its configuration from this variable before any file (AWS Distro for OpenTelemetry, ECS setup)."""

_KINDS: Final = ("receivers", "processors", "exporters", "extensions")
_SHIPPED: Final[Mapping[str, frozenset[str]]] = {
    "receivers": frozenset({"otlp", "awsecscontainermetrics", "awsxray", "statsd"}),
    "processors": frozenset({"attributes", "batch", "filter", "memory_limiter", "resource", "resourcedetection"}),
    "exporters": frozenset({"awsemf", "awsxray", "debug", "otlp", "otlphttp"}),
    "extensions": frozenset({"awsproxy", "health_check", "sigv4auth"}),
}
"""Components the image has and this platform may use (aws-otel-collector, README, "Built-in Components")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """The collector of every service of a stage."""

    image: str
    """By digest."""
    cpu: int
    """CPU units reserved for it."""
    memory: int
    """MiB at which it is killed, 64 or more; the application goes on without it."""

    def __post_init__(self) -> None:
        if self.cpu < 1 or self.memory < 64:
            raise ValueError(
                f"The collector has {self.cpu} CPU units and {self.memory} MiB: give it 1 unit and 64 MiB at least."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """Whose telemetry it is, and where it goes."""

    project: str
    stage: str
    service: str
    region: str
    log_group: str
    """Gets the metrics as events in CloudWatch's embedded metric format."""


def check_application_port(port: int) -> None:
    """Raise ValueError where the collector listens itself: the containers of a task share one network interface."""
    taken = (GRPC_PORT, HTTP_PORT, HEALTH_PORT)
    if port in taken:
        raise ValueError(
            f"The application cannot listen on port {port}: the collector beside it listens on "
            f"{', '.join(map(str, taken[:-1]))} and {taken[-1]} of the same network interface; choose another port, for "
            "example 3000."
        )


def application_variables(telemetry: Telemetry) -> dict[str, str]:
    """What OpenTelemetry's SDKs read: where the collector is and what every signal says about its origin.

    Source: OpenTelemetry specification, "Environment Variable Specification" and "OTLP Exporter Configuration". Logs stay
    with the container's own log driver. 127.0.0.1 and not localhost: the collector listens on IPv4.
    """
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{HTTP_PORT}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_LOGS_EXPORTER": "none",
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_RESOURCE_ATTRIBUTES": ",".join(
            f"{key}={value}" for key, value in _attributes(telemetry) if key != "service.name"
        ),
        "OTEL_SERVICE_NAME": telemetry.service,
        "OTEL_TRACES_EXPORTER": "otlp",
    }


def collector_configuration(telemetry: Telemetry, *, memory_mib: int) -> str:
    """The collector's configuration as canonical JSON, which is YAML: OTLP in, traces to X-Ray, metrics to CloudWatch.

    `memory_mib` is the container's hard limit: the collector refuses data before it is reached, so that it is not killed.
    Metrics appear in the CloudWatch namespace `<project>/<stage>/<service>`. Raises ValueError with every problem of the
    configuration, which would be an error of this function.
    """
    limit = memory_mib * 3 // 4
    document: dict[str, object] = {
        "extensions": {"health_check": {"endpoint": f"127.0.0.1:{HEALTH_PORT}"}},
        "receivers": {
            "otlp": {
                "protocols": {
                    "grpc": {"endpoint": f"127.0.0.1:{GRPC_PORT}"},
                    "http": {"endpoint": f"127.0.0.1:{HTTP_PORT}"},
                }
            }
        },
        "processors": {
            "memory_limiter": {"check_interval": "1s", "limit_mib": limit, "spike_limit_mib": limit // 4},
            # Adds the task's cluster, family and id, which the application does not know.
            "resourcedetection": {"detectors": ["env", "ecs"], "override": False, "timeout": "2s"},
            # Upsert: an application that names itself otherwise would not be found again.
            "resource": {
                "attributes": [
                    {"action": "upsert", "key": key, "value": value} for key, value in _attributes(telemetry)
                ]
            },
            "batch/traces": {"send_batch_max_size": 512, "send_batch_size": 256, "timeout": "5s"},
            "batch/metrics": {"timeout": "60s"},
        },
        "exporters": {
            "awsxray": {
                # Annotations, so that traces can be searched by them.
                "indexed_attributes": [f"otel.resource.{key}" for key, _ in _attributes(telemetry)],
                "region": telemetry.region,
            },
            "awsemf": {
                # Roll-ups multiply what CloudWatch charges as custom metrics.
                "dimension_rollup_option": "NoDimensionRollup",
                "log_group_name": telemetry.log_group,
                "log_stream_name": "metrics/{TaskId}",
                "namespace": f"{telemetry.project}/{telemetry.stage}/{telemetry.service}",
                "region": telemetry.region,
            },
        },
        "service": {
            "extensions": ["health_check"],
            "pipelines": {
                "traces": _pipeline("batch/traces", "awsxray"),
                "metrics": _pipeline("batch/metrics", "awsemf"),
            },
            "telemetry": {"logs": {"level": "warn"}, "metrics": {"level": "none"}},
        },
    }
    if problems := configuration_problems(document):
        raise ValueError(" ".join(problems))
    return canonical_json(document)


def configuration_problems(document: Mapping[str, object]) -> list[str]:
    """One sentence for each thing at which the collector would not start, or would hurt the task it is in.

    Source: OpenTelemetry Collector, "Configuration" and the memory limiter's README (first in every pipeline).
    """
    problems = [
        f"The collector's configuration has an unknown section {key}: it has {', '.join((*_KINDS, 'service'))}."
        for key in sorted(document.keys() - {*_KINDS, "service"})
    ]
    declared = {kind: set(_section(document, kind)) for kind in _KINDS}
    for kind, names in declared.items():
        problems += [
            f"The collector's configuration has the {kind[:-1]} {name}, which the image does not have: it has "
            f"{', '.join(sorted(_SHIPPED[kind]))}."
            for name in sorted(names)
            if name.partition("/")[0] not in _SHIPPED[kind]
        ]
    service = _section(document, "service")
    used: dict[str, set[str]] = {kind: set() for kind in _KINDS}
    used["extensions"] = set(_names(service.get("extensions")))
    pipelines = _section(service, "pipelines")
    if not pipelines:
        problems.append("The collector's configuration has no pipeline: declare one for traces or metrics.")
    for name, pipeline in sorted(pipelines.items()):
        problems += _pipeline_problems(name, cast("Mapping[str, object]", pipeline), used)
    for kind in _KINDS:
        problems += [
            f"The collector's configuration uses the {kind[:-1]} {name} and does not declare it: add it to {kind}."
            for name in sorted(used[kind] - declared[kind])
        ]
        problems += [
            f"The collector's configuration declares the {kind[:-1]} {name} and uses it nowhere: remove it."
            for name in sorted(declared[kind] - used[kind])
        ]
    return problems + [
        f"The collector would listen at {endpoint}, open to other tasks: write 127.0.0.1:<port>."
        for kind in ("receivers", "extensions")
        for endpoint in sorted(_endpoints(document.get(kind)))
        if not endpoint.startswith("127.0.0.1:")
    ]


def _attributes(telemetry: Telemetry) -> Sequence[tuple[str, str]]:
    """Resource attributes of every signal (OpenTelemetry semantic conventions, service and deployment)."""
    return (
        ("deployment.environment.name", telemetry.stage),
        ("service.name", telemetry.service),
        ("service.namespace", telemetry.project),
    )


def _pipeline(batch: str, exporter: str) -> dict[str, list[str]]:
    processors = ["memory_limiter", "resourcedetection", "resource", batch]
    return {"receivers": ["otlp"], "processors": processors, "exporters": [exporter]}


def _pipeline_problems(name: str, pipeline: Mapping[str, object], used: dict[str, set[str]]) -> list[str]:
    problems: list[str] = []
    for kind in ("receivers", "processors", "exporters"):
        names = _names(pipeline.get(kind))
        used[kind].update(names)
        if not names and kind != "processors":
            problems.append(f"The collector's pipeline {name} has no {kind}: name one.")
    processors = _names(pipeline.get("processors"))
    if not processors or processors[0] != "memory_limiter":
        problems.append(
            f"The collector's pipeline {name} does not begin with the memory_limiter, so a burst gets it killed: put it first."
        )
    if any(other.startswith("batch") for other in processors[:-1]):
        problems.append(f"The collector's pipeline {name} works on after the batch: put the batch last.")
    return problems


def _section(document: Mapping[str, object], key: str) -> Mapping[str, object]:
    found = document.get(key)
    return cast("Mapping[str, object]", found) if isinstance(found, Mapping) else {}


def _names(value: object) -> list[str]:
    return [str(name) for name in cast("list[object]", value)] if isinstance(value, list) else []


def _endpoints(value: object) -> Iterable[str]:
    if isinstance(value, Mapping):
        for key, inner in cast("Mapping[str, object]", value).items():
            if key == "endpoint":
                yield str(inner)
            else:
                yield from _endpoints(inner)
