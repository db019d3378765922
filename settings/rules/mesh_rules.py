"""What the settings must hold so that services find each other and have ports beside their other containers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from components.calc.tasks.calls import calls_of, start_order
from components.calc.tasks.otel import Collector, check_application_port
from settings.problems import Problem, put_at, refusal
from settings.stage import Cluster
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
    services: Sequence[Service], collector: Collector | None, cluster: Cluster | None
) -> Iterator[Problem]:
    """Ports taken twice, and services that call each other in a circle."""
    for service in services:
        if service.telemetry and collector is not None:
            yield from _port(service)
    if cluster is None:
        return
    calls = dict(service_calls(services, cluster.namespace))
    while why := refusal(lambda: start_order(calls)):
        client, server = _last_call(why)
        yield _circle(next(s for s in services if s.name == client), server, services, cluster, why)
        calls[client] = tuple(name for name in calls[client] if name != server)


def _last_call(why: str) -> tuple[str, str]:
    """The call that closes the circle which is named: the one to lead elsewhere."""
    circle = next(part for part in why.split(" call ") if " -> " in part).removeprefix("The services ").split(" -> ")
    return circle[-2], circle[-1]


def _circle(client: Service, server: str, services: Sequence[Service], cluster: Cluster, why: str) -> Problem:
    ports = {service.name: service.port for service in services}
    name = next(
        name
        for name, value in client.environment.items()
        if server in calls_of({client.name: {name: value}}, namespace=cluster.namespace, ports=ports)[client.name]
    )
    at = client.places.variables[name]
    public = f"https://api.example.com/{server}"
    return Problem(at=at, found=client.environment[name], allowed=why, example=put_at(at, public))


def _port(service: Service) -> Iterator[Problem]:
    if why := refusal(lambda: check_application_port(service.port)):
        at = service.places.of("port")
        yield Problem(at=at, found=str(service.port), allowed=why, example=put_at(at, 3000))
