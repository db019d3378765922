"""What the settings must hold so that services find each other and have room and ports beside their other containers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from components.calc.calls import calls_of, start_order
from components.calc.fargate import check_task_size
from components.calc.otel import Collector, check_application_port
from components.calc.task_room import application_room
from settings.origins import CATALOGUE
from settings.problems import Problem, refusal
from settings.stage import Cluster, Platform
from settings.telemetry import Telemetry
from settings.workloads import Service


def collector_of(telemetry: Telemetry) -> Collector | None:
    """The collector of a stage; None where the switch is off."""
    if not telemetry.enabled or telemetry.collector_image is None:
        return None
    return Collector(image=telemetry.collector_image, cpu=telemetry.cpu, memory=telemetry.memory)


def service_calls(services: Sequence[Service], namespace: str) -> Mapping[str, tuple[str, ...]]:
    """Service to the services that its environment names."""
    return calls_of(
        {service.name: service.environment for service in services},
        namespace=namespace,
        ports={service.name: service.port for service in services},
    )


def mesh_problems(
    services: Sequence[Service], platform: Platform | None, cluster: Cluster | None, stage_file: str
) -> Iterator[Problem]:
    """Tasks too small for their containers, ports taken twice, and services that call each other in a circle."""
    if platform is not None:
        collector = collector_of(platform.telemetry)
        for service in services:
            yield from _room(service, collector if service.telemetry else None, stage_file)
            yield from _port(service, collector if service.telemetry else None)
    if cluster is None:
        return
    calls = service_calls(services, cluster.namespace)
    if why := refusal(lambda: start_order(calls)):
        yield Problem(
            file=stage_file,
            key="services",
            found="addresses that lead in a circle: "
            + "; ".join(f"{client} calls {', '.join(servers)}" for client, servers in sorted(calls.items()) if servers),
            allowed=why,
            example="LEGACY_API_URL=https://api.example.com/legacy",
        )


def _port(service: Service, collector: Collector | None) -> Iterator[Problem]:
    if collector is not None and (why := refusal(lambda: check_application_port(service.port))):
        yield Problem(
            file=CATALOGUE,
            key=f"services.{service.name}.port",
            found=str(service.port),
            allowed=why,
            example="port: 3000",
        )


def _room(service: Service, collector: Collector | None, stage_file: str) -> Iterator[Problem]:
    if refusal(lambda: check_task_size(service.cpu, service.memory)):
        return  # told of where the size is
    if why := refusal(lambda: application_room(service.cpu, service.memory, service_connect=True, collector=collector)):
        yield Problem(
            file=stage_file,
            key=f"serviceOverrides.{service.name}",
            found=f"cpu {service.cpu} with memory {service.memory}",
            allowed=why,
            example="serviceDefaults: {cpu: 512, memory: 1024}",
        )
