"""What is asked of a read replica: nothing that is its source's, and nothing that RDS refuses."""

from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.resources.tokens import DB_INSTANCE
from policies.rules.database.protection import (
    database_backups,
    database_final_snapshot,
    database_password_managed,
)
from policies.rules.network.placement import private_subnets
from policies.rules.rule import Stack

RULES = (database_backups, database_final_snapshot, database_password_managed, private_subnets)
ELSEWHERE = "arn:aws:rds:us-east-1:123456789012:db:db"


def asked(stack: Any, source: str, *, known: bool = True, **properties: Any) -> dict[str, str]:
    """Policy to the problem that it has with a replica."""
    stack.database("db")
    made_from = stack.urn(DB_INSTANCE, "db") if known else stack.urn("pulumi:pulumi:StackReference", "other")
    depends = {"replicateSourceDb": (made_from,)} if source else {}
    replica = stack.add(
        DB_INSTANCE, "replica", {"replicateSourceDb": source, "instanceClass": "db.t4g.micro", **properties}, **depends
    )
    facts = Facts(stack.graph())
    return {
        rule.spec.name: finding.parts.found if finding.parts else finding.message
        for rule in RULES
        for finding in rule.judge(Stack(facts=facts, stage="prd", spec=rule.spec))
        if finding.urn == replica
    }


def test_nothing_is_asked_of_a_replica_that_its_source_has(stack: Any, unknown: str) -> None:
    assert asked(stack, "db", skipFinalSnapshot=True) == {}
    assert asked(stack, unknown, skipFinalSnapshot=True) == {}


@pytest.mark.parametrize("properties", [{}, {"skipFinalSnapshot": False, "finalSnapshotIdentifier": "replica-final"}])
def test_a_last_snapshot_of_a_replica_is_none_that_rds_takes(stack: Any, properties: dict[str, Any]) -> None:
    [(policy, found)] = asked(stack, "db", **properties).items()
    assert policy == "database-final-snapshot"
    assert "RDS takes no last snapshot of a read replica" in found


def test_a_replica_of_another_region_stands_where_its_subnet_group_says(stack: Any) -> None:
    [(policy, found)] = asked(stack, ELSEWHERE, skipFinalSnapshot=True).items()
    assert (policy, found) == (
        "private-subnets",
        "dbSubnetGroupName is not set: it stands in the default VPC's public subnets",
    )


def test_what_may_be_of_any_region_is_undecided(stack: Any, unknown: str) -> None:
    [(policy, found)] = asked(stack, unknown, known=False, skipFinalSnapshot=True).items()
    assert (policy, "undecided at preview: replicateSourceDb" in found) == ("private-subnets", True)


@pytest.mark.parametrize("source", [None, ""])
def test_what_replicates_nothing_is_a_database(stack: Any, source: Any) -> None:
    assert set(asked(stack, source, known=False)) == {
        "database-backups",
        "database-final-snapshot",
        "database-password-managed",
        "private-subnets",
    }
