"""Secrets that would bear the name of a variable which the platform sets: ECS takes a name once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from components.calc.otel import Telemetry, application_variables
from policies.budget.declarations import HOST, IDLE, LIMIT
from settings.problems import Problem, shown
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
    stage: str, services: Sequence[Service], jobs: Sequence[Job], platform: Platform | None, stage_file: str
) -> Iterator[Problem]:
    """Secrets under names that are taken; `platform` is None where it has a problem of its own."""
    telemetry = platform is not None and platform.telemetry.enabled
    for kind, workload in [("services", s) for s in services] + [("jobs", j) for j in jobs]:
        taken = platform_variables(workload, telemetry=telemetry)
        for name in sorted(taken & set(workload.secret_parameters(stage))):
            yield Problem(
                file=stage_file,
                key=f"{kind}.{workload.name}.secrets",
                found=shown(name),
                allowed=f"a name other than {', '.join(sorted(taken))}: the platform sets these for {workload.name}, and ECS "
                "refuses a variable that is plain and a secret at once",
                example="secrets: [MSI_API_KEY]",
            )
