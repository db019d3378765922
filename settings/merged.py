"""The settings of one stage, merged and checked: what the components are built from."""

from __future__ import annotations

from pydantic import Field

from settings.api_docs import ApiDocs, documented
from settings.base import SettingsModel
from settings.delivery import Delivery, Pipeline
from settings.origins import Origin
from settings.stage import Cluster, Database, LoadBalancer, Logs, Network, Notifications, Platform, Stage
from settings.workloads import Job, Service


class Settings(SettingsModel):
    """Everything the program knows about one stage before it asks AWS anything."""

    name: str
    """The stage's (and Pulumi stack's) name: dev or prd."""
    stage: Stage
    platform: Platform
    network: Network
    load_balancer: LoadBalancer
    cluster: Cluster
    database: Database
    logs: Logs
    notifications: Notifications
    delivery: Delivery
    pipeline: Pipeline
    api_docs: ApiDocs
    services: tuple[Service, ...]
    jobs: tuple[Job, ...]
    origins: dict[str, Origin] = Field(default_factory=dict)
    """Where each value that a file sets is written, by its path (settings/origins.py)."""
    notifications_secret: bool = False
    """Whether the notifications came encrypted (`secure:`) and stay secret in the state."""

    @property
    def has_api_docs(self) -> bool:
        """Whether the stage has api-docs: it is wanted, and some service declares documentation."""
        return self.api_docs.wanted_in(self.stage.environment) and bool(documented(self.services))
