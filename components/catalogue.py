"""The components that grow with the catalogue: services, jobs, mirrors and pipelines, each built a step after the other."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TypeAlias, TypeVar

from pulumi import Resource, ResourceOptions

from settings.merged import Settings
from settings.rules.mesh_rules import service_calls
from settings.workloads import Service as ServiceSettings

from .calc.tasks.calls import start_order
from .delivery.pipeline import Pipeline, PipelineArgs
from .delivery.source_repository import SourceRepository, SourceRepositoryArgs, mirrors_group
from .delivery.stage_delivery import StageDelivery, StageDeliveryArgs
from .scope import StageScope, renamed
from .stage.cluster import Cluster
from .stage.database import Database
from .workloads.batch_job import BatchJob, BatchJobArgs
from .workloads.placement import Placement
from .workloads.service import Service, ServiceArgs
from .workloads.stage_jobs import StageJobs

_T = TypeVar("_T")
Built: TypeAlias = Generator[Resource, None, _T]
"""Registers part of the stage, and stops after each component."""


def build_services(settings: Settings, place: Placement, database: Database) -> Built[dict[str, Service]]:
    """Each service after those it calls: Service Connect gives a task its names only when the task starts."""
    by_name = {service.name: service for service in settings.services}
    calls = service_calls(settings.services, place.cluster.namespace)
    built: dict[str, Service] = {}
    for name in start_order(calls):
        built[name] = Service(
            name,
            ServiceArgs(
                place=place,
                settings=by_name[name],
                database=database,
                calls={other: built[other] for other in calls[name]},
            ),
            ResourceOptions(aliases=renamed(by_name[name].former_names)),
        )
        yield built[name]
    return {name: built[name] for name in by_name}


def build_jobs(settings: Settings, place: Placement, database: Database) -> Built[dict[str, BatchJob]]:
    if not settings.jobs:
        return {}
    shared = StageJobs.register(place.scope)
    jobs: dict[str, BatchJob] = {}
    for job in settings.jobs:
        jobs[job.name] = BatchJob(
            job.name,
            BatchJobArgs(
                scope=place.scope,
                settings=job,
                cluster=place.cluster,
                shared=shared,
                database=database,
                private_subnet_ids=place.private_subnet_ids,
            ),
            ResourceOptions(aliases=renamed(job.former_names)),
        )
        yield jobs[job.name]
    return jobs


def _deployed(settings: Settings) -> list[ServiceSettings]:
    """The services that have a pipeline in this stage."""
    return [service for service in settings.services if service.deploy] if settings.pipeline.enabled else []


def build_repositories(settings: Settings, scope: StageScope) -> Built[dict[str, SourceRepository]]:
    """One mirror a repository, however many services it holds."""
    if settings.delivery.source != "codecommit":
        return {}
    names = sorted({service.source_repository for service in _deployed(settings)})
    repositories: dict[str, SourceRepository] = {}
    for name in names:
        repositories[name] = SourceRepository(name, SourceRepositoryArgs(scope=scope, repository=name))
        yield repositories[name]
    if repositories:
        mirrors_group(scope, repositories.values())
    return repositories


def build_pipelines(
    settings: Settings,
    scope: StageScope,
    cluster: Cluster,
    services: Mapping[str, Service],
    repositories: Mapping[str, SourceRepository],
) -> Built[dict[str, Pipeline]]:
    deployed = _deployed(settings)
    if not deployed:
        return {}
    shared = StageDelivery(
        scope.stage,
        StageDeliveryArgs(scope=scope, cluster=cluster.name, pushes=settings.delivery.source == "codecommit"),
    )
    pipelines: dict[str, Pipeline] = {}
    for service in deployed:
        pipelines[service.name] = Pipeline(
            service.name,
            PipelineArgs(
                scope=scope,
                settings=service,
                delivery=settings.delivery,
                pipeline=settings.pipeline,
                cluster=cluster.name,
                shared=shared,
                jobs=[job.aws_name for job in settings.jobs if job.image == service.name],
                depends_on=[
                    services[service.name],
                    *([repositories[service.source_repository]] if repositories else []),
                ],
            ),
            ResourceOptions(aliases=renamed(service.former_names)),
        )
        yield pipelines[service.name]
    return pipelines
