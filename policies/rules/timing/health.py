"""Policies about the start of a task: health checks that give it time, notice failures soon, and ask a port that it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.facts.ecs.parts.health_checks import health_check, start_period
from policies.facts.ecs.parts.port_mappings import maps, port_mappings, ports_shown
from policies.facts.network.target_group_terms import TRAFFIC_PORT, asks_for_health, check_port, drain_seconds, pace
from policies.facts.network.target_groups import naming, targets_of
from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Absent, NotDecidedError
from policies.resources.reading import optional, required
from policies.resources.references import task_definitions
from policies.resources.requested import asked_integer, asked_text
from policies.resources.tokens import PIPELINE, SERVICE, TARGET_GROUP, TASK_DEFINITION
from policies.rules.policy import ECS_GUIDE, setting
from policies.rules.rule import Problem, Stack, about, container_policy, policy


@policy(
    what="A target group notices within minutes that a task fails, and that a new one works.",
    why="Until a failing task is noticed its share of the requests fails; until a new one is admitted a deployment waits.",
    severity="medium",
    how_to_fix="Lower healthCheck.interval or the thresholds, such as 15 seconds, 2 and 3.",
    url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
    settings=(
        setting("failureSeconds", 120, "Seconds until a failing task is noticed, at most."),
        setting("startSeconds", 300, "Seconds until a new task is admitted, at most."),
    ),
    types=(TARGET_GROUP,),
)
def health_check_pace(stack: Stack, group: Resource) -> Iterator[Problem]:
    if not asks_for_health(group):
        return  # target-group-health-check says so
    check = pace(group)
    for seconds, name, which in (
        (check.given_up, "failureSeconds", "interval times unhealthyThreshold"),
        (check.admitted, "startSeconds", "interval times healthyThreshold"),
    ):
        if seconds > stack.number(name):
            yield Problem(f"healthCheck's {which} is {seconds} s", f"at most {stack.number(name)} s")


@policy(
    what="A service's tasks have time to start before the load balancer's checks count.",
    why="A task that is replaced while it starts never comes up, and the deployment goes round until it is given up.",
    severity="high",
    how_to_fix="Set healthCheckGracePeriodSeconds to the containers' healthCheck.startPeriod at least.",
    url=ECS_GUIDE + "service_definition_parameters.html",
    settings=(setting("maximumSeconds", 1800, "Seconds in which the load balancer's checks do not count, at most."),),
    types=(SERVICE,),
    also=(TARGET_GROUP, TASK_DEFINITION),
)
def health_check_grace(stack: Stack, service: Resource) -> Iterator[Problem]:
    if not stack.facts.balanced(service):
        return
    grace = asked_integer(service, "healthCheckGracePeriodSeconds")
    seconds = optional(grace, 0)
    if seconds > (most := stack.number("maximumSeconds")):
        yield Problem(
            f"healthCheckGracePeriodSeconds is {seconds}: a task that fails at its start is kept as long",
            f"at most {most}",
        )
    start = max(
        (_start(stack, definition) for definition in task_definitions(stack.graph, service, "taskDefinition")),
        default=0,
    )
    if start <= seconds:
        return
    patience: list[int] = []
    for group in stack.graph.held(targets_of(stack.graph, service, "loadBalancers")):
        with about(group):
            patience.append(pace(group).given_up)
    if seconds + min(patience, default=0) < start or not isinstance(grace, Absent):
        shown = "not set" if isinstance(grace, Absent) else f"{seconds}"
        yield Problem(
            f"healthCheckGracePeriodSeconds is {shown}, and its containers may take {start} s to start (startPeriod)",
            f"at least {start}",
        )


def _start(stack: Stack, definition: Resource) -> int:
    return max(stack.facts.by_container(definition, start_period).values(), default=0)


@container_policy(
    what="A container's health check has times that ECS takes, and notices a failure within minutes.",
    why="ECS refuses a time out of its range; a check that is asked every five minutes leaves a dead task running for as long.",
    severity="medium",
    how_to_fix="Set interval 15 to 30, timeout below it, retries 3, and startPeriod to the time that a start takes.",
    url="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html",
    settings=(setting("failureSeconds", 180, "Seconds until a failing container is noticed, at most."),),
)
def container_check_times(stack: Stack, _: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    check = health_check(container)
    if check is None:
        return
    interval, timeout, retries = required(check.interval), required(check.timeout), required(check.retries)
    for name, value, lowest, highest in (
        ("interval", interval, 5, 300),
        ("timeout", timeout, 2, 60),
        ("retries", retries, 1, 10),
        ("startPeriod", start_period(container), 0, 300),
    ):
        if not lowest <= value <= highest:
            yield Problem(f"healthCheck.{name} is {value}, which ECS refuses", f"{lowest} to {highest}")
    if timeout > interval:
        yield Problem(f"healthCheck.timeout {timeout} is above its interval {interval}", "a timeout up to it")
    seconds = interval * retries
    if seconds > stack.number("failureSeconds"):
        yield Problem(
            f"healthCheck's interval times retries is {seconds} s", f"at most {stack.number('failureSeconds')} s"
        )


@policy(
    what="A target group's health check asks a port that the service's containers map.",
    why="A check of another port never succeeds, and the deployment is rolled back with every task healthy.",
    severity="high",
    how_to_fix="Leave healthCheck.port at traffic-port, or map the port in portMappings.",
    url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
    types=(TARGET_GROUP,),
    also=(SERVICE, TASK_DEFINITION),
)
def health_check_port(stack: Stack, group: Resource) -> Iterator[Problem]:
    port = check_port(group)
    if port == TRAFFIC_PORT:
        return
    services = naming(stack.graph, SERVICE, "loadBalancers")
    for service in services.by_group.get(group.urn, ()):
        for definition in task_definitions(stack.graph, service, "taskDefinition"):
            ports = [
                mapping for mapped in stack.facts.by_container(definition, port_mappings).values() for mapping in mapped
            ]
            if not maps(ports, int(port) if len(port) < 6 and port.isdecimal() else 0):
                yield Problem(
                    f"healthCheck.port is {port}, and {service.name} maps {ports_shown(ports) or 'none'}",
                    TRAFFIC_PORT,
                )
    if services.undecided is not None:
        raise NotDecidedError(services.undecided)


_MOST_MINUTES = 60
"""CodePipeline User Guide, action reference of Amazon ECS, `DeploymentTimeout`: 1 to 60."""


@policy(
    what="A pipeline waits for a deployment as long as its tasks need to start, be admitted and leave.",
    why="A deploy action that gives up first reports a failure of what goes on, and a rollback follows.",
    severity="medium",
    how_to_fix="Raise DeploymentTimeout (minutes) of the deploy action.",
    url="https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html",
    types=(PIPELINE,),
    also=(SERVICE, TARGET_GROUP, TASK_DEFINITION),
)
def deployment_time_enough(stack: Stack, pipeline: Resource) -> Iterator[Problem]:
    services = _by_name(stack.graph)
    for action in stack.facts.pipelines[pipeline.urn].actions():
        if isinstance(action.minutes, Absent):
            continue  # 60
        service = services.get(optional(action.configured("ServiceName"), ""))
        if service is None:
            continue  # reference-exists says so
        given = required(action.minutes)
        with about(service):
            needed = _needed(stack, service)
        if not 1 <= given <= _MOST_MINUTES:
            yield Problem(f"DeploymentTimeout is {given}, which CodePipeline refuses", f"1 to {_MOST_MINUTES} minutes")
        elif given * 60 < needed:
            least = f"at least {-(-needed // 60)}" if needed <= _MOST_MINUTES * 60 else "shorter times of the service"
            yield Problem(
                f"DeploymentTimeout is {given} minutes, and a task of {service.name} needs {needed} s to start, be admitted and leave",
                least,
            )


@per_graph
def _by_name(graph: Graph) -> Mapping[str, Resource]:
    return {optional(asked_text(service, "name"), service.name): service for service in graph.of_type(SERVICE)}


def _needed(stack: Stack, service: Resource) -> int:
    """Seconds that the replacement of one task takes."""
    seconds = max(
        (_start(stack, definition) for definition in task_definitions(stack.graph, service, "taskDefinition")),
        default=0,
    )
    for group in stack.graph.held(targets_of(stack.graph, service, "loadBalancers")):
        with about(group):
            seconds += pace(group).admitted + drain_seconds(group)
    return seconds
