"""Settings that cannot take effect beside others: someone wrote them and would believe in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from settings.api_docs import documented
from settings.base import SettingsModel
from settings.origins import CATALOGUE, Origin
from settings.problems import Problem, put, remove_at, shown
from settings.rules.draft import Draft
from settings.workloads import Job, Service, Workload

Why = Callable[[Workload, Draft], str | None]
"""Why a setting does nothing for a workload; None where it does something."""


def _without_database(workload: Workload, _: Draft) -> str | None:
    return None if workload.database else "only with database: true: it is about connections to the database"


def _service(why: Callable[[Service, Draft], str | None]) -> Why:
    return lambda workload, draft: why(workload, draft) if isinstance(workload, Service) else None


def _fixed_tasks(service: Service, _: Draft) -> str | None:
    return (
        None if service.tasks.min < service.tasks.max else "only where tasks.min is below tasks.max: autoscaling is off"
    )


def _requests(service: Service, draft: Draft) -> str | None:
    behind = "only with a path: the load balancer counts requests for services behind it"
    return behind if service.path is None else _fixed_tasks(service, draft)


def _rate(workload: Workload, _: Draft) -> str | None:
    of_rate = isinstance(workload, Job) and workload.schedule.startswith("rate(")
    return "only for cron(…) and at(…): a rate has no time of day" if of_rate else None


def _promoted(service: Service, draft: Draft) -> str | None:
    origin = draft.pipeline.promote_from if draft.pipeline is not None else "?"
    return "only in a stage with pipeline.promoteFrom" if service.promote and origin is None else None


def _deployed(service: Service, _: Draft) -> str | None:
    return None if service.deploy else "only with deploy: true: the service has no pipeline"


WORKLOADS: Final[dict[str, Why]] = {
    **dict.fromkeys(
        ("dbConnLimit", "dbPoolIdleMs", "processes", "poolsPerProcess", "connectionsOutsidePool"), _without_database
    ),
    "priority": _service(lambda s, _: None if s.path is not None else "only with a path: it is the listener rule's"),
    "requestsPerTarget": _service(_requests),
    "cpuTargetPercent": _service(_fixed_tasks),
    "docsLoginPath": _service(
        lambda s, _: None if s.docs_login_via else "only with docsLoginVia: it is that service's"
    ),
    "telemetry": _service(
        lambda s, draft: (
            "only with platform.telemetry.enabled: true" if s.telemetry and draft.collector is None else None
        )
    ),
    "repository": _service(_deployed),
    "bakeEnv": _service(lambda s, draft: _deployed(s, draft) if s.bake_env else None),
    "promote": _service(lambda s, draft: _promoted(s, draft) or (_deployed(s, draft) if s.promote else None)),
    "timezone": _rate,
}
"""Settings of services and jobs, and why they may do nothing."""
_OF_A_STAGE: Final = ("promote", "requestsPerTarget", "cpuTargetPercent")
"""Said in the catalogue for the stages in which they do something."""
_OF_A_NEW_NETWORK: Final = ("availabilityZones", "natGateways")
_OF_OUR_DATABASE: Final = (
    "extendedSupport",
    "storageGib",
    "maxStorageGib",
    "multiAz",
    "backupRetentionDays",
    "deletionProtection",
    "finalSnapshot",
    "performanceInsights",
    "applyImmediately",
    "majorUpgrade",
    "formerly",
)


def effect_problems(draft: Draft) -> Iterator[Problem]:
    """A problem for everything that is written and does nothing."""
    for workloads in (draft.services, draft.jobs):
        yield from _of_workloads(workloads, draft)
    yield from _read_only(draft)
    yield from _of_documents(draft)


def _of_workloads(workloads: Sequence[Service | Job], draft: Draft) -> Iterator[Problem]:
    """Of what a workload has of its own: a default is for those it does something for, and for those to come."""
    for workload in workloads:
        for key, why in WORKLOADS.items():
            at = workload.places.settings.get(key)
            if at is None or at.shared or (key in _OF_A_STAGE and at.file == CATALOGUE):
                continue
            if reason := why(workload, draft):
                yield _idle(at, getattr(workload, _attribute(workload, key)), reason)


def _attribute(model: SettingsModel, key: str) -> str:
    return next(name for name, info in type(model).model_fields.items() if (info.alias or name) == key)


def _read_only(draft: Draft) -> Iterator[Problem]:
    if draft.cluster is None or not draft.cluster.execute_command:
        return
    for service in draft.services:
        at = service.places.settings.get("readOnlyRoot")
        if at is None or not service.read_only_root:
            continue
        everywhere = at.file == CATALOGUE
        yield Problem(
            at=service.places.own("readOnlyRoot") if everywhere else at,
            found=f"true{f' in {at}' if everywhere else ''}, beside executeCommand: true in "
            f"{draft.written.at('cluster', 'executeCommand')}",
            allowed="false where executeCommand is on: the agent that opens a shell writes to the root file system, so it is "
            "writable; or executeCommand: false",
            example=put(readOnlyRoot=False),
        )


def _of_documents(draft: Draft) -> Iterator[Problem]:
    network, balancer, database = draft.network, draft.load_balancer, draft.database
    if network is not None and network.existing is not None:
        for key in _OF_A_NEW_NETWORK:
            yield from _unused(draft, "network", key, "only for a new VPC (cidr): an existing one has what it has")
    if balancer is not None and balancer.http_only and balancer.hosted_zone_id is not None:
        yield from _unused(
            draft, "loadBalancer", "hostedZoneId", "only with a domain: plain HTTP has no name in the zone"
        )
    if database is not None:
        if database.existing is not None:
            for key in _OF_OUR_DATABASE:
                yield from _unused(
                    draft, "database", key, "only for a database of this program: an existing one is not changed"
                )
        elif database.extended_support and not database.engine_version.startswith(("8.0", "5.7")):
            why = f"only with engineVersion 8.0 or 5.7: {database.engine_version} is in standard support"
            yield from _unused(draft, "database", "extendedSupport", why)
    api_docs = draft.api_docs
    if api_docs is not None and api_docs.enabled and not documented(draft.services) and draft.services:
        yield from _unused(draft, "apiDocs", "enabled", "only where a service declares docs: there is nothing to show")


def _unused(draft: Draft, key: str, inside: str, why: str) -> Iterator[Problem]:
    documents: dict[str, SettingsModel | None] = {
        "network": draft.network,
        "loadBalancer": draft.load_balancer,
        "database": draft.database,
        "apiDocs": draft.api_docs,
    }
    document = documents[key]
    if document is not None and (name := _attribute(document, inside)) in document.model_fields_set:
        yield _idle(draft.written.at(key, inside), getattr(document, name), why)


def _idle(at: Origin, value: object, why: str) -> Problem:
    return Problem(at=at, found=f"{shown(value)}, which does nothing here", allowed=why, example=remove_at(at))
