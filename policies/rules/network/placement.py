"""Policies about where tasks and databases stand: in private subnets, without public addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.facts.database.replicas import is_beside_its_source
from policies.facts.network.subnets import ROUTING, subnets_of
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present
from policies.resources.reading import read, read_flag, read_map, required
from policies.resources.references import depended_on, named, references
from policies.resources.requested import asked, asked_flag, asked_text
from policies.rules.policy import setting
from policies.rules.property_checks import flag
from policies.rules.rule import Problem, Stack, about, policy
from policies.rules.wiring.leaves import leaves

_LISTED = "private subnets, which the setting privateSubnets lists where another stack has them"


def _placed(stack: Stack, resource: Resource, path: tuple[str, ...]) -> Iterator[Problem]:
    """Subnets of something that runs, and its public address."""
    network = (*path, "networkConfiguration")
    if path and isinstance(read_map(resource, *path), Absent):
        return  # starts no ECS tasks
    # Without the block tasks use the network of their EC2 instance, in bridge mode or host mode.
    if isinstance(read(resource, *network), Absent):
        return
    assigned = read_flag(resource, *network, "assignPublicIp")
    if not isinstance(assigned, Absent) and required(assigned):
        yield Problem("assignPublicIp is true", "false")
    yield from _standing(stack, subnets_of(stack.graph, resource, *network, "subnets"))


def _standing(stack: Stack, subnets: frozenset[str]) -> Iterator[Problem]:
    declared = stack.texts("privateSubnets")
    foreign = [key for key in sorted(subnets) if stack.graph.get(key) is None and key not in declared]
    for key in sorted(subnets):
        subnet = stack.graph.get(key)
        if key in stack.facts.public_subnets:
            yield Problem(f"{subnet.name if subnet else key} has a route to an internet gateway", "a private subnet")
    if foreign:
        one = len(foreign) == 1
        yield Problem(
            f"undecided: {', '.join(foreign)} {'is' if one else 'are'} not of this stack, so whether {'it is' if one else 'they are'} "
            "private is not known",
            _LISTED,
        )


def _database_placed(stack: Stack, database: Resource) -> Iterator[Problem]:
    if isinstance(asked_text(database, "dbSubnetGroupName"), Absent):
        if is_beside_its_source(stack.graph, database):
            return  # it stands in its source's subnets
        yield Problem("dbSubnetGroupName is not set: it stands in the default VPC's public subnets", "private subnets")
        return
    for key in sorted(named(stack.graph, database, tokens.DB_SUBNET_GROUP, "dbSubnetGroupName")):
        group = stack.graph.get(key)
        if key in stack.texts("privateSubnets"):
            continue
        if group is None:
            yield Problem(
                f"undecided: the subnet group {key} is not of this stack, so whether its subnets are private is not known",
                _LISTED,
            )
            continue
        with about(group):
            subnets = subnets_of(stack.graph, group, "subnetIds")
        yield from _standing(stack, subnets)


def _machine(stack: Stack, resource: Resource) -> Iterator[Problem]:
    """An instance with a public address: one of its own, its subnet's, or one that is bound to it."""
    if resource.type in _BINDS:
        prop = _BINDS[resource.type]
        keys = references(stack.graph, resource, tokens.INSTANCE, prop).keys
        if keys and not any((held := stack.graph.get(key)) and _forwards(held) for key in keys):
            yield Problem(f"{prop} gives an instance a public address", "a private one")
        return
    if _forwards(resource):
        return
    path = _ASSIGNED[resource.type]
    for where, found in leaves(resource, path):
        reading = asked(resource, path[0], found)
        if isinstance(reading, Present) and str(reading.value).lower() == "true":
            yield Problem(f"{where} is true", "false")
    if resource.type == tokens.INSTANCE and isinstance(asked_flag(resource, "associatePublicIpAddress"), Absent):
        subnets = references(stack.graph, resource, tokens.SUBNET, "subnetId").keys
        for key in sorted(subnets & stack.facts.public_subnets if subnets else ()):
            subnet = stack.graph.get(key)
            yield Problem(f"{subnet.name if subnet else key} has a route to an internet gateway", "a private subnet")


def _forwards(instance: Resource) -> bool:
    """Whether an instance forwards what is not for itself, as one does that stands for a NAT gateway."""
    return read(instance, "sourceDestCheck") == Present(False)


