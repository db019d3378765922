"""URNs carry the whole chain of parents' types, without the stack's."""

import pytest

from offline.engine.urn import inherited_alias, make_urn, name_of, provider_urn, qualified_type, stack_urn, type_of

STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"


@pytest.mark.parametrize(
    ("parent", "type_token", "name", "urn"),
    [
        ("", "pulumi:pulumi:Stack", "shop-dev", STACK),
        (STACK, "shop:index:Service", "svc0", "urn:pulumi:dev::shop::shop:index:Service::svc0"),
        (STACK, "aws:ec2/vpc:Vpc", "main", "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::main"),
        (
            "urn:pulumi:dev::shop::shop:index:Service::svc0",
            "aws:ecs/service:Service",
            "svc0",
            "urn:pulumi:dev::shop::shop:index:Service$aws:ecs/service:Service::svc0",
        ),
        (
            "urn:pulumi:dev::shop::a:b:Outer$a:b:Inner::in",
            "aws:sns/topic:Topic",
            "odd::name",
            "urn:pulumi:dev::shop::a:b:Outer$a:b:Inner$aws:sns/topic:Topic::odd::name",
        ),
    ],
)
def test_make_and_take_apart(parent, type_token, name, urn):
    assert make_urn("dev", "shop", parent, type_token, name) == urn
    assert (type_of(urn), name_of(urn)) == (type_token, name)
    assert qualified_type(urn).endswith(type_token)


def test_stack_and_provider():
    assert stack_urn("dev", "shop") == STACK
    reference = "urn:pulumi:dev::shop::pulumi:providers:aws::default_7_51_1::04da6b54"
    assert provider_urn(reference) == "urn:pulumi:dev::shop::pulumi:providers:aws::default_7_51_1"
    assert provider_urn("") == ""


@pytest.mark.parametrize(("child", "old"), [("app-db", "web-db"), ("db", "db")])
def test_a_child_follows_its_parents_old_name(child, old):
    parent, parent_alias = "urn:pulumi:dev::shop::x:y:App::app", "urn:pulumi:dev::shop::x:y:App::web"
    assert inherited_alias(parent, parent_alias, "a:b:C", child) == f"urn:pulumi:dev::shop::x:y:App$a:b:C::{old}"
