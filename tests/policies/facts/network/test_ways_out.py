"""Endpoints of AWS's services: found by the service's own name or not, and closed by their security groups or not."""

import json
from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.facts.network.ways_out import endpoints_of
from policies.resources import tokens
from policies.rules.network.paths import path_open
from policies.rules.network.reachability import tasks_reach_images
from policies.rules.rule import Rule, Stack
from tests.policies.conftest import UNKNOWN

IMAGE = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/api:1"


def network(stack: Any, *, dns: object = True, let_in: bool = True) -> str:
    """A VPC without a way out, with endpoints for images and logs and a service that starts by them."""
    vpc = stack.add(tokens.VPC, "v", {"id": UNKNOWN, "cidrBlock": "10.0.0.0/16"})
    subnet = stack.add(tokens.SUBNET, "s", {"vpcId": UNKNOWN, "cidrBlock": "10.0.0.0/24"}, vpcId=(vpc,))
    table = stack.add(tokens.ROUTE_TABLE, "t", {"vpcId": UNKNOWN, "routes": []}, vpcId=(vpc,))
    joined = {"subnetId": UNKNOWN, "routeTableId": UNKNOWN}
    stack.add(tokens.ROUTE_TABLE_ASSOCIATION, "a", joined, subnetId=(subnet,), routeTableId=(table,))
    rules = [{"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.0.0.0/16"]}]
    own = stack.add(tokens.SECURITY_GROUP, "own", {"id": UNKNOWN, "vpcId": UNKNOWN, "egress": rules}, vpcId=(vpc,))
    held = {"id": UNKNOWN, "vpcId": UNKNOWN, "ingress": rules if let_in else []}
    group = stack.add(tokens.SECURITY_GROUP, "endpoints", held, vpcId=(vpc,))
    for service in ("ecr.api", "ecr.dkr", "logs", "sts"):
        endpoint(stack, service, "Interface", vpc, group, privateDnsEnabled=dns)
    endpoint(stack, "s3", "Gateway", vpc)
    container = {"name": "api", "image": IMAGE, "logConfiguration": {"logDriver": "awslogs"}}
    definition = stack.add(
        tokens.TASK_DEFINITION, "api", {"family": "api", "containerDefinitions": json.dumps([container])}
    )
    placed = {"subnets": [UNKNOWN], "securityGroups": [UNKNOWN]}
    return stack.add(
        tokens.SERVICE,
        "api",
        {"name": "api", "taskDefinition": UNKNOWN, "networkConfiguration": placed},
        taskDefinition=(definition,),
        networkConfiguration=(subnet, own),
    )


def endpoint(stack: Any, service: str, kind: str, vpc: str, *groups: str, **props: Any) -> None:
    name = f"com.amazonaws.ap-northeast-2.{service}"
    written = {"serviceName": name, "vpcEndpointType": kind, "vpcId": UNKNOWN, "securityGroupIds": UNKNOWN, **props}
    stack.add(tokens.VPC_ENDPOINT, service, written, vpcId=(vpc,), securityGroupIds=groups)


def found(stack: Any, rule: Rule, urn: str) -> list[str]:
    judged = rule.judge(Stack(facts=Facts(stack.graph()), stage="prd", spec=rule.spec))
    return [finding.parts.found if finding.parts else finding.message for finding in judged if finding.urn == urn]


@pytest.mark.parametrize(("dns", "led"), [(True, True), (UNKNOWN, False), (False, False), (None, False)])
def test_an_endpoint_without_private_dns_is_found_by_nobody(stack: Any, dns: object, led: bool) -> None:
    service = network(stack, dns=dns)
    problems = [] if led else ["its subnets s have no way out for the image"]
    assert found(stack, tasks_reach_images, service) == problems
    vpc = stack.urn(tokens.VPC, "v")
    assert ("ecr.api" in endpoints_of(stack.graph(), vpc), "s3" in endpoints_of(stack.graph(), vpc)) == (led, True)


def test_private_dns_may_be_a_resource_of_its_own(stack: Any) -> None:
    service = network(stack)
    for name in ("ecr.api", "ecr.dkr"):
        held = stack.urn(tokens.VPC_ENDPOINT, name)
        stack.change(held, privateDnsEnabled=None)
        props = {"vpcEndpointId": UNKNOWN, "privateDnsEnabled": True}
        stack.add("aws:vpc/endpointPrivateDns:EndpointPrivateDns", name, props, vpcEndpointId=(held,))
    assert found(stack, tasks_reach_images, service) == []


def test_a_zone_of_the_stack_may_lead_to_it(stack: Any) -> None:
    service = network(stack, dns=False)
    stack.add(tokens.DNS_ZONE, "ecr", {"name": "ecr.ap-northeast-2.amazonaws.com"})
    assert found(stack, tasks_reach_images, service) == []


@pytest.mark.parametrize(("let_in", "closed"), [(True, []), (False, ["ecr.api", "ecr.dkr", "logs"])])
def test_an_endpoint_that_has_the_services_name_lets_its_tasks_in(stack: Any, let_in: bool, closed: list[str]) -> None:
    service = network(stack, let_in=let_in)
    assert found(stack, path_open, service) == [
        f"the security groups of {name} do not let api in on port 443" for name in closed
    ]


def test_one_that_is_found_by_nobody_is_in_nobodys_way(stack: Any) -> None:
    assert found(stack, path_open, network(stack, dns=False, let_in=False)) == []
