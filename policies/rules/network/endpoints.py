"""Policies about endpoints of AWS's services in a VPC: of the stack's region, and letting through what tasks need."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.iam.rights import allowed
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.reading import Absent, Present, read_text
from policies.resources.requested import asked_text
from policies.rules.rule import Problem, Stack, policy


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
)
def endpoint_lets_images_through(stack: Stack, endpoint: Resource) -> Iterator[Problem]:
    name = read_text(endpoint, "serviceName")
    if (
        not isinstance(name, Present)
        or not name.value.endswith(".s3")
        or isinstance(asked_text(endpoint, "policy"), Absent)
    ):
        return
    layers = (f"prod-{name.value.split('.')[2]}-starport-layer-bucket/",)
    statements = stack.facts.statements(endpoint, "policy")
    barred = [
        item
        for item in statements
        if not item.allows and item.anyone and not item.conditions and {"*", "s3:*"} & set(item.actions)
    ]
    if not allowed(statements, "s3:GetObject", layers, "", "") or any("*" in item.resources for item in barred):
        yield Problem(f"its policy does not allow s3:GetObject on {layers[0]}*", "a statement that allows it")
