"""What one key alone cannot show: pairs of values that AWS refuses, and what a workload needs from the stage."""

from __future__ import annotations

from collections.abc import Iterator

from components.calc.logs import LOG_RETENTION_DAYS, check_retention
from components.calc.subnets import plan_subnets
from components.calc.tasks.timeouts import MAX_STOP_TIMEOUT_S, SPOT_NOTICE_S, timeout_problems
from policies.budget.schedule import ScheduleError, parse_schedule
from policies.credentials.names import may_hold_secret
from settings.nearest import aside, nearest
from settings.problems import Problem, put, put_at, refusal, remove_at, shown
from settings.rules.delivery_rules import delivery_problems
from settings.rules.docs_rules import api_docs_priority, docs_problems
from settings.rules.draft import Draft
from settings.rules.effect_rules import effect_problems
from settings.rules.former_names import former_name_problems
from settings.rules.mesh_rules import mesh_problems
from settings.rules.name_rules import name_problems
from settings.rules.route_rules import api_docs_route, route_problems
from settings.rules.size_rules import size_problems
from settings.rules.stage_rules import stage_problems
from settings.rules.time_zones import check_time_zone
from settings.rules.variable_rules import platform_variables, variable_problems
from settings.workloads import Job, Service


def cross_check(draft: Draft) -> list[Problem]:
    """Every problem between settings that are each well-formed."""
    at = draft.written.at("apiDocs", "priority")
    priority = api_docs_priority(draft)
    return [
        *_network(draft),
        *_logs(draft),
        *name_problems(draft),
        *former_name_problems(draft),
        *delivery_problems(draft.name, draft.services, draft.pipeline, draft.written),
        *route_problems(draft.services, None if priority is None else api_docs_route(priority, at)),
        *size_problems(draft.services, draft.jobs, draft.collector),
        *(problem for service in draft.services for problem in _service(service, draft)),
        *(problem for job in draft.jobs for problem in _job(job, draft)),
        *mesh_problems(draft.services, draft.collector, draft.cluster),
        *variable_problems(draft.name, draft.services, draft.jobs, draft.platform),
        *docs_problems(draft),
        *stage_problems(draft),
        *effect_problems(draft),
    ]


def _network(draft: Draft) -> Iterator[Problem]:
    network = draft.network
    if network is None or network.cidr is None:
        return
    cidr, zones = network.cidr, network.availability_zones
    if why := refusal(lambda: plan_subnets(cidr, zones)):
        at = draft.written.at("network", "cidr")
        yield Problem(at=at, found=shown(cidr), allowed=why, example=put(cidr="10.10.0.0/16"))


def _logs(draft: Draft) -> Iterator[Problem]:
    if draft.logs is None:
        return
    days = draft.logs.retention_days
    if why := refusal(lambda: check_retention(days)):
        nearest = min(LOG_RETENTION_DAYS, key=lambda known: abs(known - days))
        at = draft.written.at("logs", "retentionDays")
        yield Problem(at=at, found=shown(days), allowed=why, example=put(retentionDays=nearest))


def _workload(workload: Service | Job, draft: Draft) -> Iterator[Problem]:
    secrets = set(workload.secret_parameters(draft.name))
    for name in sorted(secrets & set(workload.environment)):
        at = workload.places.variables[name]
        yield Problem(
            at=at,
            found=f"{name}, and {name} in {workload.places.settings.get(f'secrets.{name}', 'the secrets of its service')}",
            allowed="each variable once: plain in the env file or environment, or as a reference in secrets",
            example=remove_at(at),
        )
    given = platform_variables(workload, telemetry=draft.collector is not None)
    required = set(workload.requires) if draft.stage is not None else set[str]()
    for name in sorted(required - secrets - set(workload.environment) - given):
        secret = may_hold_secret(name)
        listed = sorted({*workload.secrets, name})
        yield Problem(
            at=workload.places.own("secrets" if secret else f"environment.{name}"),
            found=f"no {name}",
            allowed=f"{workload.name} requires {name} in every stage ({workload.places.of(f'requires.{name}', 'requires')}): in "
            "its env file or under environment, or under secrets if it is one",
            example=put(secrets=listed) if secret else put(**{name: "value"}),
        )
    if workload.database:
        yield from _database_client(workload, draft)


