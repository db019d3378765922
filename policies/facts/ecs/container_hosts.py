"""EC2 machines that ECS tasks run on: in the network modes bridge and host a task has the security groups of its machine.

Sources: Amazon ECS Developer Guide, "Amazon ECS task networking options for EC2", and ECS API Reference, NetworkConfiguration: only
awsvpc gives a task security groups of its own. A machine joins a cluster by its user data (ECS_CLUSTER in /etc/ecs/ecs.config,
settings.ecs of Bottlerocket, Initialize-ECSAgent of Windows) or as the Auto Scaling group of a capacity provider.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass

from policies.facts.network.group_membership import groups_named
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Undecided
from policies.resources.reading import known_text, read_integer, refuse, required
from policies.resources.references import References, depended_on
from policies.resources.tokens import CAPACITY_PROVIDER, CLUSTER

MACHINES = frozenset({
    "aws:ec2/instance:Instance", "aws:ec2/launchConfiguration:LaunchConfiguration",
    "aws:ec2/launchTemplate:LaunchTemplate", "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
})  # fmt: skip
"""Machines and their templates (pulumi-aws 7)."""

_INSTANCE = "aws:ec2/instance:Instance"
_SCALING_GROUP = "aws:autoscaling/group:Group"
_TEMPLATES = ("launchTemplate", "launchConfiguration", "mixedInstancesPolicy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """The machines and templates of machines that ECS tasks run on. groups: of all of them, undecided where there is none."""

    urns: frozenset[str]
    groups: References


def read_hosts(graph: Graph) -> Hosts:
    """The hosts of the stack."""
    hosts = tuple(_hosts(graph))
    found = [groups_named(graph, host) for host in hosts]
    undecided = next((groups.undecided for groups in found if groups.undecided is not None), None)
    if not found:
        reason = "is absent, so its tasks have the security groups of their EC2 machines, which are none of this stack"
        undecided = Undecided("networkConfiguration", reason)
    keys = frozenset(key for groups in found for key in groups.keys)
    return Hosts(urns=frozenset(host.urn for host in hosts), groups=References(keys=keys, undecided=undecided))


def most_machines(graph: Graph) -> int:
    """The most machines that tasks can run on at once, of all clusters together. Raises NotDecidedError.

    Amazon EC2 Auto Scaling User Guide, "Rebalancing activities": a group exceeds its maximum by a tenth, or by one machine.
    """
    scaling, number = set[str](), 0
    for group in graph.of_type(_SCALING_GROUP):
        templates = {
            template.urn
            for prop in _TEMPLATES
            for kind in sorted(MACHINES)
            for template in depended_on(graph, group, prop, kind)
        }
        if templates & {host.urn for host in _hosts(graph)}:
            most = required(read_integer(group, "maxSize"))
            scaling, number = scaling | templates, number + most + max(1, -(-most // 10))
    for host in _hosts(graph):
        if host.urn not in scaling and host.type != _INSTANCE:
            refuse("schedulingStrategy", f"is DAEMON, and how many machines {host.name} makes is not known")
        number += host.urn not in scaling
    if not number:
        refuse(
            "schedulingStrategy",
            "is DAEMON: one task on every instance, and no Auto Scaling group of this stack bounds the instances: declare the group "
            "here with its maxSize, or run the service as REPLICA",
        )
    return number


def _hosts(graph: Graph) -> Iterator[Resource]:
    provided = {
        template.urn
        for provider in graph.of_type(CAPACITY_PROVIDER)
        for group in depended_on(graph, provider, "autoScalingGroupProvider", _SCALING_GROUP)
        for prop in _TEMPLATES
        for kind in sorted(MACHINES)
        for template in depended_on(graph, group, prop, kind)
    }
    for machine in graph.of_type(*sorted(MACHINES)):
        if machine.urn in provided or _joins_a_cluster(graph, machine):
            yield machine


def _joins_a_cluster(graph: Graph, machine: Resource) -> bool:
    for prop in ("userData", "userDataBase64"):
        text = known_text(machine, prop)
        if "ecs" in f"{text} {_decoded(text)}".lower() or depended_on(graph, machine, prop, CLUSTER):
            return True
    return False


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
