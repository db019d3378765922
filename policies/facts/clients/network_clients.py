"""Clients of databases that are no ECS tasks: what can open connections from a security group that a database lets in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policies.budget.demand import DeclaredClients, Workload
from policies.facts.clients.database_access import DATABASE_TAG, let_in
from policies.facts.clients.workloads import CONNECTIONS_TAG, Client
from policies.facts.database.databases import Database
from policies.facts.ecs.container_hosts import EVERY, MACHINES, groups_named, is_host
from policies.facts.ecs.containers import read_tag
from policies.facts.ecs.runs import Run, read_runs
from policies.facts.finding import Finding
from policies.resources.graph import Graph, Resource
from policies.resources.reading import Step, Undecided, decided, name_of, read_text, text_or
from policies.resources.references import References

_EXPRESS_SERVICE = "aws:ecs/expressGatewayService:ExpressGatewayService"
"""Its task definition is ECS's own, which the stack does not hold."""
_OTHERS: Mapping[str, tuple[tuple[Step, ...], ...]] = {
    "aws:apprunner/vpcConnector:VpcConnector": (("securityGroups",),),
    "aws:appstream/fleet:Fleet": (("vpcConfig", "securityGroupIds"),),
    "aws:batch/computeEnvironment:ComputeEnvironment": (("computeResources", "securityGroupIds"),),
    "aws:codebuild/fleet:Fleet": (("vpcConfigs", EVERY, "securityGroupIds"),),
    "aws:codebuild/project:Project": (("vpcConfig", "securityGroupIds"),),
    "aws:dms/replicationConfig:ReplicationConfig": (("computeConfig", "vpcSecurityGroupIds"),),
    "aws:dms/replicationInstance:ReplicationInstance": (("vpcSecurityGroupIds",),),
    "aws:ec2/networkInterface:NetworkInterface": (("securityGroups",),),
    "aws:ec2clientvpn/endpoint:Endpoint": (("securityGroupIds",),),
    _EXPRESS_SERVICE: (("networkConfigurations", EVERY, "securityGroups"),),
    "aws:eks/cluster:Cluster": (("vpcConfig", "securityGroupIds"),),
    "aws:emr/cluster:Cluster": tuple(
        ("ec2Attributes", key)
        for key in (
            "emrManagedMasterSecurityGroup",
            "emrManagedSlaveSecurityGroup",
            "additionalMasterSecurityGroups",
            "additionalSlaveSecurityGroups",
        )
    ),
    "aws:emrserverless/application:Application": (("networkConfiguration", "securityGroupIds"),),
    "aws:glue/connection:Connection": (("physicalConnectionRequirements", "securityGroupIdLists"),),
    "aws:glue/devEndpoint:DevEndpoint": (("securityGroupIds",),),
    "aws:grafana/workspace:Workspace": (("vpcConfiguration", "securityGroupIds"),),
    "aws:kinesisanalyticsv2/application:Application": (
        ("applicationConfiguration", "vpcConfiguration", "securityGroupIds"),
    ),
    "aws:lambda/function:Function": (("vpcConfig", "securityGroupIds"),),
    "aws:mskconnect/connector:Connector": (("kafkaCluster", "apacheKafkaCluster", "vpc", "securityGroups"),),
    "aws:mwaa/environment:Environment": (("networkConfiguration", "securityGroupIds"),),
    "aws:quicksight/vpcConnection:VpcConnection": (("securityGroupIds",),),
    "aws:redshift/cluster:Cluster": (("vpcSecurityGroupIds",),),
    "aws:redshiftserverless/workgroup:Workgroup": (("securityGroupIds",),),
    "aws:sagemaker/domain:Domain": (("defaultUserSettings", "securityGroups"),),
    "aws:sagemaker/notebookInstance:NotebookInstance": (("securityGroups",),),
    "aws:synthetics/canary:Canary": (("vpcConfig", "securityGroupIds"),),
    **MACHINES,
}
_ALWAYS_IN_A_VPC = frozenset({_EXPRESS_SERVICE, *MACHINES})
"""Where the program names no group, AWS gives them one."""
OTHER_CLIENTS = frozenset(_OTHERS)
"""The types with the properties that name their security groups (pulumi-aws 7)."""


def other_clients(graph: Graph, databases: Sequence[Database]) -> list[Client]:
    """Every such client that can reach a database, counted where the tag `budget:connections` declares what it opens."""
    return list(_clients(graph, databases)) if databases else []


def _clients(graph: Graph, databases: Sequence[Database]) -> Iterator[Client]:
    shared = any(run.on_machines for run in read_runs(graph))
    for resource in graph.of_type(*_OTHERS):
        if shared and resource.type in MACHINES and is_host(graph, resource):
            continue  # what its tasks open is counted as services and jobs
        groups = groups_named(graph, resource, _OTHERS[resource.type])
        if not (groups.keys or groups.undecided or resource.type in _ALWAYS_IN_A_VPC):
            continue
        reached, how = _reach(graph, databases, resource, groups)
        if reached:
            name = name_of(resource)
            run = Run(name=name, resource=resource, definitions=(), security_groups=groups)
            client = _client(run, reached, how)
            if client is not None:
                yield client


def _reach(
    graph: Graph, databases: Sequence[Database], resource: Resource, groups: References
) -> tuple[tuple[Database, ...], str]:
    """The databases a client can reach, and how: half a sentence."""
    named = text_or(read_text(resource, "tags", DATABASE_TAG), "")
    reached = tuple(database for database in databases if named in database.called)
    reached = reached or let_in(graph, databases, groups) or (tuple(databases) if groups.undecided else ())
    if reached:
        return reached, f"can reach {reached[0].name} by its security groups"
    doubtful = tuple(database for database in databases if database.unguarded)
    return doubtful, doubtful[0].unguarded if doubtful else ""


def _client(run: Run, reached: tuple[Database, ...], how: str) -> Client | None:
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
            f"it {how}, and what it opens cannot be read. Declare the most "
            f'connections that all of it opens at once in the tag "{CONNECTIONS_TAG}" (for a Lambda function its reserved '
            "concurrency times the connections of one instance), 0 for none."
        )
    finding = Finding(run.resource.urn, f"{run.name}: its connections cannot be counted: {why}", True)
    return Client(run=run, databases=reached, workload=None, findings=(finding,))
