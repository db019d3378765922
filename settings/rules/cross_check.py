"""What one key alone cannot show: clashes between services, and pairs of values that AWS refuses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from components.calc.fargate import check_task_size
from components.calc.health import HEALTH_INTERVAL_SECONDS
from components.calc.logs import check_retention
from components.calc.paths import find_conflicts
from components.calc.subnets import plan_subnets
from components.calc.timeouts import timeout_problems
from policies.budget.schedule import ScheduleError, parse_schedule
from settings.delivery import Pipeline
from settings.origins import CATALOGUE
from settings.problems import Problem, refusal, shown
from settings.rules.delivery_rules import delivery_problems
from settings.rules.name_rules import name_problems
from settings.stage import Cluster, Database, Logs, Network
from settings.time_zones import check_time_zone
from settings.workloads import Job, Service, Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The settings that are well-formed so far; None stands for a key that already has a problem of its own."""

    name: str
    """The stage's name."""
    service_names: Sequence[str]
    """Every service of the catalogue, those with problems included."""
    services: tuple[Service, ...]
    jobs: tuple[Job, ...]
    network: Network | None
    logs: Logs | None
    database: Database | None
    cluster: Cluster | None
    pipeline: Pipeline | None
    env_files_read: bool
    """Not where the stage's environment has a problem: which files to read follows from it."""


def cross_check(settings: Draft, stage_file: str) -> list[Problem]:
    """Every problem between settings that are each well-formed."""
    return [
        *_network(settings, stage_file),
        *_logs(settings, stage_file),
        *name_problems(
            settings.name,
            services=settings.services,
            jobs=settings.jobs,
            service_names=settings.service_names,
            cluster=settings.cluster,
            pipeline=settings.pipeline,
            stage_file=stage_file,
        ),
        *delivery_problems(settings.name, settings.services, settings.pipeline, stage_file),
        *_listener_rules(settings.services),
        *(problem for service in settings.services for problem in _service(service, settings, stage_file)),
        *(problem for job in settings.jobs for problem in _job(job, settings, stage_file)),
    ]


def _network(settings: Draft, stage_file: str) -> Iterator[Problem]:
    network = settings.network
    if network is None or network.cidr is None:
        return
    cidr, zones = network.cidr, network.availability_zones
    if why := refusal(lambda: plan_subnets(cidr, zones)):
        yield Problem(
            file=stage_file, key="network.cidr", found=shown(cidr), allowed=why, example='cidr: "10.10.0.0/16"'
        )


def _logs(settings: Draft, stage_file: str) -> Iterator[Problem]:
    if settings.logs is None:
        return
    days = settings.logs.retention_days
    if why := refusal(lambda: check_retention(days)):
        yield Problem(
            file=stage_file, key="logs.retentionDays", found=shown(days), allowed=why, example="retentionDays: 30"
        )


def _listener_rules(services: tuple[Service, ...]) -> Iterator[Problem]:
    routed = [service for service in services if service.path is not None]
    by_path: dict[str, list[str]] = defaultdict(list)
    by_priority: dict[int, list[str]] = defaultdict(list)
    for service in routed:
        by_path[service.path or ""].append(service.name)
        if service.priority is None:
            yield Problem(
                file=CATALOGUE,
                key=f"services.{service.name}.priority",
                found="nothing",
                allowed=f"required with path {service.path}: a number from 1 to 50,000 that no other service has",
                example="priority: 100",
            )
        else:
            by_priority[service.priority].append(service.name)
    for path, names in by_path.items():
        if len(names) > 1:
            yield Problem(
                file=CATALOGUE,
                key=f"services.{names[1]}.path",
                found=f"{shown(path)} in {' and '.join(names)}",
                allowed="one service a path: the load balancer sends a path to the first rule that matches",
                example=f"path: /{names[1]}*",
            )
    for priority, names in by_priority.items():
        if len(names) > 1:
            yield Problem(
                file=CATALOGUE,
                key=f"services.{names[1]}.priority",
                found=f"{priority} in {' and '.join(names)}",
                allowed="a priority that no other listener rule has (AWS refuses the second with PriorityInUse)",
                example=f"priority: {_free(by_priority, priority)}",
            )
    unique_paths = {service.path for service in routed}
    if len(unique_paths) == len(routed):
        rules = [(s.name, s.path or "", s.priority) for s in routed if s.priority is not None]
        for why in find_conflicts(rules):
            yield Problem(
                file=CATALOGUE,
                key="services",
                found="a path that is never reached",
                allowed=why,
                example="priority: 100",
            )


def _free(taken: dict[int, list[str]], near: int) -> int:
    return next(number for number in [*range(near, 50_001), *range(1, near)] if number not in taken)


