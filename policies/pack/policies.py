"""The policies of the pack for one stage, ready to be served."""

from __future__ import annotations

from collections.abc import Iterable

import pulumi
from pulumi_policy import Policy

from . import catalog
from .baseline import Baseline
from .changing import Changes
from .class_memory import judge_class_memory
from .connections import judge_connections
from .contract import judge_contract
from .findings import Finding
from .graph import Graph, Resource
from .judging import ResourceJudge, StackJudge, resource_policy, stack_policy
from .proxy_room import judge_proxy_room
from .registration import Registrations
from .request_timeouts import judge_request_timeouts
from .timeouts import judge_pool_idle_time, judge_timeouts


def policies_for(stage: str, baseline: Baseline | None = None) -> list[Policy]:
    """Every policy of the catalogue with its level in the stage. An unknown stage is judged as prd.

    baseline: what runs before the deployment; without it new values are judged by themselves.
    """
    connections, at_registration = connection_judges(stage, baseline)

    def registration(resource: Resource) -> Iterable[Finding]:
        return () if pulumi.runtime.is_dry_run() else at_registration(resource)

    stack: dict[str, StackJudge] = {
        catalog.CONNECTION_BUDGET.name: connections,
        catalog.MAX_CONNECTIONS_FITS_CLASS.name: judge_class_memory,
        catalog.POOL_IDLE_TIME.name: judge_pool_idle_time,
        catalog.REQUEST_TIMEOUT_CHAIN.name: judge_request_timeouts,
        catalog.SERVICE_CONNECT_CONTRACT.name: lambda graph: judge_contract(graph, stage),
        catalog.SERVICE_CONNECT_ROOM.name: judge_proxy_room,
        catalog.WAIT_TIMEOUT.name: judge_timeouts,
    }
    return [
        stack_policy(spec, stage, stack[spec.name])
        if spec.kind == "stack"
        else resource_policy(spec, stage, registration)
        for spec in catalog.CATALOG
    ]


def connection_judges(stage: str, baseline: Baseline | None) -> tuple[StackJudge, ResourceJudge]:
    """The judges of the connection budget for one deployment: of the whole stack, and of each registration in turn."""
    registrations = Registrations()
    changes = None if baseline is None else Changes(baseline)

    def stack(graph: Graph) -> Iterable[Finding]:
        yield from judge_connections(graph, strict=stage != "dev")
        if changes is not None:
            yield from changes.judge_stack(graph)

    def registration(resource: Resource) -> Iterable[Finding]:
        return registrations.judge(resource) or (() if changes is None else changes.judge(resource))

    return stack, registration
