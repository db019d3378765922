"""Policies about what stands before a database: its security group lets in its clients, and a proxy keeps what they say to itself."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from policies.facts.network.security_groups import RULE_TYPES, Opening, group_of
from policies.facts.network.subnets import vpc_ranges
from policies.facts.places import region_of
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.references import references
from policies.rules.property_checks import flag
from policies.rules.rule import Problem, Stack, policy


@policy(
    what="A database's security group lets in the groups of its clients: not the load balancer's, and no range of the network.",
    why="A range is every task, and whoever breaks into the load balancer's side stands at the database's login; no budget counts them.",
    severity="high",
    how_to_fix="Name the security group of each workload that uses it as the source (referencedSecurityGroupId).",
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.RDSSecurityGroups.html",
    types=(*sorted(RULE_TYPES), tokens.LOAD_BALANCER),
    also=(tokens.DB_INSTANCE, tokens.DB_CLUSTER, tokens.VPC, tokens.VPC_RANGE),
)
def database_lets_in_clients(stack: Stack, resource: Resource) -> Iterator[Problem]:
    guarded = stack.facts.database_groups
    if resource.type == tokens.LOAD_BALANCER:
        groups = references(stack.graph, resource, tokens.SECURITY_GROUP, "securityGroups").keys
        for name in sorted({database.name for key in groups & guarded.keys() for database in guarded[key]}):
            yield Problem(f"it stands in a security group of the database {name}", "a group of its own")
        return
    if not group_of(stack.graph, resource).keys & guarded.keys():
        return
    for opening in stack.facts.openings[resource.urn]:
        if opening.ingress and opening.undecided is None:
            yield from _let_in(stack, opening)


def _let_in(stack: Stack, opening: Opening) -> Iterator[Problem]:
    guarded = {
        database.urn: database
        for key in opening.groups.keys
        for database in stack.facts.database_groups.get(key, ())
        if opening.covers(database.port)
    }
    balancers = opening.sources.keys & stack.facts.load_balancer_groups
    for database in guarded.values():
        for key in sorted(balancers - database.security_groups.keys - stack.facts.task_groups if balancers else ()):
            held = stack.graph.get(key)
            named = held.name if held is not None else key
            yield Problem(
                f"it lets the load balancer's group {named[:60]} into the database {database.name}",
                "groups of its clients",
            )
        for cidr in opening.cidrs:
            if _of_the_network(stack, region_of(opening.resource), cidr):
                yield Problem(
                    f"it lets {cidr[:50]}, a range of the network, into the database {database.name}",
                    "groups of its clients",
                )


def _of_the_network(stack: Stack, region: str, cidr: str) -> bool:
    """Whether a range holds more than one address of a VPC of the stack.

    In another region's, groups cannot be named: a range is the only way (Amazon VPC Peering Guide, Reference peer security groups).
    """
    try:
        network = ipaddress.IPv4Network(cidr, strict=False)
    except ValueError:
        return False  # IPv6, or none
    near = [vpc for vpc in stack.graph.of_type(tokens.VPC) if not region or region_of(vpc) in ("", region)]
    ranges = [held for vpc in near for held in vpc_ranges(stack.graph, vpc)]
    return network.prefixlen < network.max_prefixlen and any(network.overlaps(held) for held in ranges)


proxy_keeps_statements_to_itself = policy(
    name="proxy-keeps-statements-to-itself",
    what="An RDS Proxy writes no statements into its log.",
    why="Statements hold what customers typed, passwords of the application's own users included.",
    severity="medium",
    how_to_fix="Set debugLogging to false; AWS switches it off by itself only after a day.",
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.monitoring.html",
    types=(tokens.DB_PROXY,),
)(flag("debugLogging", wanted=False, default=False))
