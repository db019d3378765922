"""The policy `container-port-agrees`: a container listens where its ports are mapped, for others and not for itself alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from policies.facts.ecs.container_addresses import texts_of
from policies.facts.ecs.containers import known_variables
from policies.facts.ecs.parts.health_checks import health_check
from policies.facts.ecs.parts.port_mappings import PortMapping, maps, port_mappings, ports_shown
from policies.resources.graph import Resource
from policies.rules.policy import setting
from policies.rules.rule import Problem, Stack, container_policy


@container_policy(
    what="A container listens where its ports are mapped.",
    why="A server on a port that is not mapped, or on the task's own address, is one that nobody reaches: every health check of the "
    "load balancer fails, and the deployment is rolled back.",
    severity="high",
    how_to_fix="Set PORT to the containerPort, and HOST to 0.0.0.0.",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html",
    settings=(
        setting(
            "variables", ("PORT", "SERVER_PORT", "HTTP_PORT", "APP_PORT"), "Variables with the port that it listens on."
        ),
    ),
)
def container_port_agrees(stack: Stack, definition: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    ports = port_mappings(container)
    for name, value in known_variables(container):
        if (
            ports
            and name in stack.texts("variables")
            and value.isascii()
            and value.isdigit()
            and not maps(ports, int(value))
        ):
            yield Problem(f"{name} is {value[:10]}, and its ports are {ports_shown(ports)}", "one of its ports")
    yield from _alone(container, ports)
    yield from _neighbours(stack, definition, container)
    values = {value for _, value in known_variables(container)}
    check = health_check(container)
    for word in check.command if check is not None else ():
        for port in _OWN_PORT.findall(word):
            # A port of its own for checks stands in a variable, where it is not the application's default.
            if ports and not maps(ports, int(port)) and port not in values:
                yield Problem(
                    f"healthCheck asks port {port}, and its ports are {ports_shown(ports)}", "one of its ports"
                )


def _neighbours(stack: Stack, definition: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    """Addresses of the task itself that none of its containers listens on, as far as they say where they listen."""
    others = [item for item in stack.facts.documents(definition) if item is not container]
    for name, value in known_variables(container) if others else ():
        for port in _OWN_PORT.findall(value) if value.startswith("http") else ():
            said = " ".join(json.dumps(item) for item in others)
            if not re.search(rf"(?<![0-9]){port}(?![0-9])", said) and not maps(port_mappings(container), int(port)):
                yield Problem(
                    f"{name[:60]} is {value[:60]}, and no container of the task speaks of port {port}", "a port of one"
                )


_OWN_PORT = re.compile(r"//(?:127\.0\.0\.1|localhost|0\.0\.0\.0|\[::1\]):([0-9]{2,5})")


_HOSTS = re.compile(
    r"(?:(?:SERVER|HTTP|WEB|LISTEN|BIND|FLASK_RUN|UVICORN|NUXT|NITRO)_)?(?:HOST|HOSTNAME|ADDR|ADDRESS|IP|BIND|LISTEN|BIND_(?:HOST|ADDR|ADDRESS|IP)|"
    r"LISTEN_(?:HOST|ADDR|ADDRESS|IP))|ASPNETCORE_URLS|DOTNET_URLS"
)
"""Variables with the address that a server listens on (documentation of Flask, Uvicorn, Nuxt, Next.js, Spring, ASP.NET and others)."""
_LOOPBACK = r"(?:[a-z]+://)?(?:127\.[0-9]+\.[0-9]+\.[0-9]+|localhost|\[?::1\]?)(?::(?P<port>[0-9]{1,5}))?"
_ITSELF = re.compile(_LOOPBACK + r"/?", re.IGNORECASE)
_BINDS = re.compile(
    r"(?:^|\s)(?:--(?:host|hostname|bind|bind-address|listen|address|http-address|server\.address|http\.address)[=\s]|-b[=\s]?|-Dserver\.address=|runserver\s)"
    + _LOOPBACK
    + r"(?=\s|$)",
    re.IGNORECASE,
)
"""Options with the address that a server listens on (Uvicorn, Gunicorn, Vite, Spring, Django and others)."""


def _alone(container: Mapping[str, object], ports: Sequence[PortMapping]) -> Iterator[Problem]:
    """What lets a server listen on the task's own address only; an address with a port that is not mapped is for something else."""
    mapped = ports_shown(ports)
    for name, value in known_variables(container) if ports else ():
        if _HOSTS.fullmatch(name.upper()):
            parts = [match for part in re.split(r"[;,\s]+", value.strip()) if (match := _ITSELF.fullmatch(part))]
            if (
                parts
                and len(parts) == len(re.split(r"[;,\s]+", value.strip()))
                and any(_on(match, ports) for match in parts)
            ):
                yield Problem(f"{name[:60]} is {value[:60]}, and its port {mapped} is mapped for others", "0.0.0.0")
    for text in texts_of(container) if ports else ():
        line = text.value.replace("\n", " ")
        command = text.where in ("the command", "the entryPoint") or text.where == "GUNICORN_CMD_ARGS"
        match = _BINDS.search(line) if command else None
        if match is not None and _on(match, ports):
            yield Problem(
                f'{text.where} has "{match[0].strip()[:60]}", and its port {mapped} is mapped for others', "0.0.0.0"
            )


def _on(match: re.Match[str], ports: Sequence[PortMapping]) -> bool:
    return match["port"] is None or maps(ports, int(match["port"]))
