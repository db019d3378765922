"""What one container of a Fargate task is, refused at construction where ECS would refuse it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from ..names import check_name

MAX_STOP_TIMEOUT_S: Final = 120
"""Fargate waits at most this long between SIGTERM and SIGKILL (ECS API Reference, ContainerDefinition)."""
MAX_ID: Final = 2_147_483_647
"""Largest number of a user or group that Docker starts a container as (moby, daemon: "uids and gids must be in range")."""

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET_ARN: Final = re.compile(r"arn:aws[a-z-]*:(ssm|secretsmanager):[a-z0-9-]+:[0-9]{12}:.+")


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """How the container agent asks a container whether it works; times in seconds (ECS API Reference, HealthCheck)."""

    command: tuple[str, ...]
    """`("CMD", ...)` runs the arguments, `("CMD-SHELL", "one line")` a shell line."""
    interval: int = 30
    """5-300, between two checks."""
    timeout: int = 5
    """2-60, and at most the interval."""
    retries: int = 3
    """1-10 failures in a row make the container unhealthy."""
    start_period: int = 0
    """0-300, in which failures do not count."""

    def __post_init__(self) -> None:
        if len(self.command) < 2 or self.command[0] not in ("CMD", "CMD-SHELL"):
            raise ValueError(
                f"The health check command {list(self.command)} does not begin with CMD or CMD-SHELL and something to "
                "run: write it like ('CMD-SHELL', 'wget -q -O /dev/null http://127.0.0.1:3000/health || exit 1')."
            )
        for what, value, low, high in (
            ("interval", self.interval, 5, 300),
            ("timeout", self.timeout, 2, 60),
            ("retries", self.retries, 1, 10),
            ("start_period", self.start_period, 0, 300),
        ):
            if not low <= value <= high:
                raise ValueError(
                    f"The container health check has {what} {value}, and ECS takes {low} to {high}: change it into "
                    "that range."
                )
        if self.timeout > self.interval:
            raise ValueError(
                f"The container health check has timeout {self.timeout} s above its interval of {self.interval} s, so "
                f"checks would overlap: set timeout to {self.interval} s or less."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSpec:
    """One container of a task on Fargate, under network mode awsvpc and without volumes."""

    name: str
    image: str
    """Image with tag or digest."""
    log_group: str
    log_region: str
    port: int | None = None
    """1-65535; under awsvpc the port on the host is the same, so it is not written."""
    port_name: str | None = None
    """The name Service Connect refers to; needs a port."""
    app_protocol: Literal["http", "http2", "grpc"] | None = None
    """What Service Connect may measure; none means TCP. It cannot change once a service uses it."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    """Variable to ARN of the parameter or secret, never a value."""
    command: tuple[str, ...] = ()
    """Empty runs the image's own command."""
    entry_point: tuple[str, ...] = ()
    """Empty runs the image's own entry point."""
    health_check: HealthCheck | None = None
    user: str | None = None
    """As `user`, `uid`, `user:group` or `uid:gid`; none runs as the image says."""
    read_only_root: bool = True
    """There are no volumes, so an application that writes files needs this off."""
    cpu: int = 0
    """CPU units reserved for the container, 0 for no share of its own."""
    memory: int | None = None
    """MiB at which the container is killed, 6 or more; none leaves it the task's memory."""
    memory_reservation: int | None = None
    """MiB reserved for the container, 6 or more."""
    stop_timeout: int = 30
    """Seconds from SIGTERM to SIGKILL, 1-120."""
    essential: bool = True
    """Whether the task stops with this container."""
    starts_after: tuple[str, ...] = ()
    """Containers that are started before this one."""
    first_command: tuple[str, ...] | None = None
    """Of a placeholder: the command of its first image, with which it also gets its secrets; until then it has none."""

    def __post_init__(self) -> None:
        check_name("container", self.name)
        if not self.image.strip():
            raise ValueError(f"The container '{self.name}' has no image: name one with a tag or a digest.")
        self._check_port()
        self._check_variables()
        if not 1 <= self.stop_timeout <= MAX_STOP_TIMEOUT_S:
            raise ValueError(
                f"The container '{self.name}' has stop_timeout {self.stop_timeout} s, and Fargate waits 1 to "
                f"{MAX_STOP_TIMEOUT_S} s before it kills: change it into that range."
            )
        if any(part.isdigit() and int(part) > MAX_ID for part in (self.user or "").split(":")):
            raise ValueError(
                f"The container '{self.name}' runs as {self.user}, and a numeric user or group is 0 to {MAX_ID}: choose one in "
                "that range, like 1000:1000."
            )
        if self.cpu < 0:
            raise ValueError(f"The container '{self.name}' reserves {self.cpu} CPU units: set 0 or more.")
        for what, size in (("memory", self.memory), ("memory_reservation", self.memory_reservation)):
            if size is not None and size < 6:
                raise ValueError(
                    f"The container '{self.name}' has {what} {size} MiB, and a container needs at least 6 MiB."
                )
        if self.memory is not None and self.memory_reservation is not None and self.memory <= self.memory_reservation:
            raise ValueError(
                f"The container '{self.name}' reserves {self.memory_reservation} MiB and is killed at {self.memory} "
                "MiB: memory must be greater than memory_reservation."
            )

    def _check_port(self) -> None:
        if self.port is None:
            for what, value in (("port_name", self.port_name), ("app_protocol", self.app_protocol)):
                if value is not None:
                    raise ValueError(
                        f"The container '{self.name}' has {what} '{value}' and no port: set the port it is for."
                    )
            return
        if not 1 <= self.port <= 65535:
            raise ValueError(f"The container '{self.name}' has port {self.port}: a port is a number from 1 to 65535.")
        if self.port_name is not None:
            check_name("port-name", self.port_name)

    def _check_variables(self) -> None:
        if both := sorted(set(self.environment) & set(self.secrets)):
            raise ValueError(
                f"The container '{self.name}' has {', '.join(both)} both in environment and in secrets, and ECS "
                "refuses that: keep each variable in one of them."
            )
        for name in sorted((*self.environment, *self.secrets)):
            if not _VARIABLE.fullmatch(name):
                raise ValueError(
                    f"The container '{self.name}' has a variable named '{name}', which a shell cannot read: use "
                    "letters, digits and '_', no digit first, like 'DB_CONN_LIMIT'."
                )
        for name, reference in sorted(self.secrets.items()):
            if not _SECRET_ARN.fullmatch(reference):
                # The text that was found stays out of the message: it may be the secret itself.
                raise ValueError(
                    f"The secret {name} of the container '{self.name}' is not the ARN of an SSM parameter or a Secrets "
                    "Manager secret: give its ARN, never its value."
                )
