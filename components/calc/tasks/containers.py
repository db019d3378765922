"""The container definitions of a task, as canonical JSON that is equal to what AWS answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ..canonical import canonical_json
from .container_spec import ContainerSpec, HealthCheck
from .placeholder import waiting_labels

__all__ = ["ContainerSpec", "HealthCheck", "container_definitions"]

MAX_CONTAINERS: Final = 10
"""A task definition holds at most 10 containers (Amazon ECS Developer Guide, "Amazon ECS service quotas")."""
MAX_DOCUMENT_BYTES: Final = 64 * 1024
"""A task definition is at most 64 KiB ("Amazon ECS service quotas"); the containers are nearly all of it."""
LOG_BUFFER: Final = "25m"
"""Memory a container's log may wait in while CloudWatch Logs is slow.

With `non-blocking` a full buffer loses lines, with `blocking` the application would stop answering. AWS measured no
loss with 25 MiB at up to 5 MiB/s (AWS Containers Blog, "Preventing log loss with non-blocking mode in the AWSLogs
container log driver").
"""


def container_definitions(specs: Sequence[ContainerSpec]) -> str:
    """Canonical JSON for the `containerDefinitions` of a task definition.

    Containers and variables are sorted by name, and what AWS would fill in is written out, so that an unchanged
    platform shows no difference after a refresh. Raises ValueError for what RegisterTaskDefinition refuses: no
    containers or more than 10, a name or a port used twice, no essential container, a dependency that is absent
    or circular, more than 64 KiB.
    """
    if not 1 <= len(specs) <= MAX_CONTAINERS:
        raise ValueError(f"A task cannot have {len(specs)} containers: ECS takes 1 to {MAX_CONTAINERS}.")
    _check_unique(specs)
    if not any(spec.essential for spec in specs):
        raise ValueError(
            f"None of the containers {', '.join(sorted(spec.name for spec in specs))} is essential: the task would "
            "have nothing to live for; set essential on at least one."
        )
    _check_dependencies({spec.name: spec for spec in specs})
    document = canonical_json([_definition(spec) for spec in sorted(specs, key=lambda spec: spec.name)])
    size = len(document.encode())
    if size > MAX_DOCUMENT_BYTES:
        raise ValueError(
            f"The container definitions of {', '.join(sorted(spec.name for spec in specs))} have {size} bytes, and ECS takes "
            f"at most {MAX_DOCUMENT_BYTES}: move large variables into files of the image or into parameters."
        )
    return document


def _check_unique(specs: Sequence[ContainerSpec]) -> None:
    names: set[str] = set()
    ports: dict[int, str] = {}
    for spec in specs:
        if spec.name in names:
            raise ValueError(f"Two containers of one task are named '{spec.name}': rename one of them.")
        names.add(spec.name)
        if spec.port is None:
            continue
        if other := ports.get(spec.port):
            raise ValueError(
                f"The containers '{other}' and '{spec.name}' both listen on port {spec.port}, and under awsvpc the "
                "containers of a task share one network interface: give one of them another port."
            )
        ports[spec.port] = spec.name


def _check_dependencies(specs: Mapping[str, ContainerSpec]) -> None:
    for spec in specs.values():
        for target in spec.starts_after:
            if target not in specs:
                raise ValueError(
                    f"The container '{spec.name}' depends on '{target}', which the task does not have: it has "
                    f"{', '.join(sorted(specs))}."
                )
    waiting = {name: set(spec.starts_after) for name, spec in specs.items()}
    while ready := {name for name, targets in waiting.items() if not targets}:
        waiting = {name: targets - ready for name, targets in waiting.items() if name not in ready}
    if waiting:
        raise ValueError(
            f"The containers {', '.join(sorted(waiting))} wait for each other in a circle: remove one of their "
            "dependencies."
        )


def _definition(spec: ContainerSpec) -> dict[str, object]:
    definition: dict[str, object] = {
        "name": spec.name,
        "image": spec.image,
        "cpu": spec.cpu,
        "essential": spec.essential,
        "environment": [{"name": name, "value": value} for name, value in sorted(spec.environment.items())],
        # An init process forwards signals and reaps children: most applications do neither as process 1.
        "linuxParameters": {"initProcessEnabled": True},
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": spec.log_group,
                "awslogs-region": spec.log_region,
                "awslogs-stream-prefix": spec.name,
                "max-buffer-size": LOG_BUFFER,
                "mode": "non-blocking",
            },
        },
        "mountPoints": [],
        "portMappings": [] if spec.port is None else [_port_mapping(spec, spec.port)],
        "readonlyRootFilesystem": spec.read_only_root,
        "secrets": [
            {"name": name, "valueFrom": arn} for name, arn in sorted(spec.secrets.items()) if spec.first_command is None
        ],
        "stopTimeout": spec.stop_timeout,
        "systemControls": [],
        "volumesFrom": [],
    }
    waiting = {} if spec.first_command is None else waiting_labels(spec.first_command, spec.secrets)
    optional: dict[str, object] = {
        "command": list(spec.command),
        "entryPoint": list(spec.entry_point),
        "dependsOn": [{"containerName": name, "condition": "START"} for name in sorted(spec.starts_after)],
        "dockerLabels": waiting,
        "healthCheck": None if spec.health_check is None else _health_check(spec.health_check),
        "memory": spec.memory,
        "memoryReservation": spec.memory_reservation,
        "user": spec.user,
    }
    return definition | {key: value for key, value in optional.items() if value}


def _port_mapping(spec: ContainerSpec, port: int) -> dict[str, object]:
    mapping: dict[str, object] = {"containerPort": port, "protocol": "tcp"}
    if spec.port_name is not None:
        mapping["name"] = spec.port_name
    if spec.app_protocol is not None:
        mapping["appProtocol"] = spec.app_protocol
    return mapping


def _health_check(check: HealthCheck) -> dict[str, object]:
    return {
        "command": list(check.command),
        "interval": check.interval,
        "timeout": check.timeout,
        "retries": check.retries,
        "startPeriod": check.start_period,
    }
