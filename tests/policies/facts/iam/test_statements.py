"""Policy documents as statements: every way to write one, and what is no document."""

import json
from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.facts.iam.conditions import limits
from policies.facts.iam.statements import Statement, inline_statements, parse_document
from policies.resources.outcomes import Undecided, decided

KIND = "aws:iam/rolePolicy:RolePolicy"


def parse(*statements: object) -> list[Statement]:
    return list(parse_document({"Statement": list(statements)}, "policy"))


def test_one_text_and_a_list_mean_the_same() -> None:
    one = parse({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn", "Principal": {"Service": "x"}})
    many = parse({"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn"], "Principal": {"Service": ["x"]}})
    assert one == many
    assert one[0].where == "policy.Statement[0]"
    [denial] = parse_document({"Statement": {"Effect": "Deny", "Action": "a"}}, "p")
    assert denial.allows is False


@pytest.mark.parametrize(
    ("fields", "anyone"),
    [
        ({"Principal": "*"}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"AWS": ["arn", "*"]}}, True),
        ({"NotPrincipal": {"AWS": "arn"}}, True),
        ({"Principal": {"Service": "x.amazonaws.com"}}, False),
        ({"Principal": {"AWS": "arn:aws:iam::1:root"}}, False),
        ({}, False),
    ],
)
def test_who_anyone_is(fields: dict[str, Any], anyone: bool) -> None:
    [statement] = parse({"Effect": "Allow", "Action": "a", **fields})
    assert statement.anyone is anyone


