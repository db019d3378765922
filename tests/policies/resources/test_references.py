"""Which resource a property names, where resources of a stack share an id or a name."""

from typing import Any

import pytest

from policies.resources import tokens
from policies.resources.references import belonging, references


@pytest.mark.parametrize(
    ("made_from", "named"),
    [
        ((), "aws:ec2/securityGroup:SecurityGroup::b"),  # nothing tells which: the last one
        (("aws:ec2/securityGroup:SecurityGroup::a",), "aws:ec2/securityGroup:SecurityGroup::a"),
        (("aws:ec2/securityGroup:SecurityGroup::b",), "aws:ec2/securityGroup:SecurityGroup::b"),
        (("aws:ec2/vpc:Vpc::main",), "shared_id"),  # the VPC of that id is meant, which is no security group
        (("aws:ecs/cluster:Cluster::c",), "aws:ec2/securityGroup:SecurityGroup::b"),  # has another id: tells nothing
    ],
)
def test_of_resources_with_one_id_the_one_that_the_property_was_made_from_is_meant(
    stack: Any, made_from: tuple[str, ...], named: str
) -> None:
    for name in ("a", "b"):
        stack.add(tokens.SECURITY_GROUP, name, {"id": "shared_id", "name": name})
    stack.add(tokens.VPC, "main", {"id": "shared_id"})
    stack.add(tokens.CLUSTER, "c", {"id": "c_id", "name": "c"})
    prefix = "urn:pulumi:dev::shop::"
    dependencies = tuple(prefix + urn for urn in made_from)
    rule = stack.add(tokens.INGRESS_RULE, "rule", {"securityGroupId": "shared_id"}, securityGroupId=dependencies)
    graph = stack.graph()
    found = references(graph, graph.get(rule), tokens.SECURITY_GROUP, "securityGroupId")
    assert found.keys == {named if named == "shared_id" else prefix + named}


def test_a_rule_belongs_to_the_group_it_was_made_from(stack: Any) -> None:
    default = stack.add(tokens.DEFAULT_SECURITY_GROUP, "main", {"id": "main_id"})
    group = stack.add(tokens.SECURITY_GROUP, "main", {"id": "main_id"})
    rule = stack.add(tokens.INGRESS_RULE, "rule", {"securityGroupId": "main_id"}, securityGroupId=(group,))
    graph = stack.graph()
    assert belonging(graph, graph.get(default), tokens.INGRESS_RULE, "securityGroupId") == []
    assert [item.urn for item in belonging(graph, graph.get(group), tokens.INGRESS_RULE, "securityGroupId")] == [rule]


@pytest.mark.parametrize(("groups", "found"), [(("a",), {"a"}), (("a", "b"), set())])
def test_an_id_taken_out_of_what_was_given_it_is_that_of_the_only_one_there(
    stack: Any, unknown: str, groups: tuple[str, ...], found: set[str]
) -> None:
    urns = {name: stack.add(tokens.SECURITY_GROUP, name, {"id": unknown}) for name in ("a", "b")}
    held = tuple(urns[name] for name in groups)
    service = stack.add(tokens.SERVICE, "api", {"networkConfiguration": unknown}, networkConfiguration=held)
    rule = stack.add(
        tokens.SECURITY_GROUP_RULE, "rule", {"sourceSecurityGroupId": unknown}, sourceSecurityGroupId=(service,)
    )
    graph = stack.graph()
    source = references(graph, graph.get(rule), tokens.SECURITY_GROUP, "sourceSecurityGroupId")
    assert source.keys == {urns[name] for name in found}
    assert (source.undecided is None) is bool(found)
