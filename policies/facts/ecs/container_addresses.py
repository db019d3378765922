"""The addresses a container is given: URLs in its environment and commands, and the upstreams of an Nginx configuration."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.facts.ecs.parts.health_checks import health_check
from policies.facts.ecs.parts.variables import variables_of
from policies.resources.once import per_document
from policies.resources.reading import optional, read_list

_URL = re.compile(r"(?P<scheme>https?|wss?)://(?P<authority>[^\s/?#\"'<>\\;,(){}|\]]+)", re.IGNORECASE)
_UPSTREAM_BLOCK = re.compile(r"\bupstream\s+[\w.-]+\s*\{([^}]*)\}")
_UPSTREAM_SERVER = re.compile(r"\bserver\s+([\w.-]+)(?::([0-9]{1,5}))?[\s;]")
_BARE = re.compile(r"([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::([0-9]{1,5}))?", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?", re.IGNORECASE)
_MADE_LATER = re.compile(r"\bproxy_pass\s+https?://\$")
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address that a container uses. scheme: "" for a bare name, whose port may be None."""

    scheme: str
    host: str
    port: int | None

    def __str__(self) -> str:
        """Without user, password and path, which may be secret."""
        port = "" if self.port is None or self.port == _PORTS.get(self.scheme) else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}" if self.scheme else f"{self.host}{port}"

    @property
    def encrypted(self) -> bool | None:
        """Whether it asks for TLS; None for a bare name."""
        return self.scheme in ("https", "wss") if self.scheme else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text of a container. where: what people call it, such as a variable's name."""

    where: str
    value: str


@per_document
def texts_of(container: Mapping[str, object]) -> tuple[Text, ...]:
    """What a container is given as text. Raises NotDecidedError where it cannot be read."""
    found = [Text(where=item.name, value=optional(item.written, "")) for item in variables_of(container)]
    for key in ("command", "entryPoint"):
        words = optional(read_list(container, key), [])
        found.append(Text(where=f"the {key}", value="\n".join(str(word) for word in words)))
    check = health_check(container)
    if check is not None:
        found.append(Text(where="the healthCheck", value="\n".join(check.command)))
    return tuple(found)


def addresses_in(text: Text) -> tuple[Address, ...]:
    """The addresses of a text, each once."""
    return _addresses_in(text.value)


@functools.lru_cache(maxsize=8192)
def _addresses_in(text: str) -> tuple[Address, ...]:
    """Policies by the half-dozen ask the same variables."""
    return tuple(dict.fromkeys(_addresses(text)))


def made_later(text: Text) -> bool:
    """Whether Nginx has to pass requests to an address that only a variable of its own holds."""
    return "proxy_pass" in text.value and _MADE_LATER.search(text.value) is not None


def _addresses(text: str) -> Iterator[Address]:
    for match in _URL.finditer(text):
        address = _parsed(match["scheme"].lower(), match["authority"].rpartition("@")[2])
        if address is not None:
            yield address
    for block in _UPSTREAM_BLOCK.finditer(text):
        for match in _UPSTREAM_SERVER.finditer(block[1]):
            yield Address(scheme="http", host=match[1].lower(), port=int(match[2] or 80))
    bare = _BARE.fullmatch(text.strip())
    if bare is not None:
        yield Address(scheme="", host=bare[1].lower(), port=int(bare[2]) if bare[2] else None)


def _parsed(scheme: str, authority: str) -> Address | None:
    host, _, port = authority.partition(":")
    if not _HOST.fullmatch(host) or not ((port.isascii() and port.isdigit()) or port == ""):
        return None
    return Address(scheme=scheme, host=host.lower(), port=int(port) if port else _PORTS[scheme])


def directive_seconds(text: Text, directive: str) -> tuple[float, ...]:
    """The values of an Nginx directive that takes a time, in seconds; empty where the text has none."""
    if directive not in text.value:
        return ()
    pattern = re.compile(rf"\b{directive}\s+([0-9]+)(ms|s|m|h|d)?\b")
    units = {"ms": 0.001, "s": 1.0, None: 1.0, "": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
    return tuple(int(match[1]) * units[match[2]] for match in pattern.finditer(text.value))


def variable(container: Mapping[str, object], name: str) -> str | None:
    """The value of a plain variable, None where the container has none of that name."""
    return next((optional(item.written, "") for item in variables_of(container) if item.name == name), None)
