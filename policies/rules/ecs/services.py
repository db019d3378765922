"""Policies about ECS services: roll-outs that turn back by themselves, enough tasks in enough zones, and no way in for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.facts.ecs.autoscaling import scaling_targets, scheduled_actions
from policies.facts.ecs.deployments import controller, desired_count, is_daemon, least_percent, most_percent
from policies.facts.ecs.parts.port_mappings import PortMapping, port_mappings
from policies.facts.ecs.service_connect import exposed
from policies.facts.ecs.singletons import singleton_of
from policies.facts.network.subnets import subnets_of, zones_of
from policies.facts.network.target_groups import targets_of
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent
from policies.resources.reading import optional, read, read_integer, read_text, refuse, required
from policies.resources.references import belonging, task_definitions
from policies.resources.requested import asked_list, asked_map, asked_text
from policies.rules.policy import ECS_GUIDE, PRD_ADVISORY, PRD_ONLY, setting
from policies.rules.property_checks import flag, one_of, stated
from policies.rules.rule import Problem, Stack, about, policy


@policy(
    what="A failed roll-out of a service stops and turns back by itself.",
    why="Without it ECS starts failing tasks again and again, and the old ones may be gone.",
    severity="high",
    how_to_fix="Set deploymentCircuitBreaker with enable and rollback true.",
    url=ECS_GUIDE + "deployment-circuit-breaker.html",
    types=(tokens.SERVICE,),
)
def service_circuit_breaker(stack: Stack, service: Resource) -> Iterator[Problem]:
    # CodeDeploy and external controllers have rollbacks of their own; a daemon has no count that failures are a share of.
    if controller(service) != "ECS" or is_daemon(service):
        return
    if isinstance(asked_map(service, "deploymentCircuitBreaker"), Absent):
        yield Problem("deploymentCircuitBreaker is not set", "enable and rollback true")
        return
    yield from flag("deploymentCircuitBreaker", "enable", wanted=True, default=False)(stack, service)
    yield from flag("deploymentCircuitBreaker", "rollback", wanted=True, default=False)(stack, service)


@policy(
    what="A service runs enough tasks that one may fail.",
    why="With one task every failure, Spot interruption and retirement of its host is an outage.",
    severity="high",
    how_to_fix="Set desiredCount, and minCapacity of its scaling target, to 2 or more.",
    url=ECS_GUIDE + "service-auto-scaling.html",
    levels=PRD_ONLY,
    settings=(setting("minimumTasks", 2, "Tasks that a service runs at least."),),
    types=(tokens.SERVICE,),
    also=(tokens.SCALING_TARGET, tokens.TASK_DEFINITION),
)
def service_enough_tasks(stack: Stack, service: Resource) -> Iterator[Problem]:
    if is_daemon(service):
        return
    if singleton_of(stack.facts, service).judged_as_one:
        return  # singleton-alone demands the opposite
    least = stack.number("minimumTasks")
    scaled = scaling_targets(stack.facts.scalers, service)
    for target in scaled:
        with about(target):
            minimum = required(read_integer(target, "minCapacity"))
        if minimum < least:
            yield Problem(f"minCapacity of {target.name} is {minimum}", f"at least {least}")
    for action in scheduled_actions(stack.facts.scalers, service):
        with about(action):
            scheduled = optional(read_integer(action, "scalableTargetAction", "minCapacity"), least)
            bound = optional(read_integer(action, "scalableTargetAction", "maxCapacity"), least)
        if min(scheduled, bound) < least:
            yield Problem(
                f"the scheduled action {action.name} goes down to {min(scheduled, bound)}", f"at least {least}"
            )
    desired = desired_count(service)
    if not (scaled and isinstance(desired, Absent)):
        count = optional(desired, 1)
        if count < least:
            yield Problem(stated("desiredCount", desired, str(count)), f"at least {least}")


@policy(
    what="A service's tasks stand in at least two Availability Zones.",
    why="In one they all go down with it.",
    severity="high",
    how_to_fix="Give the service private subnets of two or more zones.",
    url=ECS_GUIDE + "service-rebalancing.html",
    levels=PRD_ONLY,
    settings=(setting("minimumZones", 2, "Availability Zones that a service's subnets are in at least.", minimum=1),),
    types=(tokens.SERVICE,),
    also=(tokens.SUBNET,),
)
def service_zones(stack: Stack, service: Resource) -> Iterator[Problem]:
    if isinstance(read(service, "networkConfiguration"), Absent):
        return  # tasks stand where their EC2 instances do
    path = ("networkConfiguration", "subnets")
    count = zones_of(stack.graph, subnets_of(stack.graph, service, *path), ".".join(path))
    least = stack.number("minimumZones")
    if count < least:
        yield Problem(f"its subnets are in {count} zone{'' if count == 1 else 's'}", f"at least {least}")


@policy(
    what="A service keeps all its tasks while it rolls out.",
    why="Below 100 percent every roll-out is a time with less than the service needs; without room above it none can start.",
    severity="high",
    how_to_fix="Set deploymentMinimumHealthyPercent to 100 and deploymentMaximumPercent to 200.",
    url=ECS_GUIDE + "deployment-type-ecs.html",
    levels=PRD_ONLY,
    types=(tokens.SERVICE,),
    also=(tokens.SCALING_TARGET, tokens.TASK_DEFINITION),
)
def service_full_strength(stack: Stack, service: Resource) -> Iterator[Problem]:
    if controller(service) != "ECS" or is_daemon(service):
        return  # the others start all new tasks before they stop one; a daemon has one place for each
    if singleton_of(stack.facts, service).judged_as_one:
        return  # singleton-alone demands the opposite
    minimum, maximum = least_percent(service), most_percent(service)
    if minimum < 100:
        yield Problem(f"deploymentMinimumHealthyPercent is {minimum}", "at least 100")
    if maximum <= 100:
        yield Problem(f"deploymentMaximumPercent is {maximum}, so that no new task may start", "more than 100")


@policy(
    what="What Service Connect and the load balancer name is a port of the service's containers.",
    why="A name that no container has, or a port of UDP, fails the deployment, or starts a service that nobody reaches.",
    severity="high",
    how_to_fix="Name the container's port in portMappings, by tcp, and use that name and port in the service.",
    url=ECS_GUIDE + "service-connect-concepts-deploy.html",
    types=(tokens.SERVICE, tokens.TASK_SET),
    also=(tokens.TARGET_GROUP, tokens.TASK_DEFINITION),
)
def service_port_named(stack: Stack, service: Resource) -> Iterator[Problem]:
    balanced = stack.facts.balanced(service)
    if not balanced and not exposed(service) and not _in_lattice(service):
        return
    definitions = _definitions(stack, service)
    if not definitions:
        refuse("taskDefinition", "names no single task definition of this stack")
    for definition in definitions:
        yield from _named_ports(stack, service, stack.facts.by_container(definition, port_mappings))


def _in_lattice(service: Resource) -> list[str]:
    """The names of ports that VPC Lattice sends requests to."""
    at = "vpcLatticeConfigurations"
    listed = range(len(optional(asked_list(service, at), [])))
    return [required(read_text(service, at, position, "portName")) for position in listed]


def _definitions(stack: Stack, service: Resource) -> tuple[Resource, ...]:
    """The one that a service or task set names, or those of the task sets of an external controller; empty where it is not known."""
    if controller(service) != "EXTERNAL":
        found = task_definitions(stack.graph, service, "taskDefinition")
        return found if len(found) == 1 else ()
    sets = belonging(stack.graph, service, tokens.TASK_SET, "service")
    return tuple(held for task_set in sets for held in task_definitions(stack.graph, task_set, "taskDefinition"))


def _named_ports(stack: Stack, service: Resource, ports: Mapping[str, tuple[PortMapping, ...]]) -> Iterator[Problem]:
    for held in stack.facts.balanced(service):
        protocol = {mapping.port: mapping.protocol for mapping in ports.get(held.container, ())}.get(held.port, "")
        uses = f"the load balancer uses port {held.port} of container {held.container[:80]}"
        if not protocol:
            yield Problem(f"{uses}, which it does not map", "its port")
        elif protocol != "tcp" and not _by_network(stack, service):
            yield Problem(f"{uses}, which is mapped by {protocol[:10]}", "protocol tcp")
    names = {mapping.name: mapping.protocol for own in ports.values() for mapping in own}
    used = [("Service Connect", required(item.port_name)) for item in exposed(service)]
    for who, name in (*used, *(("VPC Lattice", name) for name in _in_lattice(service))):
        uses = f'{who} uses the port name "{name[:80]}"'
        if name not in names:
            yield Problem(f"{uses}, which no container has", "a name in portMappings")
        elif names[name] != "tcp":
            yield Problem(f"{uses}, which is mapped by {names[name][:10]}", "protocol tcp")


def _by_network(stack: Stack, service: Resource) -> bool:
    """Whether a Network Load Balancer may be what a service stands behind: its groups take UDP, too."""
    groups = [stack.graph.get(key) for key in targets_of(stack.graph, service, "loadBalancers")]
    return any(group is None or "UDP" in str(group.props.get("protocol")) for group in groups)


@policy(
    what="A service's tasks are spread over its zones again after a zone was down.",
    why="After an incident all tasks stand where they could start; the next loss of that zone takes them all.",
    severity="low",
    how_to_fix="Set availabilityZoneRebalancing to ENABLED, or leave it out.",
    url=ECS_GUIDE + "service-rebalancing.html",
    levels=PRD_ADVISORY,
    types=(tokens.SERVICE,),
    also=(tokens.SCALING_TARGET, tokens.TASK_DEFINITION),
)
def service_rebalanced(stack: Stack, service: Resource) -> Iterator[Problem]:
    if is_daemon(service) or singleton_of(stack.facts, service).judged_as_one:
        return  # one has a task on every machine, the other no second task to spread; singleton-alone demands the opposite
    if not _may_be_rebalanced(service):
        return
    yield from one_of("availabilityZoneRebalancing", allowed=frozenset({"ENABLED"}), default="ENABLED")(stack, service)


def _may_be_rebalanced(service: Resource) -> bool:
    """Whether ECS takes ENABLED of a service (Amazon ECS Developer Guide, Balancing a service across Availability Zones).

    It does not of machines outside AWS, without room for a new task before the old one stops, behind a Classic Load Balancer, and
    where tasks are placed by something else first than their zone.
    """
    if optional(asked_text(service, "launchType"), "") == "EXTERNAL" or most_percent(service) <= 100:
        return False
    balancers = range(len(optional(asked_list(service, "loadBalancers"), [])))
    if any(optional(read_text(service, "loadBalancers", position, "elbName"), "") for position in balancers):
        return False
    placed = "orderedPlacementStrategies"
    if not optional(asked_list(service, placed), []):
        return True
    first = (optional(read_text(service, placed, 0, key), "").lower() for key in ("type", "field"))
    return tuple(first) == ("spread", "attribute:ecs.availability-zone")


_EXEC = {
    tokens.SERVICE: ("enableExecuteCommand",),
    tokens.SCHEDULE: ("target", "ecsParameters", "enableExecuteCommand"),
    tokens.EVENT_TARGET: ("ecsTarget", "enableExecuteCommand"),
}


@policy(
    what="Nobody can open a shell in a running task.",
    why="What a shell changes or reads is in no review and no image; it sees every secret of the task.",
    severity="high",
    how_to_fix="Set enableExecuteCommand to false.",
    url=ECS_GUIDE + "ecs-exec.html",
    levels=PRD_ONLY,
    types=_EXEC,
)
def no_exec(stack: Stack, resource: Resource) -> Iterator[Problem]:
    at = _EXEC[resource.type]
    if len(at) == 1 or not isinstance(read(resource, *at[:-1]), Absent):
        yield from flag(*at, wanted=False, default=False)(stack, resource)


no_fault_injection = policy(
    name="no-fault-injection",
    what="Nobody can inject faults into a task.",
    why="Whoever reaches the task's endpoint makes it drop or delay what customers ask for.",
    severity="medium",
    how_to_fix="Remove enableFaultInjection.",
    url=ECS_GUIDE + "fault-injection.html",
    levels=PRD_ONLY,
    types=(tokens.TASK_DEFINITION,),
)(flag("enableFaultInjection", wanted=False, default=False))