@pytest.mark.parametrize(
    ("condition", "limits"),
    [
        ({"StringEquals": {"aws:SourceAccount": "1"}}, True),
        ({"StringEquals": {"AWS:SOURCEACCOUNT": ["1", "2"]}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:x:*"}}, False),
        ({"StringLike": {"aws:SourceAccount": "*"}}, False),
        ({"StringLike": {"aws:SourceAccount": ["1", "*"]}}, False),
        ({"StringEqualsIfExists": {"aws:SourceAccount": "1"}}, False),
        ({"StringNotEquals": {"aws:SourceAccount": "1"}}, False),
        ({"Null": {"aws:SourceAccount": "false"}}, False),
        ({"StringEquals": {"aws:SourceAccount": []}}, False),
        ({"ForAnyValue:StringEquals": {"aws:SourceAccount": "1"}}, True),
        ({"ForAllValues:StringEquals": {"aws:SourceAccount": "1"}}, False),
        ({"StringLike": {"aws:SourceAccount": "????????????"}}, False),
        ({"null": {"aws:SourceAccount": "false"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:ecs:eu-west-1:123456789012:*"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:ecs:*:*:*"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::reports"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, False),
        ({"Bool": {"aws:SecureTransport": True}}, False),
        (None, False),
    ],
)
def test_what_limits(condition: object, limits: bool) -> None:
    [statement] = parse({"Effect": "Allow", "Action": "a", "Condition": condition})
    assert statement.condition_on("aws:sourceaccount", "aws:sourcearn") is limits


@pytest.mark.parametrize(
    ("operator", "key", "value", "limiting"),
    [
        ("IpAddress", "aws:sourceip", "203.0.113.0/24", True),
        ("IpAddress", "aws:sourceip", "0.0.0.0/0", False),
        ("IpAddress", "aws:sourceip", "::/0", False),
        ("IpAddress", "aws:sourceip", "everywhere", False),
        ("StringEquals", "aws:principalorgid", "o-a1b2c3d4e5", True),
        ("StringLike", "aws:principalorgid", "o-*", False),
        ("StringEquals", "aws:principalorgid", " ", False),
        ("StringLike", "aws:principalorgpaths", "o-a1b2c3d4e5/r-ab12/*", True),
        ("StringLike", "aws:principalorgpaths", "*/r-ab12/*", False),
        ("StringLike", "aws:userid", "AROAEXAMPLE:*", True),
        ("StringLike", "idp.example.com:sub", "repo:acme/shop:*", True),
        ("StringLike", "idp.example.com:sub", "repo:acme*", False),
        ("StringLike", "idp.example.com:sub", "repo:*", False),
        ("ArnNotLike", "aws:principalarn", "arn:aws:iam::1:role/x", False),
    ],
)
def test_values_that_limit(operator: str, key: str, value: str, limiting: bool) -> None:
    assert limits(operator, key, [value]) is limiting


def test_booleans_in_conditions_are_text() -> None:
    [statement] = parse({"Effect": "Deny", "Action": "a", "Condition": {"Bool": {"aws:SecureTransport": False}}})
    assert statement.conditions == {"Bool": {"aws:securetransport": ("false",)}}


@pytest.mark.parametrize(
    ("document", "where", "reason"),
    [
        ([], "policy", "is not a policy document"),
        ({}, "policy.Statement[0]", "is not a statement"),
        ({"Statement": [3]}, "policy.Statement[0]", "is not a statement"),
        ({"Statement": [{"Action": "a"}]}, "policy.Statement[0].Effect", "is neither Allow nor Deny"),
        ({"Statement": [{"Effect": "Allow"}]}, "policy.Statement[0].Action", "is absent"),
        ({"Statement": [{"Effect": "Allow", "action": "a"}]}, "policy.Statement[0]", 'has "action", which is no element of a statement'),
        ({"Statement": [{"Effect": "Allow", "Action": [{}]}]}, "policy.Statement[0].Action", "holds what is no text"),
        ({"Statement": [{"Effect": "Allow", "Action": [1.5]}]}, "policy.Statement[0].Action", "holds what is no text"),
        ({"Statement": [{"Effect": "Allow", "Principal": []}]}, "policy.Statement[0].Principal", "is not a principal"),
        ({"Statement": [{"Effect": "Allow", "Condition": 1}]}, "policy.Statement[0].Condition", "is no condition"),
        ({"Statement": [{"Effect": "Allow", "Condition": {"Bool": 1}}]}, "policy.Statement[0].Condition.Bool", "is no condition"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_undecided(document: object, where: str, reason: str) -> None:
    assert decided(lambda: list(parse_document(document, "policy"))) == Undecided(where, reason)


def test_a_property_is_read_once_and_left_to_aws_is_none(stack: Any, unknown: str) -> None:
    urn = stack.add(
        "aws:sqs/queue:Queue",
        "r",
        {"policy": json.dumps({"Statement": {"Effect": "Allow", "Action": "a"}}), "left": unknown},
    )
    graph = stack.graph()
    resource = graph.get(urn)
    assert resource is not None
    facts = Facts(graph)
    assert facts.statements(resource, "policy") is facts.statements(resource, "policy")
    assert facts.statements(resource, "left") == facts.statements(resource, "absent") == ()


@pytest.mark.parametrize(
    ("props", "reason"),
    [
        ({}, "is absent, a value is required"),
        ({"policy": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}, "is unknown at preview"),
    ],
)
def test_a_document_that_aws_does_not_make_up_is_required(stack: Any, props: dict[str, Any], reason: str) -> None:
    urn = stack.add(KIND, "r", props)
    graph = stack.graph()
    resource = graph.get(urn)
    assert resource is not None
    assert decided(lambda: Facts(graph).statements(resource, "policy")) == Undecided("policy", reason, resource)


def test_inline_policies_of_a_role(stack: Any, unknown: str) -> None:
    document = json.dumps({"Statement": {"Effect": "Allow", "Action": "a"}})
    urn = stack.add("aws:iam/role:Role", "r", {"inlinePolicies": [{"policy": document}, {}, unknown]})
    graph = stack.graph()
    resource = graph.get(urn)
    assert resource is not None
    found = inline_statements(resource)
    assert next(found).where == "inlinePolicies[0].policy.Statement[0]"
    assert decided(lambda: list(found)) == Undecided("inlinePolicies[2].policy", "is unknown at preview")