def _workload(kind: str, workload: Workload, settings: Draft, stage_file: str) -> Iterator[Problem]:
    key = f"{kind}.{workload.name}"
    if why := refusal(lambda: check_task_size(workload.cpu, workload.memory)):
        found = f"cpu {workload.cpu} with memory {workload.memory}"
        yield Problem(file=CATALOGUE, key=f"{key}.memory", found=found, allowed=why, example="cpu: 256, memory: 512")
    secrets = set(workload.secret_parameters(settings.name))
    for name in sorted(secrets & set(workload.environment)):
        yield Problem(
            file=stage_file,
            key=f"{key}.secrets",
            found=f"{name} in secrets and in {workload.variable_sources.get(name, 'environment')}",
            allowed="each variable once: plain in the env file or environment, or as a reference in secrets",
            example=f"secrets: [{name}]",
        )
    required = set(workload.requires) if settings.env_files_read else set[str]()
    for name in sorted(required - secrets - set(workload.environment)):
        yield Problem(
            file=stage_file,
            key=f"{kind[:-1]}Overrides.{workload.name}",
            found=f"no {name}",
            allowed=f"{workload.name} requires {name} in every stage: in its env file or under environment, or under "
            "secrets if it is one",
            example=f"{workload.name}: {{environment: {{{name}: ...}}}} or {workload.name}: {{secrets: [{name}]}}",
        )
    if workload.database:
        yield from _database_client(kind, workload, settings, stage_file)


def _database_client(kind: str, workload: Workload, settings: Draft, stage_file: str) -> Iterator[Problem]:
    singular = kind[:-1]
    if workload.db_conn_limit is None:
        yield Problem(
            file=stage_file,
            key=f"{singular}Overrides.{workload.name}.dbConnLimit",
            found="nothing",
            allowed=f"required: {workload.name} declares database: true; without a limit its pool is unbounded",
            example=f"{singular}Defaults: {{dbConnLimit: 5}}",
        )
    if settings.database is None:
        return
    wait_ms = settings.database.wait_timeout_seconds * 1000
    if workload.db_pool_idle_ms >= wait_ms:
        yield Problem(
            file=stage_file,
            key=f"{singular}Overrides.{workload.name}.dbPoolIdleMs",
            found=str(workload.db_pool_idle_ms),
            allowed=f"below the server's wait_timeout ({wait_ms} ms), so that the pool lets an idle connection go first",
            example=f"dbPoolIdleMs: {wait_ms // 2}",
        )


def _service(service: Service, settings: Draft, stage_file: str) -> Iterator[Problem]:
    yield from _workload("services", service, settings, stage_file)
    if service.tasks.min > service.tasks.max:
        yield Problem(
            file=stage_file,
            key=f"serviceOverrides.{service.name}.tasks",
            found=f"min {service.tasks.min}, max {service.tasks.max}",
            allowed="min at most max",
            example=f"tasks: {{min: {service.tasks.max}, max: {service.tasks.min}}}",
        )
    if service.singleton and service.tasks.max > 1:
        yield Problem(
            file=stage_file,
            key=f"serviceOverrides.{service.name}.tasks",
            found=f"max {service.tasks.max} of a singleton",
            allowed="max 1: a second task of a singleton may never start",
            example="tasks: {min: 1, max: 1}, or no tasks, or singleton: false",
        )
    sentences = timeout_problems(
        stop_timeout_s=service.stop_timeout_seconds,
        deregistration_delay_s=service.deregistration_delay_seconds,
        health_interval_s=HEALTH_INTERVAL_SECONDS,
        health_grace_s=service.health_grace_seconds,
        longest_request_s=service.request_timeout_seconds,
        spot=settings.cluster is not None and settings.cluster.spot_weight > 0,
    )
    for why in sentences:
        yield Problem(
            file=CATALOGUE,
            key=f"services.{service.name}",
            found=f"stopTimeoutSeconds {service.stop_timeout_seconds}, deregistrationDelaySeconds "
            f"{service.deregistration_delay_seconds}, requestTimeoutSeconds {service.request_timeout_seconds}, "
            f"healthGraceSeconds {service.health_grace_seconds}",
            allowed=why,
            example="stopTimeoutSeconds: 60, deregistrationDelaySeconds: 60, requestTimeoutSeconds: 60",
        )
    if service.requests_per_target is not None and service.path is None:
        yield Problem(
            file=CATALOGUE,
            key=f"services.{service.name}.requestsPerTarget",
            found=str(service.requests_per_target),
            allowed="only with a path: the load balancer counts requests for services behind it",
            example="path: /datalab*",
        )


def _job(job: Job, settings: Draft, stage_file: str) -> Iterator[Problem]:
    yield from _workload("jobs", job, settings, stage_file)
    services = sorted(settings.service_names)
    if job.image not in services:
        yield Problem(
            file=CATALOGUE,
            key=f"jobs.{job.name}.image",
            found=shown(job.image),
            allowed=f"a service whose image the job runs: {', '.join(services)}",
            example=f"image: {services[0] if services else 'datalab-api'}",
        )
    try:
        parse_schedule(job.schedule)
    except ScheduleError as error:
        yield Problem(
            file=CATALOGUE,
            key=f"jobs.{job.name}.schedule",
            found=shown(job.schedule),
            allowed=str(error),
            example="cron(0 2 * * ? *)",
        )
    if job.database and job.longest_run_minutes is None:
        yield Problem(
            file=CATALOGUE,
            key=f"jobs.{job.name}.longestRunMinutes",
            found="nothing",
            allowed=f"required: {job.name} declares database: true, and ECS ends no task for running long, so without its "
            "longest run nothing bounds its connections",
            example="longestRunMinutes: 40",
        )
    if why := refusal(lambda: check_time_zone(job.timezone)):
        yield Problem(
            file=CATALOGUE,
            key=f"jobs.{job.name}.timezone",
            found=shown(job.timezone),
            allowed=why,
            example="timezone: Asia/Seoul",
        )
