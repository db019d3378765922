"""The ports that a container maps (portMappings), of one port or a range of them, as ECS takes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from policies.resources.once import per_document
from policies.resources.outcomes import Absent, Step
from policies.resources.reading import (
    optional,
    read,
    read_list,
    read_number,
    read_text,
    refuse,
    required,
    shown_path,
    word_of,
)

_KEY = "portMappings"
_LAST_PORT = 65_535
_RANGE = re.compile(r"([0-9]{1,5})-([0-9]{1,5})", re.ASCII)
_PROTOCOLS = ("tcp", "udp")
_APPLICATIONS = ("http", "http2", "grpc")
"""Amazon ECS API Reference, PortMapping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortMapping:
    """One entry of portMappings.

    first, last: its ports, one and the same where it is no range. protocol: tcp or udp. host_port: None where ECS chooses it, the same
    one under awsvpc and a free one in bridge mode. name: None where it has none. application: http, http2 or grpc, empty where
    it does not say what it speaks.
    """

    first: int
    last: int
    protocol: str
    host_port: int | None
    name: str | None
    application: str

    def __str__(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"

    @property
    def port(self) -> int | None:
        """Its port, which a load balancer and Service Connect may name; None of a range."""
        return self.first if self.first == self.last else None

    def meets(self, other: PortMapping) -> bool:
        """Whether both map a port by the same protocol."""
        return self.protocol == other.protocol and self.first <= other.last and other.first <= self.last


def maps(mappings: Iterable[PortMapping], port: int) -> bool:
    """Whether one of them is of this port."""
    return any(mapping.first <= port <= mapping.last for mapping in mappings)


def ports_shown(mappings: Iterable[PortMapping]) -> str:
    """Their ports in a list, each once, empty where there is none."""
    pairs = sorted({(mapping.first, mapping.last, str(mapping)) for mapping in mappings})
    return ", ".join(shown for _, _, shown in pairs)


@per_document
def port_mappings(container: Mapping[str, object]) -> tuple[PortMapping, ...]:
    """The ports that a container maps, none where it says nothing of them. Raises NotDecidedError where ECS would not take one."""
    return tuple(_mapping(container, position) for position in range(len(optional(read_list(container, _KEY), []))))


def _mapping(container: Mapping[str, object], position: int) -> PortMapping:
    at = (_KEY, position)
    (first, last), host = _span(container, *at), read(container, *at, "hostPort")
    return PortMapping(
        first=first,
        last=last,
        protocol=_word(container, *at, "protocol", allowed=_PROTOCOLS, default="tcp"),
        host_port=None if isinstance(host, Absent) else _port(container, *at, "hostPort", least=0),
        name=optional(read_text(container, *at, "name"), None),
        application=_word(container, *at, "appProtocol", allowed=_APPLICATIONS, default=""),
    )


def _span(container: Mapping[str, object], *at: Step) -> tuple[int, int]:
    """containerPort, or the two ends of containerPortRange; ECS takes one of them."""
    where = (*at, "containerPortRange")
    text = optional(read_text(container, *where), None)
    if text is None:
        port = _port(container, *at, "containerPort", least=1)
        return port, port
    if not isinstance(read(container, *at, "containerPort"), Absent):
        refuse(shown_path(where), "is set beside containerPort, and ECS takes one of them")
    ends = _RANGE.fullmatch(text)
    if ends is None or not 1 <= int(ends[1]) < int(ends[2]) <= _LAST_PORT:
        refuse(shown_path(where), f'is "{text[:40]}", two ports such as 3000-3010 are required')
    return int(ends[1]), int(ends[2])


def _port(container: Mapping[str, object], *at: Step, least: int) -> int:
    port = required(read_number(container, *at))
    if not least <= port <= _LAST_PORT:
        refuse(shown_path(at), f"is {port}, a port from {least} to {_LAST_PORT} is required")
    return port


def _word(container: Mapping[str, object], *at: Step, allowed: tuple[str, ...], default: str) -> str:
    word = optional(read_text(container, *at), default)
    return word if word == default else word_of(allowed, word, shown_path(at))
