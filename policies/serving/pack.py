"""The policies of the pack for one stage, ready to be served."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

import pulumi
from pulumi_policy import Policy

from policies.facts.clients.network_clients import OTHER_CLIENTS
from policies.facts.finding import Finding
from policies.resources.baseline import Baseline
from policies.resources.graph import Graph, Resource
from policies.resources.tokens import CLIENT_SIDE, DATABASE_SIDE, HTTP_NAMESPACE, LISTENER_RULE, LOAD_BALANCER
from policies.rules.budget.class_memory import judge_class_memory
from policies.rules.budget.connection_budget import headroom, judge_connections
from policies.rules.budget.idle_timeouts import judge_pool_idle_time, judge_timeouts
from policies.rules.policy import PolicySpec
from policies.rules.rule import Judge, Rule, Stack
from policies.rules.service_connect.contract import judge_contract
from policies.rules.service_connect.proxy_size import judge_proxy_room
from policies.rules.service_connect.request_timeouts import judge_request_timeouts
from policies.serving import catalog
from policies.serving.evaluation import Court
from policies.serving.exceptions import Exceptions
from policies.serving.registration_guard import Registrations
from policies.serving.rollout_budget import Changes
from policies.serving.rulebook import RULES
from policies.serving.sdk_policies import ResourceJudge, StackJudge, resource_policy, rule_policy


def policies_for(
    stage: str,
    baseline: Baseline | None = None,
    exceptions: Exceptions | None = None,
    tell: Callable[[str], None] | None = None,
) -> list[Policy]:
    """Every policy of the catalogue with its level in the stage. An unknown stage is judged as prd.

    baseline: what runs before the deployment; without it new values are judged by themselves. exceptions: what is excused.
    tell: is given the headroom of every connection budget that holds, a line each; a policy itself can only report violations.
    """
    connections, at_registration = connection_judges(stage, baseline)
    excused = exceptions or Exceptions(today=datetime.now(UTC).date())

    def told(graph: Graph) -> Iterable[Finding]:
        yield from connections(graph)
        if tell is not None:
            for line in headroom(graph):
                tell(line)

    court = Court(stage=stage, rules=rules_for(stage, told), exceptions=excused)

    def registration(resource: Resource) -> Iterable[Finding]:
        name = catalog.CONNECTION_BUDGET_AT_REGISTRATION.name
        if pulumi.runtime.is_dry_run() or excused.excuse(name, resource.urn) is not None:
            return ()
        return at_registration(resource)

    return [
        resource_policy(spec, stage, registration) if spec.kind == "resource" else rule_policy(court, spec)
        for spec in catalog.CATALOG
    ]


def rules_for(stage: str, connections: StackJudge) -> Mapping[str, Rule]:
    """Every rule over whole stacks by its policy's name; `connections` judges the connection budget."""
    judges: tuple[tuple[PolicySpec, Judge], ...] = (
        (catalog.CONNECTION_BUDGET, lambda stack: connections(stack.graph)),
        (catalog.MAX_CONNECTIONS_FITS_CLASS, _class_memory),
        (catalog.POOL_IDLE_TIME, _pool_idle_time),
        (catalog.REQUEST_TIMEOUT_CHAIN, lambda stack: judge_request_timeouts(stack.graph)),
        (catalog.SERVICE_CONNECT_CONTRACT, lambda stack: judge_contract(stack.graph, stage)),
        (catalog.SERVICE_CONNECT_ROOM, _proxy_room),
        (catalog.WAIT_TIMEOUT, _timeouts),
    )
    types = CLIENT_SIDE | DATABASE_SIDE | OTHER_CLIENTS | {HTTP_NAMESPACE, LISTENER_RULE, LOAD_BALANCER}
    graph_rules = (Rule(spec=spec, judge=judge, types=types) for spec, judge in judges)
    return {rule.spec.name: rule for rule in (*graph_rules, *RULES)}


def _class_memory(stack: Stack) -> Iterable[Finding]:
    return judge_class_memory(stack.graph, stack.number(catalog.MAX_CONNECTIONS_FITS_CLASS, "timesDefault"))


def _pool_idle_time(stack: Stack) -> Iterable[Finding]:
    return judge_pool_idle_time(stack.graph, stack.number(catalog.POOL_IDLE_TIME, "marginMs"))


def _proxy_room(stack: Stack) -> Iterable[Finding]:
    cpu, memory = (stack.number(catalog.SERVICE_CONNECT_ROOM, name) for name in ("cpuUnits", "memoryMib"))
    return judge_proxy_room(stack.graph, cpu, memory)


def _timeouts(stack: Stack) -> Iterable[Finding]:
    return judge_timeouts(stack.graph, *stack.span(catalog.WAIT_TIMEOUT, "minimumSeconds", "maximumSeconds"))


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