def _database_client(workload: Service | Job, draft: Draft) -> Iterator[Problem]:
    if workload.db_conn_limit is None:
        yield Problem(
            at=workload.places.own("dbConnLimit"),
            found="nothing",
            allowed=f"required: {workload.name} declares database: true; without a limit its pool is unbounded",
            example=put(dbConnLimit=5),
        )
    if draft.database is None:
        return
    idle_ms, wait_s = workload.db_pool_idle_ms, draft.database.wait_timeout_seconds
    if idle_ms < wait_s * 1000:
        return
    at = workload.places.of("dbPoolIdleMs")
    found, example = str(idle_ms), put_at(at, wait_s * 500)
    if "dbPoolIdleMs" not in workload.places.settings or wait_s < 2:
        at = draft.written.at("database", "waitTimeoutSeconds")
        found, example = str(wait_s), put(waitTimeoutSeconds=idle_ms // 1000 + 1)
    yield Problem(
        at=at,
        found=found,
        allowed=f"dbPoolIdleMs of {workload.name} ({idle_ms} ms) below the server's wait_timeout ({wait_s * 1000} ms), so that "
        "the pool lets an idle connection go first",
        example=example,
    )


def _service(service: Service, draft: Draft) -> Iterator[Problem]:
    yield from _workload(service, draft)
    tasks = service.tasks
    if tasks.min > tasks.max:
        yield Problem(
            at=service.places.of("tasks"),
            found=f"min {tasks.min}, max {tasks.max}",
            allowed="min at most max",
            example=put(tasks={"min": tasks.max, "max": tasks.min}),
        )
    if service.singleton and tasks.max > 1:
        yield Problem(
            at=service.places.of("tasks"),
            found=f"max {tasks.max} of a singleton",
            allowed="max 1: a second task of a singleton may never start",
            example=put(tasks={"min": min(tasks.min, 1), "max": 1}),
        )
    yield from _times(service, spot=draft.cluster is not None and draft.cluster.spot_weight > 0)


def _times(service: Service, *, spot: bool) -> Iterator[Problem]:
    stop, delay = service.stop_timeout_seconds, service.deregistration_delay_seconds
    request, grace = service.request_timeout_seconds, service.health_grace_seconds
    for why in timeout_problems(stop_timeout_s=stop, deregistration_delay_s=0, health_grace_s=grace):
        at = service.places.of("healthGraceSeconds")
        yield Problem(at=at, found=str(grace), allowed=why, example=put(healthGraceSeconds=60))
    ending = timeout_problems(stop_timeout_s=stop, deregistration_delay_s=delay, longest_request_s=request, spot=spot)
    if ending:
        longest = min(request, SPOT_NOTICE_S) if spot else request
        yield Problem(
            at=service.places.of("requestTimeoutSeconds", "deregistrationDelaySeconds", "stopTimeoutSeconds"),
            found=f"stopTimeoutSeconds {stop}, deregistrationDelaySeconds {delay}, requestTimeoutSeconds {request}",
            allowed=" ".join(ending),
            example=put(
                stopTimeoutSeconds=max(2, min(longest, MAX_STOP_TIMEOUT_S)),
                deregistrationDelaySeconds=longest,
                requestTimeoutSeconds=longest,
            ),
        )


def _job(job: Job, draft: Draft) -> Iterator[Problem]:
    yield from _workload(job, draft)
    services = sorted(draft.service_names)
    if not services:
        yield Problem(
            at=draft.written.at("services"),
            found="no service",
            allowed=f"the service whose image {job.name} runs",
            example=put(services={"value": {job.image: {}}}),
        )
    elif job.image not in services:
        yield Problem(
            at=job.places.of("image"),
            found=shown(job.image) + aside(job.image, services),
            allowed=f"a service whose image the job runs: {', '.join(services)}",
            example=put(image=nearest(job.image, services, alike=0)),
        )
    try:
        parse_schedule(job.schedule)
    except ScheduleError as error:
        at = job.places.of("schedule")
        yield Problem(at=at, found=shown(job.schedule), allowed=str(error), example=put(schedule="cron(0 2 * * ? *)"))
    if job.database and job.longest_run_minutes is None:
        yield Problem(
            at=job.places.catalogue("longestRunMinutes"),
            found="nothing",
            allowed=f"required: {job.name} declares database: true, and ECS ends no task for running long, so without its "
            "longest run nothing bounds its connections",
            example=put(longestRunMinutes=40),
        )
    if why := refusal(lambda: check_time_zone(job.timezone)):
        at = job.places.of("timezone")
        yield Problem(at=at, found=shown(job.timezone), allowed=why, example=put(timezone="Asia/Seoul"))
