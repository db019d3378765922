"""Wires the components of one stage: the file to read first."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import pulumi
import pulumi_aws as aws
from pulumi import Output, Resource, ResourceOptions

from settings.budget_places import database_places
from settings.merged import Settings
from settings.rules.mesh_rules import collector_of, service_calls
from settings.workloads import Service as ServiceSettings

from .api_docs import PORT as API_DOCS_PORT
from .api_docs import ApiDocs, ApiDocsArgs
from .batch_job import BatchJob, BatchJobArgs
from .calc.arns import Location
from .calc.calls import start_order
from .cluster import Cluster, ClusterArgs
from .database import Database, DatabaseArgs
from .images import verified_images
from .load_balancer import LoadBalancer, LoadBalancerArgs
from .monitoring import Monitoring, MonitoringArgs
from .network import Network, NetworkArgs, zone_names
from .pipeline import Pipeline, PipelineArgs
from .scope import StageScope, renamed
from .search import Search, SearchArgs
from .service import Service, ServiceArgs
from .source_repository import SourceRepository, SourceRepositoryArgs
from .stage_delivery import StageDelivery, StageDeliveryArgs
from .stage_jobs import StageJobs

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """The components of one stage."""

    network: Network
    load_balancer: LoadBalancer
    cluster: Cluster
    database: Database
    services: Mapping[str, Service]
    jobs: Mapping[str, BatchJob]
    monitoring: Monitoring
    repositories: Mapping[str, SourceRepository]
    """By their names in GitLab; none where AWS reads GitLab through a connection."""
    pipelines: Mapping[str, Pipeline]
    api_docs: ApiDocs | None
    """Where a stage gathers the services' documentation: in development, unless the settings say otherwise."""

    def export(self) -> None:
        """Export what people and other stacks ask for."""
        pulumi.export("url", self.load_balancer.url)
        pulumi.export("cluster", self.cluster.name)
        pulumi.export("database", self.database.host)
        pulumi.export("services", {name: service.address for name, service in self.services.items()})
        pulumi.export("repositories", {name: service.repository_url for name, service in self.services.items()})
        pulumi.export("jobs", sorted(job.name for job in self.jobs.values()))
        if self.api_docs is not None:
            pulumi.export("apiDocs", self.api_docs.url)
        pulumi.export("alerts", self.monitoring.topic_arn)
        pulumi.export("pipelines", sorted(pipeline.name for pipeline in self.pipelines.values()))
        pulumi.export(
            "mirrors",
            {
                name: {"url": mirror.url, "userName": mirror.git_user_name, "password": mirror.git_password}
                for name, mirror in self.repositories.items()
            },
        )


Built: TypeAlias = Generator[Resource, None, _T]
"""Registers part of the stage, and stops after each component that grows with the catalogue."""


def build(settings: Settings) -> Platform:
    """Register every resource of the stage; the settings are complete and checked by then."""
    steps = _build(settings)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            platform: Platform = end.value
            return platform


async def build_in_steps(settings: Settings) -> Platform:
    """The same, a component after the other: the SDK keeps some 85 KiB of every resource that waits for its registration."""
    steps = _build(settings)
    while True:
        try:
            made = next(steps)
        except StopIteration as end:
            platform: Platform = end.value
            return platform
        await made.urn.future()


def _build(settings: Settings) -> Built[Platform]:
    scope = _scope(settings)
    stage = settings.name
    zones = zone_names() if settings.network.existing is None else []
    network = Network(stage, NetworkArgs(scope=scope, settings=settings.network, zone_names=zones))
    load_balancer = LoadBalancer(
        stage,
        LoadBalancerArgs(
            scope=scope,
            settings=settings.load_balancer,
            vpc_id=network.vpc_id,
            public_subnet_ids=network.public_subnet_ids,
            target_ports=[
                *(service.port for service in settings.services if service.path is not None),
                *([API_DOCS_PORT] if settings.has_api_docs else []),
            ],
        ),
    )
    cluster = Cluster(
        stage,
        ClusterArgs(
            scope=scope,
            settings=settings.cluster,
            vpc_id=network.vpc_id,
            mesh_ports=[service.port for service in settings.services],
        ),
    )
    database = Database(
        stage,
        DatabaseArgs(
            scope=scope,
            settings=settings.database,
            vpc_id=network.vpc_id,
            subnet_ids=network.database_subnet_ids,
            places=database_places(settings),
        ),
    )
    services = yield from _services(settings, scope, network, load_balancer, cluster, database)
    jobs = yield from _jobs(settings, scope, cluster, database, network)
    monitoring = Monitoring(
        stage,
        MonitoringArgs(
            scope=scope,
            cluster=cluster.name,
            load_balancer=load_balancer,
            services=services,
            jobs=jobs,
            database=database,
            pipelines=settings.pipeline.enabled,
            approvals=settings.pipeline.enabled and settings.pipeline.approval,
            email=_email(settings),
        ),
    )
    Search(stage, SearchArgs(scope=scope))
    repositories = yield from _repositories(settings, scope)
    pipelines = yield from _pipelines(settings, scope, cluster, services, repositories)
    return Platform(
        network=network,
        load_balancer=load_balancer,
        cluster=cluster,
        database=database,
        services=services,
        jobs=jobs,
        monitoring=monitoring,
        repositories=repositories,
        pipelines=pipelines,
        api_docs=_api_docs(settings, scope, network, load_balancer, cluster, services),
    )


