"""Policies about a VPC: its names, what is recorded, what its default group lets in, and its gateways and endpoints."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.network.subnets import ROUTING
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Present
from policies.resources.reading import read_text, required
from policies.resources.references import belonging, references
from policies.resources.requested import asked_text
from policies.rules.policy import PRD_ADVISORY
from policies.rules.property_checks import flag
from policies.rules.rule import Problem, Stack, about, policy


@policy(
    what="The default security group of a VPC has no rules.",
    why="What is started without a group gets it, and its rules let all its members reach each other.",
    severity="medium",
    how_to_fix="Add an aws.ec2.DefaultSecurityGroup for the VPC with empty ingress and egress.",
    references="CKV2_AWS_12 EC2.2",
    types=(tokens.VPC,),
    also=(tokens.DEFAULT_SECURITY_GROUP, tokens.INGRESS_RULE, tokens.EGRESS_RULE, tokens.SECURITY_GROUP_RULE),
)
def default_security_group_closed(stack: Stack, vpc: Resource) -> Iterator[Problem]:
    closing = belonging(stack.graph, vpc, tokens.DEFAULT_SECURITY_GROUP, "vpcId")
    if not closing:
        yield Problem("its default security group keeps AWS's rules", "a DefaultSecurityGroup without rules")
    for group in closing:
        with about(group):
            rules = stack.facts.openings_of(group)
        if rules:
            yield Problem(f"the default security group {group.name} has rules", "none")
    # Rules of their own name the group, or the VPC's attribute with its id.
    for kind in (tokens.INGRESS_RULE, tokens.EGRESS_RULE, tokens.SECURITY_GROUP_RULE):
        of_groups = (rule for group in closing for rule in belonging(stack.graph, group, kind, "securityGroupId"))
        of_vpc = (rule for rule in stack.graph.of_type(kind) if _by_attribute(rule, vpc))
        for rule in {rule.urn: rule for rule in (*of_groups, *of_vpc)}.values():
            yield Problem(f"{rule.name} is a rule of the default security group", "none")


def _by_attribute(rule: Resource, vpc: Resource) -> bool:
    """Whether a rule is for the group whose id is the VPC's defaultSecurityGroupId."""
    default = read_text(vpc, "defaultSecurityGroupId")
    made = vpc.urn in rule.property_dependencies.get("securityGroupId", ())
    return made or (isinstance(default, Present) and read_text(rule, "securityGroupId") == default)


@policy(
    what="The traffic of a VPC is recorded.",
    why="After an incident it is the only record of who reached what.",
    severity="medium",
    how_to_fix="Add an aws.ec2.FlowLog with trafficType ALL for the VPC.",
    references="CKV2_AWS_11 AwsSolutions-VPC7 EC2.6",
    types=(tokens.VPC,),
    also=(tokens.FLOW_LOG,),
)
def vpc_flow_logs(stack: Stack, vpc: Resource) -> Iterator[Problem]:
    logs = belonging(stack.graph, vpc, tokens.FLOW_LOG, "vpcId")
    recorded: list[str] = []
    for log in logs:
        with about(log):
            recorded.append(required(read_text(log, "trafficType")))
    if not logs:
        yield Problem("it has no flow log", "one with trafficType ALL")
    elif "ALL" not in recorded and not {"ACCEPT", "REJECT"} <= set(recorded):
        yield Problem(f"its flow logs record {', '.join(recorded)} only", "ALL")


def _zones(stack: Stack) -> dict[str, str]:
    """Zone of every subnet whose zone is known, by URN."""
    zones = ((subnet.urn, asked_text(subnet, "availabilityZone")) for subnet in stack.graph.of_type(tokens.SUBNET))
    return {urn: zone.value for urn, zone in zones if isinstance(zone, Present)}


@policy(
    what="Every Availability Zone with a public subnet has a NAT gateway of its own.",
    why="Behind a shared one, tasks of every zone lose the internet with the zone it stands in.",
    severity="low",
    how_to_fix="Add a NAT gateway in each zone and route each private subnet to its own.",
    url="https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
    levels=PRD_ADVISORY,
    types=(tokens.VPC,),
    also=(tokens.NAT_GATEWAY, *ROUTING),
)
def nat_per_zone(stack: Stack, vpc: Resource) -> Iterator[Problem]:
    zones, graph = _zones(stack), stack.graph
    ours = {subnet.urn for subnet in belonging(graph, vpc, tokens.SUBNET, "vpcId")}
    served = {
        zones[key]
        for gateway in graph.of_type(tokens.NAT_GATEWAY)
        for key in references(graph, gateway, tokens.SUBNET, "subnetId").keys & ours
        if key in zones
    }
    missing = {zones[key] for key in stack.facts.public_subnets & ours if key in zones} - served
    if served and missing:
        yield Problem(f"{', '.join(sorted(missing))} has no NAT gateway", "one in each zone")


@policy(
    what="A VPC resolves names, and private zones where the stack has some.",
    why="Without it no task finds its database, and private zones answer nobody.",
    severity="high",
    how_to_fix="Set enableDnsSupport and enableDnsHostnames to true.",
    url="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html",
    types=(tokens.VPC,),
    also=(tokens.DNS_ZONE,),
)
def vpc_dns(stack: Stack, vpc: Resource) -> Iterator[Problem]:
    yield from flag("enableDnsSupport", wanted=True, default=True)(stack, vpc)
    if stack.graph.of_type(tokens.DNS_ZONE):
        yield from flag("enableDnsHostnames", wanted=True, default=False)(stack, vpc)
