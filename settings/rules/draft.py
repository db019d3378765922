"""The settings of a stage that are well-formed so far: what the rules between settings are held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components.calc.tasks.otel import Collector
from settings.api_docs import ApiDocs
from settings.delivery import Pipeline
from settings.origins import Written
from settings.rules.mesh_rules import collector_of
from settings.stage import Cluster, Database, LoadBalancer, Logs, Network, Platform, Stage
from settings.workloads import Job, Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Settings before they are known to go together; None stands for a key that already has a problem of its own."""

    name: str
    """The stage's name."""
    written: Written
    service_names: Sequence[str]
    """Every service of the catalogue, those with problems included."""
    services: tuple[Service, ...]
    jobs: tuple[Job, ...]
    platform: Platform | None
    stage: Stage | None
    network: Network | None
    load_balancer: LoadBalancer | None
    cluster: Cluster | None
    database: Database | None
    logs: Logs | None
    pipeline: Pipeline | None
    api_docs: ApiDocs | None

    @property
    def collector(self) -> Collector | None:
        """The collector beside the services; None in a stage without one."""
        return None if self.platform is None else collector_of(self.platform.telemetry)

    @property
    def taken_names(self) -> list[str]:
        """Names of all services and jobs."""
        return [*self.service_names, *(job.name for job in self.jobs)]
