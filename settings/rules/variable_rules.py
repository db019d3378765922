"""Secrets that would bear the name of a variable which the platform sets: ECS takes a name once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from components.calc.tasks.otel import Telemetry, application_variables
from policies.budget.declarations import HOST, IDLE, LIMIT
from settings.problems import Problem, remove_at, shown
from settings.stage import Platform
from settings.workloads import Job, Service

_EVERY: Final = frozenset({"ENVIRONMENT", "SERVICE", "STAGE"})
_DATABASE: Final = frozenset({LIMIT, HOST, "DB_NAME", IDLE, "DB_PORT", "DB_SSL_MODE", "DB_USER"})
_TELEMETRY: Final = frozenset(
    application_variables(Telemetry(project="", stage="", service="", region="", log_group=""))
)


def platform_variables(workload: Service | Job, *, telemetry: bool) -> frozenset[str]:
    """The variables that the platform gives a workload's container; `telemetry`: whether the stage has a collector."""
    names = _EVERY | (_DATABASE if workload.database else frozenset())
    if isinstance(workload, Job):
        return names
    names |= {"PORT"} | ({"KEEP_ALIVE_TIMEOUT_MS"} if workload.path is not None else set[str]())
    return names | (_TELEMETRY if telemetry and workload.telemetry else frozenset())


def variable_problems(
    stage: str, services: Sequence[Service], jobs: Sequence[Job], platform: Platform | None
) -> Iterator[Problem]:
    """Secrets under names that are taken; `platform` is None where it has a problem of its own."""
    telemetry = platform is not None and platform.telemetry.enabled
    by_name = {service.name: service for service in services}
    for workload in (*services, *jobs):
        taken = platform_variables(workload, telemetry=telemetry)
        for name in sorted(taken & set(workload.secret_parameters(stage))):
            owner = by_name.get(workload.image, workload) if isinstance(workload, Job) else workload
            at = next(
                w.places.settings[key] for w in (workload, owner) if (key := f"secrets.{name}") in w.places.settings
            )
            yield Problem(
                at=at,
                found=shown(name),
                allowed=f"a name other than {', '.join(sorted(taken))}: the platform sets these for {workload.name}, and ECS "
                "refuses a variable that is plain and a secret at once",
                example=remove_at(at),
            )