def _scope(settings: Settings) -> StageScope:
    """The stage and the account it goes to; both are known at preview, and so is every name and ARN made of them."""
    identity = aws.get_caller_identity()
    region = aws.get_region().region
    partition = aws.get_partition().partition
    return StageScope(
        stage=settings.name,
        environment=settings.stage.environment,
        project=settings.platform.project,
        owner=settings.platform.owner,
        location=Location(partition=partition, region=region, account_id=identity.account_id),
        log_retention_days=settings.logs.retention_days,
        images=verified_images(settings.name),
        placeholder_image=settings.platform.placeholder_image,
        collector=collector_of(settings.platform.telemetry),
    )


def _services(
    settings: Settings,
    scope: StageScope,
    network: Network,
    load_balancer: LoadBalancer,
    cluster: Cluster,
    database: Database,
) -> Built[dict[str, Service]]:
    """Each service after those it calls: Service Connect tells a task its names only when the task starts."""
    by_name = {service.name: service for service in settings.services}
    calls = service_calls(settings.services, cluster.namespace)
    built: dict[str, Service] = {}
    for name in start_order(calls):
        built[name] = Service(
            name,
            ServiceArgs(
                scope=scope,
                settings=by_name[name],
                capacity=settings.cluster,
                cluster=cluster,
                load_balancer=load_balancer,
                database=database,
                vpc_id=network.vpc_id,
                vpc_identity=network.identity,
                private_subnet_ids=network.private_subnet_ids,
                calls={other: built[other] for other in calls[name]},
            ),
            ResourceOptions(aliases=renamed(by_name[name].former_names)),
        )
        yield built[name]
    return {name: built[name] for name in by_name}


def _jobs(
    settings: Settings, scope: StageScope, cluster: Cluster, database: Database, network: Network
) -> Built[dict[str, BatchJob]]:
    if not settings.jobs:
        return {}
    shared = StageJobs.register(scope)
    jobs: dict[str, BatchJob] = {}
    for job in settings.jobs:
        jobs[job.name] = BatchJob(
            job.name,
            BatchJobArgs(
                scope=scope,
                settings=job,
                cluster=cluster,
                shared=shared,
                database=database,
                private_subnet_ids=network.private_subnet_ids,
            ),
            ResourceOptions(aliases=renamed(job.former_names)),
        )
        yield jobs[job.name]
    return jobs


def _api_docs(
    settings: Settings,
    scope: StageScope,
    network: Network,
    load_balancer: LoadBalancer,
    cluster: Cluster,
    services: Mapping[str, Service],
) -> ApiDocs | None:
    if not settings.has_api_docs:
        return None
    return ApiDocs(
        scope.stage,
        ApiDocsArgs(
            scope=scope,
            settings=settings.api_docs,
            services=settings.services,
            image=settings.platform.docs_image or "",
            front=settings.load_balancer,
            capacity=settings.cluster,
            cluster=cluster,
            load_balancer=load_balancer,
            vpc_id=network.vpc_id,
            vpc_identity=network.identity,
            private_subnet_ids=network.private_subnet_ids,
            endpoints=services,
        ),
    )


def _deployed(settings: Settings) -> list[ServiceSettings]:
    """The services that have a pipeline in this stage."""
    return [service for service in settings.services if service.deploy] if settings.pipeline.enabled else []


def _repositories(settings: Settings, scope: StageScope) -> Built[dict[str, SourceRepository]]:
    """One mirror a repository, however many services it holds."""
    if settings.delivery.source != "codecommit":
        return {}
    names = sorted({service.source_repository for service in _deployed(settings)})
    repositories: dict[str, SourceRepository] = {}
    for name in names:
        repositories[name] = SourceRepository(name, SourceRepositoryArgs(scope=scope, repository=name))
        yield repositories[name]
    return repositories


def _pipelines(
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


def _email(settings: Settings) -> Output[str] | str | None:
    email = settings.notifications.email
    return Output.secret(email) if email is not None and settings.notifications_secret else email