_LAUNCHED = ("networkInterfaces", "*", "associatePublicIpAddress")
_ASSIGNED: Mapping[str, tuple[str, ...]] = {
    tokens.INSTANCE: ("associatePublicIpAddress",),
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": ("associatePublicIpAddress",),
    "aws:ec2/launchConfiguration:LaunchConfiguration": ("associatePublicIpAddress",),
    "aws:ec2/launchTemplate:LaunchTemplate": _LAUNCHED,
}
"""Type of what is or makes an instance, to where it says that it gets a public address."""
_BINDS: Mapping[str, str] = {tokens.EIP: "instance", tokens.EIP_ASSOCIATION: "instanceId"}
_MACHINES = (*_ASSIGNED, *_BINDS)
_STARTS_TASKS: Mapping[str, tuple[str, ...]] = {
    tokens.SERVICE: (),
    tokens.TASK_SET: (),
    tokens.SCHEDULE: ("target", "ecsParameters"),
    tokens.EVENT_TARGET: ("ecsTarget",),
}
"""Type of what starts tasks, to what holds their network."""


_GROUP = "aws:autoscaling/group:Group"
_TEMPLATES = {
    "launchTemplate": "aws:ec2/launchTemplate:LaunchTemplate",
    "mixedInstancesPolicy": "aws:ec2/launchTemplate:LaunchTemplate",
    "launchConfiguration": "aws:ec2/launchConfiguration:LaunchConfiguration",
}
"""Property of an Auto Scaling group to the type of what its instances are made from."""
_BY_SUBNETS: Mapping[str, tuple[str, ...]] = {
    tokens.CAPACITY_PROVIDER: (
        "managedInstancesProvider",
        "instanceLaunchTemplate",
        "networkConfiguration",
        "subnets",
    ),
    "aws:batch/computeEnvironment:ComputeEnvironment": ("computeResources", "subnets"),
}
"""Type of what AWS makes instances or tasks for, to the subnets of these."""


def _group(stack: Stack, group: Resource) -> Iterator[Problem]:
    """An Auto Scaling group whose instances get public addresses of their subnet; a template may say that they get none."""
    for prop, kind in _TEMPLATES.items():
        for template in depended_on(stack.graph, group, prop, kind):
            found = [reading for _, reading in leaves(template, _ASSIGNED[kind])]
            if found and all(isinstance(item, Present) and str(item.value).lower() == "false" for item in found):
                return
    subnets = references(stack.graph, group, tokens.SUBNET, "vpcZoneIdentifiers").keys
    for key in sorted(subnets & stack.facts.public_subnets):
        subnet = stack.graph.get(key)
        yield Problem(f"{subnet.name if subnet else key} has a route to an internet gateway", "a private subnet")


@policy(
    what="Tasks, instances and databases stand in subnets without a route to an internet gateway, and have no public address.",
    why="In a public subnet only a security group stands between the internet and a task.",
    severity="high",
    how_to_fix="Use subnets behind a NAT gateway and assignPublicIp false; the setting privateSubnets lists those of another stack.",
    references="CKV_AWS_333 ECS.2 ECS.16 RDS.46",
    settings=(
        setting("privateSubnets", (), "Private subnets outside the stack: ids, and names of database subnet groups."),
    ),
    types=(*_STARTS_TASKS, tokens.DB_INSTANCE, tokens.DB_CLUSTER, *_MACHINES, _GROUP, *_BY_SUBNETS),
    also=(*ROUTING, tokens.DB_SUBNET_GROUP),
)
def private_subnets(stack: Stack, resource: Resource) -> Iterator[Problem]:
    if resource.type in _MACHINES:
        yield from _machine(stack, resource)
    elif resource.type == _GROUP:
        yield from _group(stack, resource)
    elif resource.type in _BY_SUBNETS:
        path = _BY_SUBNETS[resource.type]
        if not isinstance(read(resource, *path), Absent):
            yield from _standing(stack, subnets_of(stack.graph, resource, *path))
    elif resource.type in _STARTS_TASKS:
        yield from _placed(stack, resource, _STARTS_TASKS[resource.type])
    else:
        yield from _database_placed(stack, resource)


subnets_without_public_addresses = policy(
    name="subnets-without-public-addresses",
    what="A subnet gives nothing a public address by itself.",
    why="What is started there by mistake is on the internet at once.",
    severity="medium",
    how_to_fix="Set mapPublicIpOnLaunch to false.",
    references="CKV_AWS_130 EC2.15",
    types=(tokens.SUBNET,),
)(flag("mapPublicIpOnLaunch", wanted=False, default=False))
