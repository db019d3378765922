"""What names the settings give: their lengths in AWS, and names that two things would have."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterator, Sequence

from components.calc.names import check_name, resource_name
from components.calc.reserved import check_workload_name, database_user
from settings.origins import Written
from settings.problems import Problem, put, refusal, shown
from settings.rules.draft import Draft
from settings.stage import Cluster
from settings.workloads import Job, Service

_SHORT = 17
"""Characters that leave room for everything that names in AWS are made of."""


def free_name(name: str, kind: str, taken: Collection[str]) -> str:
    """A name like this one that a workload of this kind (`service`, `job`) can have and that no other has."""
    words = re.sub(r"[^a-z0-9]+", "-", name.lower())[:_SHORT].strip("-")
    base = words if words[:1].isalpha() and words != name else f"{kind}-{words}".strip("-")[: _SHORT + 8].strip("-")
    numbered = (f"{base}-{number}" for number in itertools.count(2))
    return next(name for name in itertools.chain([base], numbered) if name not in taken)


def name_problems(draft: Draft) -> Iterator[Problem]:
    """Every name that cannot be."""
    stage, services, jobs, service_names = draft.name, draft.services, draft.jobs, draft.service_names
    taken = {*service_names, *(job.name for job in jobs)}
    for job in jobs:
        if job.name in service_names:
            yield Problem(
                at=job.places.declared,
                found=f"{job.name} is a service, too",
                allowed="a name that no service has: both would own the task definition family of that name",
                example=f"rename it to {free_name(job.name, 'job', taken)}",
            )
    for service in services:
        yield from _workload("service", service, _service_checks(stage, service), taken)
    for job in jobs:
        yield from _workload("job", job, _job_checks(stage, job), taken)
    if draft.cluster is not None:
        yield from _namespace(stage, services, draft.cluster, draft.written)


def _service_checks(stage: str, service: Service) -> Iterator[Callable[[], object]]:
    base = resource_name(stage, service.aws_name)
    yield lambda: check_name("target-group", f"{base}-000000")
    yield lambda: check_name("iam-role", f"{base}-execution")
    yield lambda: check_name("task-family", base)
    yield from _common_checks(service)


def _job_checks(stage: str, job: Job) -> Iterator[Callable[[], object]]:
    base = resource_name(stage, job.aws_name)
    yield lambda: check_name("schedule", base)
    yield lambda: check_name("iam-role", f"{base}-scheduler")
    yield lambda: check_name("task-family", base)
    yield from _common_checks(job)


def _common_checks(workload: Service | Job) -> Iterator[Callable[[], object]]:
    yield lambda: check_workload_name(workload.name)
    yield lambda: check_workload_name(workload.aws_name)
    if workload.database:
        yield lambda: database_user(workload.aws_name)


def _workload(
    kind: str, workload: Service | Job, checks: Iterator[Callable[[], object]], taken: Collection[str]
) -> Iterator[Problem]:
    for check in checks:
        if why := refusal(check):
            renamed = workload.aws_name in why and workload.aws_name != workload.name
            yield Problem(
                at=workload.places.of("formerly") if renamed else workload.places.declared,
                found=shown(workload.aws_name if renamed else workload.name),
                allowed=why,
                example="remove formerly" if renamed else f"rename it to {free_name(workload.name, kind, taken)}",
            )


def _namespace(stage: str, services: Sequence[Service], cluster: Cluster, written: Written) -> Iterator[Problem]:
    """The longest name first: one message says what the namespace has to be."""
    for service in sorted(services, key=lambda service: -len(service.name))[:1]:
        if why := refusal(lambda service=service: check_name("client-alias", f"{service.name}.{cluster.namespace}")):
            yield Problem(
                at=written.at("cluster", "namespace"),
                found=shown(cluster.namespace),
                allowed=why,
                example=put(namespace=f"{stage}-ns"),
            )
