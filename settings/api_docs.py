"""The settings of api-docs, and which documentation it serves in a stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import Field

from components.calc.web.nginx import Login, Page
from settings.base import SettingsModel
from settings.workloads import Service

API_DOCS = "api-docs"
"""Name of the service: its load balancer rule, its log group and its tag follow from it."""
API_DOCS_PATH = "/api-docs*"


class ApiDocs(SettingsModel):
    """The Nginx that gathers the services' API documentation under /api-docs."""

    enabled: bool | None = Field(default=None, examples=[True])
    """Whether the stage has it; left out, a development stage has it and a production stage does not."""
    priority: int = Field(default=10, ge=1, le=50_000, examples=[10])
    """Priority of its listener rule: unique, and before every rule that matches /api-docs as well."""
    tasks: int | None = Field(default=None, ge=1, le=10, examples=[1])
    """How many tasks serve it; left out, one in a development stage and two in a production stage."""
    cpu: int = Field(default=256, examples=[256])
    """Fargate CPU units of the task (1,024 = one vCPU); must pair with the memory."""
    memory: int = Field(default=512, examples=[512])
    """Memory of the task in MiB."""

    def tasks_in(self, environment: str) -> int:
        """How many tasks a stage of this environment (development or production) runs."""
        return self.tasks or (1 if environment == "development" else 2)

    def wanted_in(self, environment: str) -> bool:
        """Whether a stage of this environment (development or production) has api-docs."""
        return environment == "development" if self.enabled is None else self.enabled


def documented(services: Iterable[Service]) -> list[Service]:
    """The services that declare documentation."""
    return [service for service in services if service.docs is not None]


def docs_pages(services: Sequence[Service], namespace: str) -> list[Page]:
    """The pages of the services that declare documentation, at their Service Connect addresses.

    Raises ValueError for a namespace that cannot stand in a configuration, and KeyError for a login through a service
    that does not exist: docs_rules finds both first.
    """
    address = {service.name: f"http://{service.name}.{namespace}:{service.port}" for service in services}
    return [
        Page(
            service=service.name,
            path=service.docs or "",
            upstream=address[service.name],
            login=(
                None
                if service.docs_login_via is None
                else Login(upstream=address[service.docs_login_via], path=service.docs_login_path)
            ),
        )
        for service in documented(services)
    ]


def docs_services(services: Sequence[Service]) -> list[str]:
    """The services that api-docs calls: those it shows, and those their visitors log in through."""
    shown = documented(services)
    return sorted({service.name for service in shown} | {s.docs_login_via for s in shown if s.docs_login_via})


def longest_docs_request_s(services: Sequence[Service]) -> int:
    """The longest that Service Connect lets a request of the documentation or of a login take, in seconds."""
    asked = docs_services(services)
    return max(service.request_timeout_seconds for service in services if service.name in asked)
