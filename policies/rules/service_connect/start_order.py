"""Policies about Service Connect's clients: each starts after what it calls, and nobody is cut by a limit that nobody chose."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator

from policies.facts.ecs.container_addresses import directive_seconds, texts_of
from policies.facts.ecs.load_balancers import behind_load_balancer
from policies.facts.ecs.service_connect import DEFAULT_REQUEST_LIMIT_S, exposed
from policies.facts.network.target_groups import naming, targets_of
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Absent, Undecided, decided
from policies.resources.tokens import LISTENER, LISTENER_RULE, SERVICE, TARGET_GROUP, TASK_DEFINITION
from policies.resources.urns import type_and_name
from policies.rules.policy import ECS_GUIDE
from policies.rules.rule import Problem, Stack, policy


def _before(graph: Graph, resource: Resource, others: Collection[str]) -> frozenset[str]:
    """Those of the others that are there before a resource, by URN; most are what it depends on itself."""
    found: set[str] = set()
    wanted = set(others)
    ahead = deque([resource.urn])
    while ahead and wanted:
        known = graph.get(ahead.popleft())
        for urn in known.dependencies if known is not None else ():
            if urn not in found:
                found.add(urn)
                wanted.discard(urn)
                ahead.append(urn)
    return frozenset(others) - wanted


@policy(
    what="A service is created, and changed, after the services that it calls by Service Connect.",
    why="A task learns the names at its start: one that is older than a name never hears of it, and every call fails.",
    severity="medium",
    how_to_fix="Add depends_on with the service that is called to the service that calls it.",
    url=ECS_GUIDE + "service-connect-concepts-deploy.html",
    types=(SERVICE,),
    also=(TASK_DEFINITION,),
)
def service_connect_order(stack: Stack, service: Resource) -> Iterator[Problem]:
    called = {endpoint.urn: address for endpoint, address in stack.facts.calls.of(service).items()}
    before = _before(stack.graph, service, called)
    for urn, address in sorted(called.items()):
        other = stack.graph.get(urn)
        # Two services that call each other have no order: the one that is created first is deployed once more.
        if other is not None and urn not in before and not _before(stack.graph, other, (service.urn,)):
            yield Problem(
                f"it calls {address} and does not depend on {other.name}, which serves that name",
                f"depends_on {other.name}",
            )


@policy(
    what="A service waits for the listener or rule that ties its target group to a load balancer.",
    why="ECS refuses a service whose target group has no load balancer yet: the first deployment fails, by chance.",
    severity="medium",
    how_to_fix="Add depends_on with the listener or the rule that forwards to the target group.",
    url=ECS_GUIDE + "service-load-balancing.html",
    types=(SERVICE,),
    also=(LISTENER, LISTENER_RULE, TARGET_GROUP),
)
def service_after_its_rule(stack: Stack, service: Resource) -> Iterator[Problem]:
    if not service.dependencies:
        return  # nobody has said what is there before it
    # What is unknown of the two, target-group-one-service says.
    groups = decided(lambda: targets_of(stack.graph, service, "loadBalancers"))
    for key in sorted(groups) if not isinstance(groups, Undecided) else ():
        leading = [
            held.urn
            for kind, prop in ((LISTENER, "defaultActions"), (LISTENER_RULE, "actions"))
            for held in naming(stack.graph, kind, prop).by_group.get(key, ())
        ]
        if leading and not _before(stack.graph, service, leading):
            names = ", ".join(sorted(type_and_name(urn)[1] for urn in leading))
            yield Problem(
                f"it does not depend on {names[:120]}, by which its target group gets requests",
                "depends_on one of them",
            )


@policy(
    what="What Service Connect serves has a limit of its own for requests where somebody waits longer than its default.",
    why=f"Without one Service Connect ends every request after {DEFAULT_REQUEST_LIMIT_S} seconds, with a 504 that no program sent.",
    severity="medium",
    how_to_fix="Set timeout.perRequestTimeoutSeconds of the service to its longest request.",
    url=ECS_GUIDE + "service-connect-concepts-deploy.html",
    types=(SERVICE,),
    also=(TASK_DEFINITION,),
)
def service_connect_default_limit(stack: Stack, service: Resource) -> Iterator[Problem]:
    member = stack.facts.mesh.members.get(service.urn)
    if member is None:
        return
    unset = any(isinstance(item.request_limit, Absent) for item in exposed(service))
    limited = [
        endpoint for endpoint in member.endpoints if unset and endpoint.request_limit_s == DEFAULT_REQUEST_LIMIT_S
    ]
    if not limited:
        return
    for caller in stack.facts.calls.callers(service.urn):
        # What is unknown of a caller is its own finding.
        found = decided(lambda caller=caller: _waits(stack, caller))
        if isinstance(found, Undecided) or not found:
            continue
        yield Problem(
            f"timeout.perRequestTimeoutSeconds is not set, which is {DEFAULT_REQUEST_LIMIT_S} s, and {found}",
            "a limit of its own",
        )
        return


def _waits(stack: Stack, caller: Resource) -> str:
    """Why a caller of a service waits longer than the default, as half a sentence; empty where nothing says so."""
    for run in stack.facts.runs_of(caller):
        for definition in run.definitions:
            for texts in stack.facts.by_container(definition, texts_of).values():
                for text in texts:
                    longest = max(directive_seconds(text, "proxy_read_timeout"), default=0.0)
                    if longest > DEFAULT_REQUEST_LIMIT_S:
                        return f"{caller.name} waits {longest:g} s (proxy_read_timeout)"
    if behind_load_balancer(caller):
        return f"{caller.name} calls it for requests that the load balancer lets take longer"
    return ""
