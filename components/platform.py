"""Wires the components of one stage: the file to read first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output

from settings.budget_places import database_places
from settings.merged import Settings
from settings.rules.mesh_rules import collector_of

from .calc.arns import Location
from .catalogue import Built, build_jobs, build_pipelines, build_repositories, build_services
from .delivery.pipeline import Pipeline
from .delivery.source_repository import SourceRepository
from .scope import StageScope
from .stage.cluster import Cluster, ClusterArgs
from .stage.database import Database, DatabaseArgs
from .stage.load_balancer import LoadBalancer, LoadBalancerArgs
from .stage.monitoring import Monitoring, MonitoringArgs
from .stage.network import Network, NetworkArgs, zone_names
from .stage.search import stage_group
from .unread_outputs import keep_read_outputs
from .workloads.api_docs import PORT as API_DOCS_PORT
from .workloads.api_docs import ApiDocs, ApiDocsArgs
from .workloads.batch_job import BatchJob
from .workloads.images import verified_images
from .workloads.placement import Placement
from .workloads.service import Service


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
    pulumi.runtime.register_stack_transformation(keep_read_outputs)
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
    place = Placement(
        scope=scope,
        capacity=settings.cluster,
        cluster=cluster,
        load_balancer=load_balancer,
        vpc_id=network.vpc_id,
        vpc_identity=network.identity,
        private_subnet_ids=network.private_subnet_ids,
    )
    services = yield from build_services(settings, place, database)
    jobs = yield from build_jobs(settings, place, database)
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
    stage_group(scope)
    repositories = yield from build_repositories(settings, scope)
    pipelines = yield from build_pipelines(settings, scope, cluster, services, repositories)
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
        api_docs=_api_docs(settings, place, services),
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


def _api_docs(settings: Settings, place: Placement, services: Mapping[str, Service]) -> ApiDocs | None:
    if not settings.has_api_docs:
        return None
    return ApiDocs(
        settings.name,
        ApiDocsArgs(
            place=place,
            settings=settings.api_docs,
            services=settings.services,
            image=settings.platform.docs_image or "",
            front=settings.load_balancer,
            endpoints=services,
        ),
    )


def _email(settings: Settings) -> Output[str] | str | None:
    email = settings.notifications.email
    return Output.secret(email) if email is not None and settings.notifications_secret else email
