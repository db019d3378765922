"""Policies about the end of a task: requests on their way are finished before it is stopped, and connections last as long."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.facts.ecs.containers import collects_telemetry
from policies.facts.ecs.definitions import is_for_fargate
from policies.facts.ecs.parts.port_mappings import port_mappings
from policies.facts.ecs.service_connect import DEFAULT_REQUEST_LIMIT_S, Exposed, exposed
from policies.facts.network.target_group_terms import drain_seconds
from policies.facts.network.target_groups import naming
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, NotDecidedError, Undecided, decided
from policies.resources.reading import optional, read_integer, required
from policies.resources.references import task_definitions
from policies.resources.tokens import LOAD_BALANCER, SERVICE, TARGET_GROUP, TASK_DEFINITION
from policies.rules.policy import ECS_GUIDE, setting
from policies.rules.rule import Problem, Stack, about, policy

_STOP_S, _MOST_STOP_S = 30, 120
"""ECS's default for stopTimeout, and the most that Fargate takes (Amazon ECS Developer Guide, Container timeouts)."""


def _limits(service: Resource) -> dict[Exposed, int]:
    """What Service Connect serves, with the seconds that it lets a request take; 0, which is for ever, is left out."""
    found = {item: optional(item.request_limit, DEFAULT_REQUEST_LIMIT_S) for item in exposed(service)}
    return {item: seconds for item, seconds in found.items() if seconds}


@policy(
    what="A container has the time to finish its requests before it is killed.",
    why="After stopTimeout ECS kills it: what a caller was still waiting for is lost, at every deployment.",
    severity="medium",
    how_to_fix="Set stopTimeout to the longest request at least, up to 120 seconds, or limit requests by perRequestTimeoutSeconds.",
    url=ECS_GUIDE + "task_definition_parameters.html",
    settings=(setting("minimumSeconds", 10, "Seconds that a container with ports has at least.", maximum=120),),
    types=(SERVICE,),
    also=(TASK_DEFINITION,),
)
def stop_time_enough(stack: Stack, service: Resource) -> Iterator[Problem]:
    longest = max(_limits(service).values(), default=0)
    needed = max(min(longest, _MOST_STOP_S), stack.number("minimumSeconds"))
    for definition in task_definitions(stack.graph, service, "taskDefinition"):
        with about(definition):
            for container in stack.facts.documents(definition):
                stop = read_integer(container, "stopTimeout")
                seconds = optional(stop, _STOP_S)
                name = f'container "{container.get("name")}"'
                if seconds > _MOST_STOP_S and is_for_fargate(definition):
                    yield Problem(
                        f"{name}: stopTimeout is {seconds}, which Fargate refuses", f"at most {_MOST_STOP_S} s"
                    )
                ports = stack.facts.by_container(definition, port_mappings)[str(container.get("name"))]
                if seconds >= needed or not ports or collects_telemetry(container):
                    continue  # what an application sends its collector is no caller's request
                shown = f"is {seconds} s" if not isinstance(stop, Absent) else f"is not set, which is {_STOP_S} s"
                reason = f", and Service Connect lets a request take {longest} s" if longest > seconds else ""
                yield Problem(f"{name}: stopTimeout {shown}{reason}", f"at least {needed} s")


