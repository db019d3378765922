"""Of which databases RDS keeps no password: replicas and their sources, global databases, and what is updated blue/green."""

from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.resources.tokens import DB_CLUSTER, DB_INSTANCE
from policies.rules.database.protection import database_password_managed
from policies.rules.rule import Stack

MANAGED, PASSED = {"manageMasterUserPassword": True}, {"masterPassword": "passed"}
GLOBAL = "aws:rds/globalCluster:GlobalCluster"
_KEPT = "makes no blue/green update of a database whose password it keeps"
_MEMBER = "keeps no password of a global database"


def found(stack: Any, urn: str) -> list[str]:
    """What the policy finds on a database."""
    facts, spec = Facts(stack.graph()), database_password_managed.spec
    judged = database_password_managed.judge(Stack(facts=facts, stage="prd", spec=spec))
    return [finding.parts.found for finding in judged if finding.urn == urn and finding.parts]


def cluster(stack: Any, **props: Any) -> str:
    return stack.add(DB_CLUSTER, "c", {"engine": "aurora-mysql", **props})


@pytest.mark.parametrize(
    ("props", "why"),
    [
        ({"globalClusterIdentifier": "shop"}, _MEMBER),
        (
            {"replicationSourceIdentifier": "arn:aws:rds:us-east-1:123456789012:cluster:c"},
            "keeps no password of a replica",
        ),
    ],
)
def test_a_cluster_whose_password_rds_cannot_keep_is_asked_for_the_contrary(
    stack: Any, props: dict[str, Any], why: str
) -> None:
    [problem] = found(stack, cluster(stack, **props, **MANAGED))
    assert why in problem
    assert found(stack, cluster(stack, **props)) == []


def test_a_global_database_may_be_passed_a_password_and_a_replica_may_not(stack: Any) -> None:
    assert found(stack, cluster(stack, globalClusterIdentifier="shop", **PASSED)) == []
    source = "arn:aws:rds:us-east-1:123456789012:cluster:c"
    assert found(stack, cluster(stack, replicationSourceIdentifier=source, **PASSED)) == [
        "masterPassword is passed by the program"
    ]


def test_a_cluster_that_a_global_database_is_made_of_is_its_member(stack: Any) -> None:
    urn = cluster(stack, **MANAGED)
    stack.add(GLOBAL, "g", {"sourceDbClusterIdentifier": "arn"}, sourceDbClusterIdentifier=(urn,))
    [problem] = found(stack, urn)
    assert _MEMBER in problem


_COPIED = "makes no replica (replica) of"


@pytest.mark.parametrize(("engine", "told"), [("mysql", [_COPIED]), ("postgres", [_COPIED]), ("sqlserver-se", [])])
def test_of_a_source_rds_makes_a_replica_if_it_keeps_no_password(stack: Any, engine: str, told: list[str]) -> None:
    urn = stack.add(DB_INSTANCE, "db", {"engine": engine, "identifier": "db", **MANAGED})
    replica = stack.add(DB_INSTANCE, "replica", {"replicateSourceDb": "db"}, replicateSourceDb=(urn,))
    problems = found(stack, urn)
    assert len(problems) == len(told)
    assert all(text in problem for text, problem in zip(told, problems, strict=True))
    assert found(stack, replica) == []


@pytest.mark.parametrize(("enabled", "problems"), [(True, 1), (False, 0)])
def test_a_blue_green_update_needs_a_password_that_rds_does_not_keep(stack: Any, enabled: bool, problems: int) -> None:
    props = {"engine": "postgres", "blueGreenUpdate": {"enabled": enabled}}
    told = found(stack, stack.add(DB_INSTANCE, "db", {**props, **MANAGED}))
    assert [_KEPT in problem for problem in told] == [True] * problems
    passed = found(stack, stack.add(DB_INSTANCE, "db", {**props, "password": "passed"}))
    assert passed == ([] if problems else ["password is passed by the program"])
