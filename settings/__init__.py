"""Settings of a stage: frozen models, one reader of Pulumi's configuration, errors for people."""

from __future__ import annotations

from .delivery import Delivery, Pipeline
from .merged import Settings
from .problems import Problem, SettingsError
from .reader import load, read
from .stage import Cluster, Database, LoadBalancer, Network, Platform, Stage
from .workloads import Job, Service, Tasks, Workload

__all__ = [
    "Cluster",
    "Database",
    "Delivery",
    "Job",
    "LoadBalancer",
    "Network",
    "Pipeline",
    "Platform",
    "Problem",
    "Service",
    "Settings",
    "SettingsError",
    "Stage",
    "Tasks",
    "Workload",
    "load",
    "read",
]