@policy(
    what="A target group lets a task finish its requests before it is stopped, and does not hold a deployment up.",
    why="After deregistrationDelay the load balancer cuts what is still on its way, a 502 for each at every deployment.",
    severity="medium",
    how_to_fix="Set deregistrationDelay to the longest request: Service Connect's perRequestTimeoutSeconds, or what the setting says.",
    url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html",
    settings=(
        setting("minimumSeconds", 15, "Seconds that requests have at least where nothing says how long they take."),
        setting("maximumSeconds", 600, "Seconds that a deployment waits for them at most.", maximum=3600),
    ),
    types=(TARGET_GROUP,),
    also=(SERVICE, LOAD_BALANCER),
)
def drain_time_enough(stack: Stack, group: Resource) -> Iterator[Problem]:
    least, most = stack.span("minimumSeconds", "maximumSeconds")
    seconds = drain_seconds(group)
    longest, whose = least, ""
    services = naming(stack.graph, SERVICE, "loadBalancers")
    for service in services.by_group.get(group.urn, ()):
        with about(service):
            stated = [limit for item, limit in _limits(service).items() if not isinstance(item.request_limit, Absent)]
            if stated and max(stated) > longest:
                longest, whose = max(stated), f", and a request of {service.name} may take {max(stated)} s"
    if services.undecided is not None:
        raise NotDecidedError(services.undecided)
    if seconds < longest:
        yield Problem(f"deregistrationDelay is {seconds} s{whose}", f"at least {longest} s")
    elif seconds > most:
        yield Problem(
            f"deregistrationDelay is {seconds} s, which every task of a deployment waits for", f"at most {most} s"
        )


@policy(
    what="Service Connect lets a request take as long as requests do.",
    why="What takes longer is cut with a 504 while the service goes on working: a slow report, or the first query after a start.",
    severity="medium",
    how_to_fix="Set timeout.perRequestTimeoutSeconds to the longest request, or the setting minimumSeconds to what is enough for yours.",
    url=ECS_GUIDE + "service-connect-concepts-deploy.html",
    settings=(setting("minimumSeconds", 10, "Seconds that a request between services has at least.", maximum=300),),
    types=(SERVICE,),
    also=(TASK_DEFINITION,),
)
def service_connect_request_time(stack: Stack, service: Resource) -> Iterator[Problem]:
    least, by = stack.number("minimumSeconds"), ""
    limits = _limits(service)
    for definition in task_definitions(stack.graph, service, "taskDefinition") if limits else ():
        # What is unknown of its containers, other policies say.
        found = decided(lambda definition=definition: stack.facts.containers(definition))
        for container in () if isinstance(found, Undecided) else found:
            for name, value in container.environment.items():
                seconds = _stated_seconds(name, value)
                if seconds > least:
                    least, by = seconds, f", and {name} of container {container.name} is {value}"
    for item, limit in limits.items():
        if limit < least:
            yield Problem(f"{required(item.port_name)}: perRequestTimeoutSeconds is {limit}{by}", f"at least {least}")


def _stated_seconds(name: str, value: str | None) -> int:
    """How long a server lets a request take by a variable of its own; 0 where it is none of these, or has no end."""
    match = _REQUEST_TIMEOUT.fullmatch(name)
    if match is None or value is None or not re.fullmatch(r"[0-9]{1,9}", value):
        return 0
    unit = match[1] or ""
    return (
        -(-int(value) // 1000)
        if unit in ("_MS", "_MILLIS", "_MILLISECONDS") or (not unit and int(value) >= 1000)
        else int(value)
    )


_REQUEST_TIMEOUT = re.compile(
    r"(?:HTTP_|SERVER_|MAX_)?REQUEST_TIMEOUT(_MS|_MILLIS|_MILLISECONDS|_S|_SEC|_SECS|_SECONDS)?"
)


@policy(
    what="Service Connect keeps a silent connection as long as a request on it may take.",
    why="A request that works for a while without a byte is cut at idleTimeoutSeconds, before its own limit.",
    severity="medium",
    how_to_fix="Set timeout.idleTimeoutSeconds above perRequestTimeoutSeconds, or leave it at its 300 seconds.",
    url=ECS_GUIDE + "service-connect-concepts-deploy.html",
    types=(SERVICE,),
)
def service_connect_idle_time(_: Stack, service: Resource) -> Iterator[Problem]:
    for item, limit in _limits(service).items():
        idle = optional(item.idle_limit, 0)
        if 0 < idle < limit:
            name = required(item.port_name)
            yield Problem(
                f"{name}: idleTimeoutSeconds is {idle}, and a request may take {limit} s", f"at least {limit}"
            )
