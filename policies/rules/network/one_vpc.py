"""The policy `in-one-vpc`: what a resource names of a network is all of one VPC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.facts.network.target_groups import naming
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Undecided, decided
from policies.resources.references import named
from policies.rules.rule import Problem, Stack, policy

_SUBNETS, _GROUPS = (tokens.SUBNET, "its subnet"), (tokens.SECURITY_GROUP, "its security group")
_TABLES, _OWN = (tokens.ROUTE_TABLE, "its route table"), (tokens.VPC, "it")
_NETWORK: Mapping[tuple[str, ...], tuple[str, str]] = {("subnets",): _SUBNETS, ("securityGroups",): _GROUPS}


def _below(*path: str) -> Mapping[tuple[str, ...], tuple[str, str]]:
    return {(*path, "networkConfiguration", *rest): what for rest, what in _NETWORK.items()}


_SUBNET_GROUPS = (
    "aws:elasticache/subnetGroup:SubnetGroup", "aws:memorydb/subnetGroup:SubnetGroup", "aws:docdb/subnetGroup:SubnetGroup",
    "aws:neptune/subnetGroup:SubnetGroup", "aws:dms/replicationSubnetGroup:ReplicationSubnetGroup",
    "aws:redshift/subnetGroup:SubnetGroup",
)  # fmt: skip
_CACHE, _MEMORY, _DOCUMENTS, _GRAPHS, _MOVES, _WAREHOUSE = _SUBNET_GROUPS
_STORES = {
    "aws:elasticache/replicationGroup:ReplicationGroup": ("subnetGroupName", _CACHE, "securityGroupIds"),
    "aws:elasticache/cluster:Cluster": ("subnetGroupName", _CACHE, "securityGroupIds"),
    "aws:memorydb/cluster:Cluster": ("subnetGroupName", _MEMORY, "securityGroupIds"),
    "aws:docdb/cluster:Cluster": ("dbSubnetGroupName", _DOCUMENTS, "vpcSecurityGroupIds"),
    "aws:neptune/cluster:Cluster": ("neptuneSubnetGroupName", _GRAPHS, "vpcSecurityGroupIds"),
    "aws:dms/replicationInstance:ReplicationInstance": ("replicationSubnetGroupId", _MOVES, "vpcSecurityGroupIds"),
    "aws:redshift/cluster:Cluster": ("clusterSubnetGroupName", _WAREHOUSE, "vpcSecurityGroupIds"),
}
"""Type to the property of its subnet group, that group's type, and the property of its security groups."""


def _of_store(named: str, kind: str, groups: str) -> Mapping[tuple[str, ...], tuple[str, str]]:
    return {(named,): (kind, ""), (groups,): _GROUPS}


def _inside(
    block: str, subnets: str = "subnetIds", groups: str = "securityGroupIds"
) -> Mapping[tuple[str, ...], tuple[str, str]]:
    return {(block, subnets): _SUBNETS, (block, groups): _GROUPS}


