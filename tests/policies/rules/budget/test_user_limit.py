"""Workloads that connect as one account are added up against max_user_connections; an account that is not known is asked for."""

import json
from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.resources import tokens
from policies.rules.budget.user_limit import user_connections_enough
from policies.rules.rule import Stack
from tests.policies.conftest import UNKNOWN

URL = "mysql://{user}:x@db.internal:3306/shop"
SHARED = {"DB_USER": "arn:aws:ssm:x:1:parameter/shop/DB_USER"}


def judged(stack: Any) -> list[tuple[str, str]]:
    """(found, or the cause) of each finding."""
    found = user_connections_enough.judge(
        Stack(facts=Facts(stack.graph()), stage="dev", spec=user_connections_enough.spec)
    )
    return [(finding.parts.found if finding.parts else "", finding.cause) for finding in found]


def limited(stack: Any, limit: object) -> None:
    stack.database("db", max_connections="500")
    group = stack.urn(tokens.PARAMETER_GROUP, "db")
    parameters = stack.resources[group].props["parameters"]
    stack.change(group, parameters=[*parameters, {"name": "max_user_connections", "value": limit}])


def client(stack: Any, name: str, environment: dict[str, str], secrets: dict[str, str] | None = None) -> None:
    """A service of two tasks with five connections each: 20 while it is rolled out."""
    stack.service(name, limit="5", desired=2, environment={"DB_HOST": "db.internal", **environment})
    stack.opens(stack.urn(tokens.SECURITY_GROUP, "db"), stack.urn(tokens.SECURITY_GROUP, name))
    definition = stack.urn(tokens.TASK_DEFINITION, name)
    (container,) = json.loads(str(stack.resources[definition].props["containerDefinitions"]))
    container["secrets"] = [{"name": key, "valueFrom": source} for key, source in (secrets or {}).items()]
    stack.change(definition, containerDefinitions=json.dumps([container]))


ONE = "max_user_connections is {limit} in db-parameters, and a up to 20, b up to 20 connections, 40 together, are opened by {who}"


@pytest.mark.parametrize(
    ("first", "second", "who"),
    [
        (({"DB_USER": "app"}, {}), ({"DB_USER": "app"}, {}), '"app"'),
        (({"DB_USERNAME": "app"}, {}), ({"MYSQL_USER": "app"}, {}), '"app"'),
        (({"DATABASE_URL": URL.format(user="app")}, {}), ({"DB_USER": "app"}, {}), '"app"'),
        (({}, SHARED), ({}, SHARED), f"the secret {SHARED['DB_USER']}"),
    ],
)
def test_workloads_of_one_account_are_added_up(stack: Any, first: Any, second: Any, who: str) -> None:
    limited(stack, "39")
    client(stack, "a", *first)
    client(stack, "b", *second)
    assert judged(stack) == [(ONE.format(limit=39, who=who), "")]
    stack.change(stack.urn(tokens.PARAMETER_GROUP, "db"), parameters=[
        {"name": "max_connections", "value": "500"}, {"name": "max_user_connections", "value": "40"},
    ])  # fmt: skip
    assert judged(stack) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (({"DB_USER": "a"}, {}), ({"DB_USER": "b"}, {})),
        (({"DB_USER": "a"}, {}), ({"DB_USER": "A"}, {})),
        (({}, SHARED), ({}, {"DB_USER": "arn:aws:ssm:x:1:parameter/b/DB_USER"})),
    ],
)
def test_accounts_of_their_own_each_have_the_limit(stack: Any, first: Any, second: Any) -> None:
    limited(stack, "20")
    client(stack, "a", *first)
    client(stack, "b", *second)
    assert judged(stack) == []


def test_an_account_that_is_not_known_is_asked_for_only_where_it_may_be_too_much(stack: Any) -> None:
    limited(stack, "39")
    client(stack, "a", {"DB_USER": "app"})
    client(stack, "b", {})
    asked = (
        "undecided: max_user_connections is 39 in db-parameters, and as which account b up to 20 connections are opened is not known, "
        'which may be "app" with 20: write each account\'s name in DB_USER'
    )
    assert judged(stack) == [("", asked)]
    limited(stack, "40")
    assert judged(stack) == []
    limited(stack, "0")
    assert judged(stack) == []


def test_a_workload_alone_is_too_much_whatever_its_account(stack: Any) -> None:
    limited(stack, "19")
    client(stack, "b", {})
    assert judged(stack) == [
        ("max_user_connections is 19 in db-parameters, and b up to 20 connections are opened by one account", "")
    ]


@pytest.mark.parametrize(
    ("limit", "why"),
    [(UNKNOWN, "undecided at preview: parameters[3].value of"), ("many", 'max_user_connections is "many"')],
)
def test_a_limit_that_cannot_be_read_is_undecided(stack: Any, limit: str, why: str) -> None:
    limited(stack, limit)
    client(stack, "a", {"DB_USER": "app"})
    ((found, cause),) = judged(stack)
    assert (found, why in cause) == ("", True)


def test_the_members_of_a_cluster_have_the_limit_of_its_group(stack: Any) -> None:
    parameters = [{"name": "max_connections", "value": "500"}, {"name": "max_user_connections", "value": "39"}]
    group = stack.add(tokens.CLUSTER_PARAMETER_GROUP, "db", {"name": "db-parameters", "parameters": parameters})
    cluster = stack.add(
        tokens.DB_CLUSTER,
        "db",
        {"clusterIdentifier": "db", "engine": "aurora-mysql", "engineVersion": "8.0.mysql_aurora.3.08.0", "port": 3306,
         "tags": {"budget:reserve": "5"}, "vpcSecurityGroupIds": UNKNOWN},
        dbClusterParameterGroupName=(group,),
        vpcSecurityGroupIds=(stack.group("db"),),
    )  # fmt: skip
    stack.add(
        tokens.DB_CLUSTER_INSTANCE,
        "one",
        {"identifier": "one", "clusterIdentifier": UNKNOWN, "engine": "aurora-mysql", "instanceClass": "db.r6g.large"},
        clusterIdentifier=(cluster,),
    )
    client(stack, "a", {"DB_USER": "app"})
    client(stack, "b", {"DB_USER": "app"})
    assert judged(stack) == [(ONE.format(limit=39, who='"app"'), "")]
