"""What names the settings give: their lengths in AWS, and names that two things would have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from components.calc.names import check_name, resource_name
from components.calc.reserved import check_cache_name, check_workload_name, database_user
from settings.delivery import Pipeline
from settings.origins import CATALOGUE
from settings.problems import Problem, refusal, shown
from settings.stage import Cluster
from settings.workloads import Job, Service, Workload


def name_problems(
    stage: str,
    *,
    services: Sequence[Service],
    jobs: Sequence[Job],
    service_names: Sequence[str],
    cluster: Cluster | None,
    pipeline: Pipeline | None,
    stage_file: str,
) -> Iterator[Problem]:
    """Every name that cannot be; `service_names` has the services with problems, too. None: has a problem of its own."""
    for job in jobs:
        if job.name in service_names:
            yield Problem(
                file=CATALOGUE,
                key=f"jobs.{job.name}",
                found=f"{job.name} is a service, too",
                allowed="a name that no service has: both would own the task definition family of that name",
                example=f"{job.name}-batch: {{...}}",
            )
    for service in services:
        yield from _workload("services", service, _service_checks(stage, service, service_names, pipeline))
    for job in jobs:
        yield from _workload("jobs", job, _job_checks(stage, job))
    if cluster is not None:
        yield from _namespace(services, cluster, stage_file)


def _service_checks(
    stage: str, service: Service, service_names: Sequence[str], pipeline: Pipeline | None
) -> Iterator[Callable[[], object]]:
    base = resource_name(stage, service.name)
    yield lambda: check_name("target-group", f"{base}-000000")
    yield lambda: check_name("iam-role", f"{base}-execution")
    yield lambda: check_name("task-family", base)
    yield from _common_checks(stage, service)
    if pipeline is not None and pipeline.enabled and service.deploy:
        yield lambda: check_cache_name(service.name, service_names)


def _job_checks(stage: str, job: Job) -> Iterator[Callable[[], object]]:
    base = resource_name(stage, job.name)
    yield lambda: check_name("schedule", base)
    yield lambda: check_name("iam-role", f"{base}-scheduler")
    yield lambda: check_name("task-family", base)
    yield from _common_checks(stage, job)


def _common_checks(stage: str, workload: Workload) -> Iterator[Callable[[], object]]:
    yield lambda: check_workload_name(stage, workload.name)
    if workload.database:
        yield lambda: database_user(workload.name)


def _workload(kind: str, workload: Workload, checks: Iterator[Callable[[], object]]) -> Iterator[Problem]:
    for check in checks:
        if why := refusal(check):
            yield Problem(
                file=CATALOGUE,
                key=f"{kind}.{workload.name}",
                found=shown(workload.name),
                allowed=why,
                example="datalab-api: {...}",
            )


def _namespace(services: Sequence[Service], cluster: Cluster, stage_file: str) -> Iterator[Problem]:
    """The longest name first: one message tells what the namespace has to be."""
    for service in sorted(services, key=lambda service: -len(service.name))[:1]:
        if why := refusal(lambda service=service: check_name("client-alias", f"{service.name}.{cluster.namespace}")):
            yield Problem(
                file=stage_file,
                key="cluster.namespace",
                found=shown(cluster.namespace),
                allowed=why,
                example="namespace: dev-itemscout-ns",
            )
