"""The collector as a container of a task: not essential, in the task before the application and until after it."""

from __future__ import annotations

from typing import Final

from ..calc.tasks.containers import ContainerSpec, HealthCheck
from ..calc.tasks.otel import CONFIGURATION_VARIABLE, HEALTH_COMMAND, Collector, Telemetry, collector_configuration
from ..scope import StageScope

COLLECTOR_NAME: Final = "otel-collector"
STOP_SECONDS: Final = 10
"""Enough to send the last batch; it starts when the application has ended."""


def telemetry_of(scope: StageScope, service: str, log_group: str) -> Telemetry:
    """Whose telemetry a service's is."""
    return Telemetry(
        project=scope.project,
        stage=scope.stage,
        service=service,
        region=scope.location.region,
        log_group=log_group,
    )


def collector_container(collector: Collector, telemetry: Telemetry) -> ContainerSpec:
    """The collector's container.

    The application waits for its start only, never for its health: telemetry that fails must not stop the service. ECS
    stops containers in the reverse order of their dependencies, so the collector outlives the application and sends what
    came last (ECS API Reference, ContainerDependency).
    """
    return ContainerSpec(
        name=COLLECTOR_NAME,
        image=collector.image,
        environment={CONFIGURATION_VARIABLE: collector_configuration(telemetry, memory_mib=collector.memory)},
        health_check=HealthCheck(command=HEALTH_COMMAND, start_period=10),
        # The image names no user, and nothing in it needs root: its ports are high and it writes no file.
        user="1000:1000",
        cpu=collector.cpu,
        memory=collector.memory,
        essential=False,
        stop_timeout=STOP_SECONDS,
        log_group=telemetry.log_group,
        log_region=telemetry.region,
    )
