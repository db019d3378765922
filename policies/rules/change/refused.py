"""The policies about changes that AWS refuses half-way: what stands in a network, and what a database cannot go back on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.facts.change.plan import Plan, aws_name
from policies.facts.change.upgrades import Upgrade, upgrade_of
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Present
from policies.resources.reading import optional, read_text
from policies.resources.references import references
from policies.resources.requested import asked_flag, asked_integer
from policies.rules.policy import EVERYWHERE
from policies.rules.rule import Problem, Stack, policy

_PLACE = ("vpcId", "cidrBlock", "availabilityZone")
_NEW_BALANCER = ("name", "internal", "loadBalancerType")
_IN_VPC = {"securityGroups": tokens.SECURITY_GROUP, "subnets": tokens.SUBNET}


@policy(
    name="networks-stay",
    what="No network is replaced under what AWS cannot move.",
    why="AWS moves no database out of its subnets and no load balancer to another VPC: the deployment ends half-way, with two networks.",
    severity="high",
    how_to_fix="Keep the network. For another one make a new stage beside this one (./run stage new) and move the data by a snapshot; "
    "where the data may go, destroy the stage and bring it up again.",
    url="https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBSubnetGroup.html",
    levels=EVERYWHERE,
    types=(tokens.DB_SUBNET_GROUP, tokens.DB_INSTANCE, tokens.DB_CLUSTER, tokens.LOAD_BALANCER),
    also=(tokens.SUBNET, tokens.SECURITY_GROUP, tokens.VPC),
)
def networks_stay(stack: Stack, resource: Resource) -> Iterator[Problem]:
    plan = stack.plan
    before = plan.before(resource) if plan is not None and plan.asks_for(resource) else None
    if plan is None or before is None:
        return
    if resource.type == tokens.DB_SUBNET_GROUP:
        yield from _subnets_of_a_database(plan, before)
    elif resource.type == tokens.LOAD_BALANCER:
        if not list(plan.changed(resource, _NEW_BALANCER)):
            moved = (name for prop, kind in _IN_VPC.items() for name in _moved(plan, before, kind, prop))
            if names := sorted(set(moved)):
                yield Problem(f"{', '.join(names)}, which it stands in, moves to another VPC", "one VPC for good")
    elif not list(plan.changed(resource, ("dbSubnetGroupName",))):
        names = sorted(set(_moved(plan, before, tokens.SECURITY_GROUP, "vpcSecurityGroupIds")))
        if names:
            found = f"its security group {', '.join(names)} moves to another VPC, and its subnet group does not"
            yield Problem(found, "one VPC for good, or a subnet group of the other VPC")


def _subnets_of_a_database(plan: Plan, before: Resource) -> Iterator[Problem]:
    group = optional(read_text(before, "name"), before.name)
    databases = [
        database
        for database in plan.earlier.of_type(tokens.DB_INSTANCE, tokens.DB_CLUSTER)
        if optional(read_text(database, "dbSubnetGroupName"), "") == group
    ]
    held = [plan.earlier.get(key) for key in references(plan.earlier, before, tokens.SUBNET, "subnetIds").keys]
    subnets = [subnet for subnet in held if subnet is not None]
    lost = [subnet for subnet in subnets if plan.goes(subnet, _PLACE)]
    for database in databases:
        zone = read_text(database, "availabilityZone")
        elsewhere = isinstance(zone, Present) and not optional(asked_flag(database, "multiAz"), False)
        stood_in = [
            subnet
            for subnet in lost
            if len(lost) == len(subnets) or not elsewhere or read_text(subnet, "availabilityZone") == zone
        ]
        if stood_in:
            names = ", ".join(sorted(subnet.name for subnet in stood_in))
            found = f"it loses the subnets {names}, in which the database {aws_name(database)} stands"
            yield Problem(found, "the subnets that it has; others may be added")


def _moved(plan: Plan, before: Resource, kind: str, prop: str) -> Iterator[str]:
    for key in references(plan.earlier, before, kind, prop).keys:
        named = plan.earlier.get(key)
        now = plan.successors.get(key)
        if named is not None and now is not None and list(plan.changed(now, ("vpcId",))):
            yield named.name


@policy(
    name="database-change-possible",
    what="A database is changed only as RDS changes it.",
    why="RDS goes back to no older version and no smaller storage, and refuses what it would have to do in another order.",
    severity="high",
    how_to_fix="Keep what it has, or restore a snapshot into a second instance and move the private DNS name to it.",
    url="https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html",
    levels=EVERYWHERE,
    types=(tokens.DB_INSTANCE, tokens.DB_CLUSTER),
    also=(tokens.PARAMETER_GROUP,),
)
def database_change_possible(stack: Stack, database: Resource) -> Iterator[Problem]:
    plan = stack.plan
    before = plan.before(database) if plan is not None and plan.asks_for(database) else None
    if plan is None or before is None or list(plan.changed(database, ("engine",))):
        return
    if (upgrade := upgrade_of(plan, database)) is not None:
        yield from _version(upgrade, database)
    old, new = (optional(asked_integer(each, "allocatedStorage"), 0) for each in (before, database))
    if new < old and not optional(asked_integer(database, "maxAllocatedStorage"), 0):
        yield Problem(f"allocatedStorage goes from {old} to {new} GiB", f"{old} or more")
    group = _deleted_group(plan, before, database)
    if group and not optional(asked_flag(database, "applyImmediately"), False):
        found = f"parameterGroupName changes in the maintenance window, and {group}, which it has until then, is deleted at once"
        yield Problem(found, "applyImmediately true for this deployment, or a group that stays")


def _version(upgrade: Upgrade, database: Resource) -> Iterator[Problem]:
    if upgrade.back:
        yield Problem(f"engineVersion goes back from {upgrade.old} to {upgrade.new}", f"{upgrade.old} or newer")
    elif upgrade.major and not optional(asked_flag(database, "allowMajorVersionUpgrade"), False):
        yield Problem(
            f"engineVersion goes from {upgrade.old} to {upgrade.new}, another major version, without allowMajorVersionUpgrade",
            "allowMajorVersionUpgrade true in this deployment alone (database.majorUpgrade in the settings)",
        )


def _deleted_group(plan: Plan, before: Resource, database: Resource) -> str:
    """The parameter group that a database leaves and that this deployment deletes; empty where there is none."""
    if not list(plan.changed(database, ("parameterGroupName",))):
        return ""
    name = optional(read_text(before, "parameterGroupName"), "")
    groups: Mapping[str, Resource] = {
        optional(read_text(group, "name"), ""): group for group in plan.earlier.of_type(tokens.PARAMETER_GROUP)
    }
    group = groups.get(name)
    return name if group is not None and plan.goes(group, ("name", "family")) else ""
