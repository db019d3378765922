"""Clients of databases that are no ECS tasks: what can open connections from a security group that a database lets in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .budget.demand import DeclaredClients, Workload
from .clients import Client
from .containers import read_tag
from .databases import Database
from .findings import Finding
from .graph import Graph, Resource
from .reach import DATABASE_TAG, let_in
from .reading import Absent, Step, Undecided, decided, read, read_text, text_or
from .relations import References, references
from .runs import Run
from .tokens import SECURITY_GROUP, SERVICE

CONNECTIONS_TAG = "budget:connections"

_HOSTS: Mapping[str, tuple[tuple[Step, ...], ...]] = {
    "aws:ec2/instance:Instance": (("vpcSecurityGroupIds",),),
    "aws:ec2/launchConfiguration:LaunchConfiguration": (("securityGroups",),),
    "aws:ec2/launchTemplate:LaunchTemplate": (("vpcSecurityGroupIds",), ("networkInterfaces", 0, "securityGroups")),
}
"""Machines; those of an ECS cluster run tasks in their own network, which are counted as services and jobs."""
_OTHERS: Mapping[str, tuple[tuple[Step, ...], ...]] = {
    "aws:apprunner/vpcConnector:VpcConnector": (("securityGroups",),),
    "aws:batch/computeEnvironment:ComputeEnvironment": (("computeResources", "securityGroupIds"),),
    "aws:codebuild/project:Project": (("vpcConfig", "securityGroupIds"),),
    "aws:dms/replicationInstance:ReplicationInstance": (("vpcSecurityGroupIds",),),
    "aws:eks/cluster:Cluster": (("vpcConfig", "securityGroupIds"),),
    "aws:glue/connection:Connection": (("physicalConnectionRequirements", "securityGroupIdLists"),),
    "aws:lambda/function:Function": (("vpcConfig", "securityGroupIds"),),
    "aws:mwaa/environment:Environment": (("networkConfiguration", "securityGroupIds"),),
    **_HOSTS,
}
OTHER_CLIENTS = frozenset(_OTHERS)
"""The types with the properties that name their security groups (pulumi-aws 7)."""


def other_clients(graph: Graph, databases: Sequence[Database]) -> list[Client]:
    """Every such client that can reach a database, counted where the tag `budget:connections` declares what it opens."""
    return list(_clients(graph, databases)) if databases else []


def _clients(graph: Graph, databases: Sequence[Database]) -> Iterator[Client]:
    shared = any(isinstance(read(service, "networkConfiguration"), Absent) for service in graph.of_type(SERVICE))
    for resource in graph.of_type(*_OTHERS):
        if shared and resource.type in _HOSTS:
            continue
        groups = _groups(graph, resource)
        named = text_or(read_text(resource, "tags", DATABASE_TAG), "")
        reached = tuple(database for database in databases if database.name == named)
        reached = reached or let_in(graph, databases, groups) or (tuple(databases) if groups.undecided else ())
        if reached and (groups.keys or groups.undecided):
            name = text_or(read_text(resource, "name"), resource.name)
            run = Run(name=name, resource=resource, definitions=(), security_groups=groups)
            client = _client(run, reached)
            if client is not None:
                yield client


def _groups(graph: Graph, resource: Resource) -> References:
    found = [(path[0], references(graph, resource, SECURITY_GROUP, *path)) for path in _OTHERS[resource.type]]
    undecided = [
        groups.undecided
        for prop, groups in found
        # AWS computes the property where nothing is written: it then names the VPC's default group.
        if groups.undecided is not None and resource.property_dependencies.get(str(prop))
    ]
    keys = frozenset(key for _, groups in found for key in groups.keys)
    return References(keys=keys, undecided=undecided[0] if undecided else None)


def _client(run: Run, reached: tuple[Database, ...]) -> Client | None:
    declared = decided(lambda: read_tag(run.resource, CONNECTIONS_TAG, least=0))
    if declared == 0:
        return None
    if isinstance(declared, int) and len(reached) == 1:
        workload = Workload(name=run.name, limit=declared, tasks=DeclaredClients())
        return Client(run=run, databases=reached, workload=workload, findings=())
    if isinstance(declared, Undecided):
        why = f"{declared.of(run.resource)}."
    elif declared is not None:
        names = ", ".join(database.name for database in reached)
        why = f'it can reach several databases ({names}): tag it "{DATABASE_TAG}" with the one it uses.'
    else:
        why = (
            f"it can reach {reached[0].name} by its security groups, and what it opens cannot be read. Declare the most "
            f'connections that all of it opens at once in the tag "{CONNECTIONS_TAG}" (for a Lambda function its reserved '
            "concurrency times the connections of one instance), 0 for none."
        )
    finding = Finding(run.resource.urn, f"{run.name}: its connections cannot be counted: {why}", True)
    return Client(run=run, databases=reached, workload=None, findings=(finding,))
