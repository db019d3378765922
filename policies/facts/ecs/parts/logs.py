"""Where containers, and the proxies of Service Connect, log to (logConfiguration)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.resources.graph import Resource
from policies.resources.once import per_document
from policies.resources.outcomes import Absent
from policies.resources.reading import optional, read_map, read_text, required

_KEY = "logConfiguration"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogConfiguration:
    """driver: such as awslogs, which never lacks the option awslogs-group. options: those that are set."""

    driver: str
    options: Mapping[str, str]

    @property
    def group(self) -> str:
        """The log group of awslogs, empty for another driver."""
        return self.options["awslogs-group"] if self.driver == "awslogs" else ""


@per_document
def log_configuration(container: Mapping[str, object]) -> LogConfiguration | None:
    """A container's, None where it has none. Raises NotDecidedError where ECS would not take it."""
    return _read(container, _KEY)


def proxy_logs(service: Resource) -> LogConfiguration | None:
    """That of a service's proxy, None where it has none. Raises NotDecidedError where it is not known, or ECS would not take it."""
    return _read(service, "serviceConnectConfiguration", _KEY)


def _read(source: Resource | Mapping[str, object], *at: str) -> LogConfiguration | None:
    if isinstance(read_map(source, *at), Absent):
        return None
    driver = required(read_text(source, *at, "logDriver"))
    if driver == "awslogs":
        required(read_text(source, *at, "options", "awslogs-group"))
    written = optional(read_map(source, *at, "options"), {})
    names = (name for name, value in written.items() if value is not None)
    return LogConfiguration(
        driver=driver, options={name: required(read_text(source, *at, "options", name)) for name in names}
    )
