"""The policy `telemetry-protocol`: traces and metrics are sent in the protocol that the collector's port speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from policies.facts.ecs.containers import known_variables
from policies.resources.graph import Resource
from policies.rules.rule import Problem, Stack, container_policy

_PREFIX: Final = "OTEL_EXPORTER_OTLP_"
_SIGNALS: Final = ("", "TRACES_", "METRICS_", "LOGS_")
_PORTS: Final = {"4317": "grpc", "4318": "http"}
"""OpenTelemetry Protocol specification, default ports: 4317 for OTLP/gRPC, 4318 for OTLP/HTTP."""
_PORT: Final = re.compile(r"^[a-z]+://[^/\s]*:([0-9]{1,5})(?:/|$)|^[^/\s]*:([0-9]{1,5})$", re.IGNORECASE)


@container_policy(
    what="Telemetry is sent in the protocol that the collector's port speaks.",
    why="The exporter drops every batch and the application goes on: traces and metrics are missing on the day they are needed.",
    severity="medium",
    how_to_fix="Send grpc to port 4317, and http/protobuf or http/json to port 4318.",
    url="https://opentelemetry.io/docs/specs/otel/protocol/exporter/",
)
def telemetry_protocol(_: Stack, __: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    variables = dict(known_variables(container))
    for signal in _SIGNALS:
        endpoint, name = variables.get(f"{_PREFIX}{signal}ENDPOINT"), f"{_PREFIX}{signal}PROTOCOL"
        if name not in variables:
            name = f"{_PREFIX}PROTOCOL"
        protocol, port = variables.get(name), _PORT.match((endpoint or "").strip())
        if protocol is None:
            continue  # the default is the SDK's own, and not the same in every language
        sent = protocol.strip().partition("/")[0]
        if protocol.strip() not in ("grpc", "http/protobuf", "http/json"):
            yield Problem(f"{name} is {protocol[:40]!r}", "grpc, http/protobuf or http/json")
        elif port is not None and _PORTS.get(port[1] or port[2], sent) != sent:
            yield Problem(
                f"{_PREFIX}{signal}ENDPOINT is {(endpoint or '')[:80]}, a port of {_PORTS[port[1] or port[2]]}, and {name} is {protocol}",
                "one and the same",
            )
