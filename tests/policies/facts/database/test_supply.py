"""What a server keeps back: capacity of Aurora Serverless v2, and connections of PostgreSQL's superusers."""

from typing import Any

import pytest

from policies.budget.engines import engine_name
from policies.resources import tokens
from policies.rules.budget.class_memory import max_connections_fits_class
from tests.policies.facts.database.test_databases import UNDECIDED, admits, cluster, problems
from tests.policies.judging import judged


def serverless(stack: Any, unknown: str, engine: str, literal: str | None, **range_: float) -> None:
    urn = cluster(stack, unknown)
    del stack.resources[stack.urn(tokens.DB_CLUSTER_INSTANCE, "reader")]
    stack.change(stack.urn(tokens.DB_CLUSTER_INSTANCE, "writer"), instanceClass="db.serverless")
    stack.change(urn, engine=engine, serverlessv2ScalingConfiguration=range_ or None)
    parameters = [] if literal is None else [{"name": "max_connections", "value": literal}]
    stack.change(stack.urn(tokens.CLUSTER_PARAMETER_GROUP, "aurora"), parameters=parameters)


@pytest.mark.parametrize(
    ("engine", "most", "admitted", "documented"),
    [
        ("aurora-postgresql", 1, 175, 189),
        ("aurora-postgresql", 4, 811, 823),
        ("aurora-postgresql", 8, 1622, 1669),
        ("aurora-mysql", 8, 1000, 1000),
        ("aurora-mysql", 16.0, 2000, 2000),
    ],
)
def test_serverless_capacity_is_estimated_by_its_maximum(
    stack: Any, unknown: str, engine: str, most: float, admitted: int, documented: int
) -> None:
    serverless(stack, unknown, engine, None, minCapacity=1, maxCapacity=most)
    assert admits(stack) == (admitted, f"default of {engine_name(engine)}, estimated low for db.serverless")
    assert admitted <= documented
    assert judged(max_connections_fits_class, stack.graph()) == []


@pytest.mark.parametrize(
    ("least", "admitted"),
    [({"minCapacity": 0.5}, 2000), ({"minCapacity": 0}, 2000), ({}, 2000), ({"minCapacity": 1}, 3000)],
)
def test_a_minimum_below_one_unit_caps_postgresql(
    stack: Any, unknown: str, least: dict[str, float], admitted: int
) -> None:
    serverless(stack, unknown, "aurora-postgresql", "3000", maxCapacity=16, **least)
    source = "literal in aurora"
    capped = f"the most with a minimum below 1 capacity unit, not {source}"
    assert admits(stack) == (admitted, capped if admitted == 2000 else source)
    serverless(stack, unknown, "aurora-mysql", "3000", maxCapacity=16, **least)
    assert admits(stack) == (3000, source)


def test_a_literal_on_serverless_capacity_is_compared_with_its_memory(stack: Any, unknown: str) -> None:
    serverless(stack, unknown, "aurora-postgresql", "900", minCapacity=1, maxCapacity=1)
    (finding,) = judged(max_connections_fits_class, stack.graph())
    assert "max_connections is 900 (literal in aurora) on db.serverless. Required: at most 450," in finding.message


def test_serverless_capacity_that_is_not_known_is_undecided(stack: Any, unknown: str) -> None:
    serverless(stack, unknown, "aurora-mysql", None)
    (problem,) = problems(stack)
    assert 'the memory of the class "db.serverless" is not known' in problem


@pytest.mark.parametrize(
    ("engine", "reserve", "parameters", "kept"),
    [
        ("postgres", "4", {}, 5),
        ("postgres", "5", {}, None),
        ("postgres", "9", {"superuser_reserved_connections": "8"}, 10),
        ("postgres", "10", {"superuser_reserved_connections": "3", "reserved_connections": "7"}, None),
        ("postgres", "9", {"reserved_connections": "7"}, 10),
        ("mysql", "0", {}, None),
    ],
)
def test_a_reserve_covers_what_postgresql_keeps_for_superusers(
    stack: Any, engine: str, reserve: str, parameters: dict[str, str], kept: int | None
) -> None:
    urn = stack.database("db", engine=engine, engine_version="16", reserve=reserve)
    written = [{"name": name, "value": value} for name, value in {"max_connections": "60", **parameters}.items()]
    stack.change(stack.urn(tokens.PARAMETER_GROUP, "db"), parameters=written)
    message = (
        f'{UNDECIDED}tags["budget:reserve"] of {urn} is {reserve}, but PostgreSQL keeps {kept} of max_connections for '
        "superusers (superuser_reserved_connections and rds.rds_superuser_reserved_connections or reserved_connections): at least "
        f"{kept} is required."
    )
    assert problems(stack) == ([] if kept is None else [message])


def test_a_reserved_number_that_cannot_be_read(stack: Any) -> None:
    urn = stack.database("db", engine="postgres", engine_version="16")
    group = stack.urn(tokens.PARAMETER_GROUP, "db")
    stack.change(group, parameters=[{"name": "reserved_connections", "value": "{DBInstanceVCPU}"}])
    assert problems(stack) == [
        f'{UNDECIDED}reserved_connections of {urn} is "{{DBInstanceVCPU}}", a number is required.'
    ]
