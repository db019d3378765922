"""Policies about endpoints of AWS's services in a VPC: of the stack's region, and letting through what tasks need."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.iam.rights import allowed
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Absent, NotDecidedError, Present, Undecided
from policies.resources.reading import optional, read, read_text
from policies.resources.references import belonging, depended_on, references
from policies.resources.requested import asked_text
from policies.rules.rule import Problem, Stack, policy

_POLICY_OF_ENDPOINT = "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"
_TABLE_OF_ENDPOINT = "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation"


@policy(
    what="An endpoint is for a service of the stack's own region.",
    why="AWS refuses a service's name of another region, and a gateway leads to buckets of its own region alone.",
    severity="medium",
    how_to_fix="Write the stack's region in serviceName, such as com.amazonaws.eu-west-1.s3.",
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html",
    types=(tokens.VPC_ENDPOINT,),
)
def endpoint_of_region(stack: Stack, endpoint: Resource) -> Iterator[Problem]:
    name = read_text(endpoint, "serviceName")
    parts = name.value.split(".") if isinstance(name, Present) else []
    own = stack.facts.region
    if (
        not own
        or parts[:2] != ["com", "amazonaws"]
        or len(parts) < 4
        or not isinstance(asked_text(endpoint, "serviceRegion"), Absent)
    ):
        return  # one of a partner's, or of another region on purpose
    if parts[2] != own:
        yield Problem(f"serviceName is of the region {parts[2][:30]}", own)


@policy(
    what="The policy of an endpoint of S3 lets ECR's layers through.",
    why="ECR keeps images in a bucket of AWS's: behind such an endpoint every task fails with CannotPullContainerError.",
    severity="high",
    how_to_fix="Allow s3:GetObject on arn:aws:s3:::prod-region-starport-layer-bucket/* in the endpoint's policy, or remove the policy.",
    url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html",
    types=(tokens.VPC_ENDPOINT,),
    also=(_POLICY_OF_ENDPOINT,),
)
def endpoint_lets_images_through(stack: Stack, endpoint: Resource) -> Iterator[Problem]:
    name = read_text(endpoint, "serviceName")
    if not isinstance(name, Present) or not name.value.endswith(".s3"):
        return
    # A policy of its own resource replaces the one that stands on the endpoint.
    apart = belonging(stack.graph, endpoint, _POLICY_OF_ENDPOINT, "vpcEndpointId")
    held = [one for one in (apart or [endpoint]) if not isinstance(asked_text(one, "policy"), Absent)]
    if not held:
        return
    layers = (f"prod-{name.value.split('.')[2]}-starport-layer-bucket/",)
    statements = [statement for one in held for statement in stack.facts.statements(one, "policy")]
    barred = [
        item
        for item in statements
        if not item.allows and item.anyone and not item.conditions and {"*", "s3:*"} & set(item.actions)
    ]
    if not allowed(statements, "s3:GetObject", layers, "", "") or any("*" in item.resources for item in barred):
        yield Problem(f"its policy does not allow s3:GetObject on {layers[0]}*", "a statement that allows it")


@policy(
    what="A gateway endpoint serves the route tables of the subnets behind NAT gateways.",
    why="Else their images and logs go through NAT, which is paid for each byte, and end with it.",
    severity="low",
    how_to_fix="Add the private route tables to routeTableIds.",
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html",
    types=(tokens.VPC_ENDPOINT,),
    also=(tokens.ROUTE, tokens.ROUTE_TABLE, tokens.NAT_GATEWAY, _TABLE_OF_ENDPOINT),
)
def endpoint_serves_private_subnets(stack: Stack, endpoint: Resource) -> Iterator[Problem]:
    graph = stack.graph
    if optional(asked_text(endpoint, "vpcEndpointType"), "Gateway") != "Gateway":
        return
    named = read(endpoint, "routeTableIds")
    served = {table.urn for table in depended_on(graph, endpoint, "routeTableIds", tokens.ROUTE_TABLE)}
    served |= references(graph, endpoint, tokens.ROUTE_TABLE, "routeTableIds").keys
    for association in belonging(graph, endpoint, _TABLE_OF_ENDPOINT, "vpcEndpointId"):
        served |= references(graph, association, tokens.ROUTE_TABLE, "routeTableId").keys
    if isinstance(named, Undecided) and endpoint.property_dependencies.get("routeTableIds") and not served:
        raise NotDecidedError(named)
    vpcs = references(graph, endpoint, tokens.VPC, "vpcId").keys
    missing = sorted(
        table.name
        for vpc in graph.held(vpcs)
        for table in belonging(graph, vpc, tokens.ROUTE_TABLE, "vpcId")
        if table.urn not in served and _behind_nat(graph, table)
    )
    if missing:
        yield Problem(f"it does not serve {', '.join(missing)[:150]}, behind a NAT gateway", "them in routeTableIds")


def _behind_nat(graph: Graph, table: Resource) -> bool:
    routes = belonging(graph, table, tokens.ROUTE, "routeTableId")
    inline = depended_on(graph, table, "routes", tokens.NAT_GATEWAY)
    return bool(inline) or any(depended_on(graph, route, "natGatewayId", tokens.NAT_GATEWAY) for route in routes)
