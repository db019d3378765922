"""Clients of databases that are no ECS tasks: whatever stands in a security group that a database lets in or names one, but for what
opens none.

Which types run code nobody can list: each year brings new ones. So a type counts as a client unless it is known to open no
connection, and declares by the tag `budget:connections` what it opens.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator

from policies.budget.declarations import CONNECTIONS_TAG, DATABASE_TAG, ELSEWHERE_TAG, LIMIT
from policies.budget.demand import DeclaredClients, Workload
from policies.budget.limits import parse_limit
from policies.facts.clients.database_access import databases_called
from policies.facts.clients.named_clients import databases_named, elsewhere_declared
from policies.facts.clients.proxies import (
    databases_of,
    groups_of,
    groups_without_proxy,
    percent_by_name,
    percent_of,
    targets_of,
    targets_without_proxy,
)
from policies.facts.clients.workloads import Client
from policies.facts.database.databases import Database
from policies.facts.database.doors import Doors
from policies.facts.ecs.container_hosts import MACHINES
from policies.facts.ecs.containers import read_tag
from policies.facts.ecs.task_runs import Run
from policies.facts.finding import Finding, Reason
from policies.facts.network.group_membership import groups_named
from policies.facts.network.security_groups import RULE_TYPES
from policies.facts.stack import StackFacts
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Present, Undecided, decided
from policies.resources.reading import known_text, name_of, read_text, text_or
from policies.resources.references import References, references
from policies.resources.requested import asked_integer

_COUNTED_ELSEWHERE = frozenset({
    tokens.TASK_DEFINITION, tokens.SERVICE, tokens.TASK_SET, tokens.SCHEDULE, tokens.EVENT_TARGET, tokens.DB_PROXY,
    tokens.PROXY_ENDPOINT,
})  # fmt: skip
_OPEN_NONE = RULE_TYPES | {
    tokens.DB_INSTANCE, tokens.DB_CLUSTER, tokens.DB_CLUSTER_INSTANCE, "aws:docdb/cluster:Cluster",
    tokens.GROUP_OF_INTERFACE, "aws:ec2/securityGroupAssociation:SecurityGroupAssociation",
    "aws:ec2/vpcEndpoint:VpcEndpoint", "aws:efs/mountTarget:MountTarget", "aws:elasticache/cluster:Cluster",
    "aws:elasticache/replicationGroup:ReplicationGroup", "aws:elasticache/serverlessCache:ServerlessCache",
    "aws:memorydb/cluster:Cluster", "aws:mq/broker:Broker", "aws:msk/cluster:Cluster", "aws:opensearch/domain:Domain",
    "aws:vpc/securityGroupVpcAssociation:SecurityGroupVpcAssociation",
}  # fmt: skip
"""Servers that only answer, and what is about a group without standing in it."""
_OUTSIDE = re.compile(r"aws:(?:acm|appautoscaling|cloudwatch|ecr|iam|kms|route53|s3|secretsmanager|sns|sqs|ssm)/")
"""Services whose resources stand in no VPC, though a document or a parameter of them may name a group."""
_DECLARED = "declares it"
_ALWAYS_IN_A_VPC = frozenset({"aws:ecs/expressGatewayService:ExpressGatewayService", *MACHINES})
"""Where the program names no group, AWS gives them one."""


def other_clients(facts: StackFacts) -> list[Client]:
    """Every such client that can reach a database, counted where the tag `budget:connections` declares what it opens."""
    return [*_clients(facts), *_joined_from_elsewhere(facts), *_proxies(facts)] if facts.databases else []


def _clients(facts: StackFacts) -> Iterator[Client]:
    named = [(held, groups_named(facts.graph, held)) for held in facts.graph if _may_connect(held)]
    by_groups = list(_in_groups(facts, named))
    yield from by_groups
    counted = {(_module(client.run.resource), database.urn) for client in by_groups for database in client.databases}
    for resource, groups in named:
        if resource.type in _ALWAYS_IN_A_VPC or groups.keys:
            continue
        databases, where = databases_named(facts.graph, resource, facts.databases)
        # What a service opens by way of its machines, which stand in groups, is asked of those.
        reached = tuple(database for database in databases if (_module(resource), database.urn) not in counted)
        if reached:
            run = Run(name=name_of(resource), resource=resource)
            client = _client(run, reached, f"names {reached[0].name} in {where}")
            if client is not None:
                yield client


def _joined_from_elsewhere(facts: StackFacts) -> Iterator[Client]:
    """Network interfaces of something that is not of the stack, which are put into a security group that a database lets in."""
    for joined in facts.graph.of_type(tokens.GROUP_OF_INTERFACE):
        owners = facts.graph.held(joined.property_dependencies.get("networkInterfaceId", ()))
        groups = references(facts.graph, joined, tokens.SECURITY_GROUP, "securityGroupId")
        ours = any(owner.type.startswith("aws:") for owner in owners)  # and so asked itself, or one that opens none
        reached = () if ours else facts.doors.let_in(groups)
        undeclared = tuple(database for database in reached if not elsewhere_declared(facts.graph, database))
        if undeclared:
            name = undeclared[0].name
            reason = Reason(
                f"it puts a network interface that is not of this stack into a security group that {name} lets in",
                f'declare the most connections that all clients outside this stack open at once in the tag "{ELSEWHERE_TAG}" of {name}',
            )
            run = Run(name=name_of(joined), resource=joined, security_groups=groups)
            yield _uncounted(run, undeclared, reason)


def _module(resource: Resource) -> str:
    return resource.type.partition("/")[0]


def _in_groups(facts: StackFacts, named: Iterable[tuple[Resource, References]]) -> Iterator[Client]:
    shared = any(run.on_machines for run in facts.runs)
    for resource, groups in named:
        if shared and resource.type in MACHINES and resource.urn in facts.hosts.urns:
            continue  # what the tasks of a host open is counted as services and jobs
        if not (groups.keys or groups.undecided or resource.type in _ALWAYS_IN_A_VPC):
            continue
        reached, how = _reach(facts.doors, resource, groups)
        if reached:
            name = name_of(resource)
            run = Run(name=name, resource=resource, security_groups=groups)
            client = _client(run, reached, how)
            if client is not None:
                yield client


def _proxies(facts: StackFacts) -> Iterator[Client]:
    """Each RDS Proxy as a client of its target, of every database where the stack does not say which one is."""
    graph = facts.graph
    for proxy in graph.of_type(tokens.DB_PROXY):
        reached = targets_of(graph, proxy, facts.databases)
        run = Run(name=name_of(proxy), resource=proxy, security_groups=groups_of(graph, proxy))
        percent = decided(lambda proxy=proxy: percent_of(graph, proxy))
        if not reached:
            found = "no aws.rds.ProxyTarget of this stack says which database it opens connections on"
            yield _uncounted(run, facts.databases, Reason(found, "declare its target in this stack"))
        elif isinstance(percent, Undecided):
            yield _uncounted(run, reached, Reason(percent.of(proxy)))
        else:
            yield from (_proxy(run, database, percent) for database in reached)
    yield from _proxies_elsewhere(facts)


def _proxies_elsewhere(facts: StackFacts) -> Iterator[Client]:
    """Each target of an RDS Proxy that is no resource of the stack: what it may open stands in a target group, which may be here.

    A target group of such a proxy without a target may be of any database.
    """
    named = {name for _, name in targets_without_proxy(facts.graph)}
    for group, name in groups_without_proxy(facts.graph):
        if name not in named:
            run = Run(name=name or name_of(group), resource=group)
            found = (
                f"the proxy {name or 'that it names'} is none of this stack, and no aws.rds.ProxyTarget here says which database it "
                "opens connections on"
            )
            yield _uncounted(run, facts.databases, Reason(found, "declare its target in this stack"))
    for target, name in targets_without_proxy(facts.graph):
        reached = databases_of(facts.graph, (target,), facts.databases)
        run = Run(name=name or name_of(target), resource=target)
        percent = decided(lambda name=name: percent_by_name(facts.graph, name))
        if isinstance(percent, Undecided):
            yield _uncounted(run, reached, Reason(percent.of(target)))
        elif percent is None:
            found = (
                f"the proxy {name or 'that it names'} is none of this stack, and no aws.rds.ProxyDefaultTargetGroup here says what share "
                "of max_connections it may take, which is 100 % by default"
            )
            way = "declare its ProxyDefaultTargetGroup in this stack, with connectionPoolConfig.maxConnectionsPercent"
            yield from (_uncounted(run, (database,), Reason(found, way)) for database in reached)
        else:
            yield from (_proxy(run, database, percent) for database in reached)


def _proxy(run: Run, database: Database, percent: int) -> Client:
    workload = None
    if database.supply is not None:  # else the database says why
        most = -(-database.supply.max_connections * percent // 100)
        workload = Workload(name=run.name, limit=most, tasks=DeclaredClients(f"{percent} % of max_connections"))
    return Client(run=run, databases=(database,), workload=workload, findings=())


def _may_connect(resource: Resource) -> bool:
    if resource.type == tokens.LOAD_BALANCER:  # one for TCP passes on whatever its clients open
        return text_or(read_text(resource, "loadBalancerType"), "application") == "network"
    return _type_may_connect(resource.type)


@functools.lru_cache(maxsize=1024)
def _type_may_connect(kind: str) -> bool:
    known = kind in _OPEN_NONE | _COUNTED_ELSEWHERE or _OUTSIDE.match(kind)
    # Components stand for what they hold; providers and other clouds have no place in the VPC.
    return kind.startswith(("aws:", "aws-native:")) and not known


def _reach(doors: Doors, resource: Resource, groups: References) -> tuple[tuple[Database, ...], str]:
    """The databases a client can reach, and how: half a sentence."""
    named = known_text(resource, "tags", DATABASE_TAG)
    declared, misnamed = databases_called(doors.databases, named)
    if declared and not misnamed:
        return declared, _DECLARED
    reached = doors.let_in(groups) or (doors.databases if groups.undecided else ())
    if reached:
        return reached, f"can reach {reached[0].name} by its security groups"
    doubtful = tuple(database for database in doors.databases if database.unguarded)
    return doubtful, doubtful[0].unguarded if doubtful else ""


def _client(run: Run, reached: tuple[Database, ...], how: str) -> Client | None:
    declared = decided(lambda: read_tag(run.resource, CONNECTIONS_TAG, least=0))
    if declared == 0:
        return None
    if isinstance(declared, int) and (len(reached) == 1 or how == _DECLARED):
        workload = Workload(name=run.name, limit=declared, tasks=DeclaredClients())
        return Client(run=run, databases=reached, workload=workload, findings=())
    if isinstance(declared, Undecided):
        reason = Reason(declared.of(run.resource))
    elif declared is not None:
        names = ", ".join(database.name for database in reached)
        reason = Reason(
            f"it can reach several databases ({names})",
            f'tag it "{DATABASE_TAG}" with the one it uses, or with several separated by spaces',
        )
    else:
        reason = Reason(
            f"it {how}, and what it opens cannot be read",
            f'declare the most connections that all of it opens at once in the tag "{CONNECTIONS_TAG}"{_at_once(run.resource)}, 0 for none',
        )
    return _uncounted(run, reached, reason)


def _at_once(resource: Resource) -> str:
    """How a Lambda function's connections are counted, with what is known of them."""
    if resource.type != tokens.FUNCTION:
        return ""
    reserved = asked_integer(resource, "reservedConcurrentExecutions")
    if isinstance(reserved, Undecided):
        return " (its reserved concurrency, which is not known here, times the connections of one instance)"
    limit = parse_limit(known_text(resource, "environment", "variables", LIMIT))
    if not isinstance(reserved, Present) or reserved.value < 0:
        return (
            " (its reserved concurrency times the connections of one instance; reservedConcurrentExecutions is not set, so that all "
            "that the account allows, 1000 by default, may run at once)"
        )
    each = (
        f"the {LIMIT} of {limit}, {reserved.value * limit}"
        if isinstance(limit, int)
        else "the connections of one instance"
    )
    return f" (its reserved concurrency of {reserved.value} times {each})"


def _uncounted(run: Run, reached: tuple[Database, ...], reason: Reason) -> Client:
    reason = reason._replace(found=f"its connections cannot be counted: {reason.found}")
    finding = Finding(run.resource.urn, f"{run.name}: {reason}.", True, reason.parts())
    return Client(run=run, databases=reached, workload=None, findings=(finding,))
