"""The policies of the pack for one stage, ready to be served."""

from __future__ import annotations

from collections.abc import Iterable

import pulumi
from pulumi_policy import Policy

from . import catalog
from .class_memory import judge_class_memory
from .connections import judge_connections
from .findings import Finding
from .graph import Graph, Resource
from .judging import StackJudge, resource_policy, stack_policy
from .registration import Registrations
from .timeouts import judge_pool_idle_time, judge_timeouts


def policies_for(stage: str) -> list[Policy]:
    """Every policy of the catalogue with its level in the stage. An unknown stage is judged as prd."""
    registrations = Registrations()

    def connections(graph: Graph) -> Iterable[Finding]:
        return judge_connections(graph, strict=stage != "dev")

    def registration(resource: Resource) -> Iterable[Finding]:
        return () if pulumi.runtime.is_dry_run() else registrations.judge(resource)

    stack: dict[str, StackJudge] = {
        catalog.CONNECTION_BUDGET.name: connections,
        catalog.MAX_CONNECTIONS_FITS_CLASS.name: judge_class_memory,
        catalog.POOL_IDLE_TIME.name: judge_pool_idle_time,
        catalog.WAIT_TIMEOUT.name: judge_timeouts,
    }
    return [
        stack_policy(spec, stage, stack[spec.name])
        if spec.kind == "stack"
        else resource_policy(spec, stage, registration)
        for spec in catalog.CATALOG
    ]