_NAMES: Mapping[str, Mapping[tuple[str, ...], tuple[str, str]]] = {
    tokens.SERVICE: _below(),
    tokens.TASK_SET: _below(),
    tokens.SCHEDULE: _below("target", "ecsParameters"),
    tokens.EVENT_TARGET: _below("ecsTarget"),
    tokens.LOAD_BALANCER: _NETWORK,
    tokens.DB_SUBNET_GROUP: {("subnetIds",): _SUBNETS},
    tokens.DB_INSTANCE: {("dbSubnetGroupName",): (tokens.DB_SUBNET_GROUP, ""), ("vpcSecurityGroupIds",): _GROUPS},
    tokens.DB_CLUSTER: {("dbSubnetGroupName",): (tokens.DB_SUBNET_GROUP, ""), ("vpcSecurityGroupIds",): _GROUPS},
    tokens.DB_PROXY: {("vpcSubnetIds",): _SUBNETS, ("vpcSecurityGroupIds",): _GROUPS},
    tokens.VPC_ENDPOINT: {
        ("vpcId",): _OWN,
        ("subnetIds",): _SUBNETS,
        ("securityGroupIds",): _GROUPS,
        ("routeTableIds",): _TABLES,
    },
    tokens.ROUTE_TABLE_ASSOCIATION: {("subnetId",): _SUBNETS, ("routeTableId",): _TABLES},
    tokens.INSTANCE: {("subnetId",): _SUBNETS, ("vpcSecurityGroupIds",): _GROUPS},
    tokens.FUNCTION: {("vpcConfig", "subnetIds"): _SUBNETS, ("vpcConfig", "securityGroupIds"): _GROUPS},
    tokens.TARGET_GROUP: {("vpcId",): _OWN},
    "aws:ec2/networkAcl:NetworkAcl": {("vpcId",): _OWN, ("subnetIds",): _SUBNETS},
    "aws:ec2/networkAclAssociation:NetworkAclAssociation": {
        ("subnetId",): _SUBNETS,
        ("networkAclId",): ("aws:ec2/networkAcl:NetworkAcl", "its network ACL"),
    },
    "aws:efs/mountTarget:MountTarget": {("subnetId",): _SUBNETS, ("securityGroups",): _GROUPS},
    tokens.PROXY_ENDPOINT: {("vpcSubnetIds",): _SUBNETS, ("vpcSecurityGroupIds",): _GROUPS},
    **{kind: {("subnetIds",): _SUBNETS} for kind in _SUBNET_GROUPS},
    **{kind: _of_store(*names) for kind, names in _STORES.items()},
    "aws:elasticache/serverlessCache:ServerlessCache": {("subnetIds",): _SUBNETS, ("securityGroupIds",): _GROUPS},
    "aws:opensearch/domain:Domain": _inside("vpcOptions"),
    "aws:eks/cluster:Cluster": _inside("vpcConfig"),
    "aws:batch/computeEnvironment:ComputeEnvironment": _inside("computeResources", "subnets"),
    "aws:msk/cluster:Cluster": _inside("brokerNodeGroupInfo", "clientSubnets", "securityGroups"),
    "aws:mq/broker:Broker": {("subnetIds",): _SUBNETS, ("securityGroups",): _GROUPS},
    "aws:ec2/networkInterface:NetworkInterface": {("subnetId",): _SUBNETS, ("securityGroups",): _GROUPS},
    tokens.TRANSIT_ATTACHMENT: {("vpcId",): _OWN, ("subnetIds",): _SUBNETS},
    "aws:apprunner/vpcConnector:VpcConnector": {("subnets",): _SUBNETS, ("securityGroups",): _GROUPS},
    "aws:codebuild/project:Project": {
        ("vpcConfig", "vpcId"): _OWN,
        ("vpcConfig", "subnets"): _SUBNETS,
        ("vpcConfig", "securityGroupIds"): _GROUPS,
    },
}
"""Type to where it names what stands in a VPC, with the type of that and what it is called."""

_Standing = tuple[str, str]
"""(VPC as URN or id, what stands there)."""


@policy(
    what="What a resource names of a network is all of one VPC.",
    why="AWS refuses it half-way through the deployment, or no packet ever passes from one to the other.",
    severity="high",
    how_to_fix="Take vpcId, subnets and security groups from one VPC.",
    url="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html",
    types=_NAMES,
    also=(tokens.VPC, tokens.SUBNET, tokens.SECURITY_GROUP, tokens.ROUTE_TABLE),
)
def in_one_vpc(stack: Stack, resource: Resource) -> Iterator[Problem]:
    graph = stack.graph
    standing = list(_standing(graph, resource))
    if resource.type == tokens.TARGET_GROUP:
        services = naming(graph, tokens.SERVICE, "loadBalancers").by_group.get(resource.urn, ())
        standing += [(vpc, f"{what[4:]} of {held.name}") for held in services for vpc, what in _standing(graph, held)]
    first = next(iter(standing), None)
    other = next((found for found in standing if first is not None and found[0] != first[0]), None)
    if first is not None and other is not None:
        there, here = _shown(graph, other[0]), _shown(graph, first[0])
        yield Problem(f"{first[1]} is in the VPC {here}, and {other[1]} in {there}", "one VPC")


def _standing(graph: Graph, resource: Resource) -> Iterator[_Standing]:
    """What a resource names, with the VPC; what cannot be read, or is of another stack, is left out."""
    for path, (kind, what) in _NAMES[resource.type].items():
        found = decided(lambda path=path, kind=kind: named(graph, resource, kind, *path))
        for key in sorted(found) if not isinstance(found, Undecided) else ():
            held = graph.get(key)
            if kind == tokens.VPC:
                yield key, what
            elif held is not None and not what:  # a subnet group
                yield from _standing(graph, held)
            elif held is not None:
                vpcs = decided(lambda held=held: named(graph, held, tokens.VPC, "vpcId"))
                if not isinstance(vpcs, Undecided):
                    yield from ((vpc, f"{what} {held.name}") for vpc in sorted(vpcs))


def _shown(graph: Graph, vpc: str) -> str:
    held = graph.get(vpc)
    return held.name if held is not None else vpc[:40]
