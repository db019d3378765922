"""Poolers in a task: what its other containers open to it at localhost does not count, what they may open elsewhere does."""

import json
from typing import Any

import pytest

from policies.resources import tokens

POOLER = {"DB_HOST": "db.internal", "MAX_DB_CONNECTIONS": "25", "DEFAULT_POOL_SIZE": "15"}
APP = {"DB_HOST": "127.0.0.1", "DB_PORT": "6432", "DB_CONN_LIMIT": "50"}


def used(stack: Any, *containers: dict[str, Any], mode: str = "awsvpc") -> int:
    """The connections that one task of a service with these containers counts for."""
    stack.database("db", max_connections="1000", reserve="10")
    stack.service("api", desired=1)
    stack.opens(stack.urn(tokens.SECURITY_GROUP, "db"), stack.urn(tokens.SECURITY_GROUP, "api"))
    written = [{**held, "environment": _listed(held.get("environment", {}))} for held in containers]
    stack.change(stack.urn(tokens.TASK_DEFINITION, "api"), containerDefinitions=json.dumps(written), networkMode=mode)
    assert stack.messages() == []
    [workload] = stack.budget().budget.workloads
    return int(workload.per_task)


def _listed(variables: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in variables.items()]


def pooler(**fields: Any) -> dict[str, Any]:
    return {"name": "pool", "image": "docker.io/edoburu/pgbouncer:1.24", "environment": POOLER, **fields}


def app(**variables: str) -> dict[str, Any]:
    return {"name": "app", "image": "app", "environment": {**APP, **variables}}


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"DB_HOST": "localhost"},
        {"DB_HOST": "localhost:6432"},
        {"DB_HOST": "[::1]"},
        {"DATABASE_URL": "postgres://api@localhost:6432/shop?sslmode=disable"},
        {"DATABASE_URL": "jdbc:postgresql://127.0.0.1:6432/shop"},
        {"DB_DSN": "api@tcp(127.0.0.1:6032)/shop"},
    ],
)
@pytest.mark.parametrize("mode", ["awsvpc", "host"])
def test_what_goes_to_a_pooler_of_the_task_counts_there(stack: Any, variables: dict[str, str], mode: str) -> None:
    assert used(stack, app(**variables), pooler(), mode=mode) == 25


@pytest.mark.parametrize(
    ("variables", "secrets"),
    [
        ({"DB_HOST": "db.internal"}, []),
        ({"READ_DATABASE_URL": "postgres://db.internal/shop"}, []),
        ({"DATABASE_URL": "postgres://localhost.example.com/shop"}, []),
        ({"DATABASE_URL": "postgres://localhost:6432/shop?host=db.internal"}, []),
        ({"DATABASE_URL": "postgres://localhost:6432,db.internal:5432/shop"}, []),
        ({"DATABASE_URL": "postgres://localhost@db.internal/shop"}, []),
        ({"REPORTS": "dev-db.rds.internal"}, []),
        ({}, [{"name": "DATABASE_URL", "valueFrom": "arn:aws:ssm:x:1:parameter/url"}]),
    ],
)
def test_what_may_go_past_the_pooler_counts_beside_it(
    stack: Any, variables: dict[str, str], secrets: list[dict[str, str]]
) -> None:
    database = stack.urn(tokens.DB_INSTANCE, "db")
    stack.add(tokens.DNS_RECORD, "r", {"name": "dev-db.rds.internal"}, records=(database,))
    tags = {"tags": {"budget:pools-per-process": "1"}}
    stack.database("db", max_connections="1000", reserve="10")
    stack.service("api", desired=1, **tags)
    stack.opens(stack.urn(tokens.SECURITY_GROUP, "db"), stack.urn(tokens.SECURITY_GROUP, "api"))
    held = {**app(), "environment": _listed({**APP, **variables}), "secrets": secrets}
    written = [held, {**pooler(), "environment": _listed(POOLER)}]
    definition = stack.urn(tokens.TASK_DEFINITION, "api")
    stack.change(definition, containerDefinitions=json.dumps(written), networkMode="awsvpc")
    assert stack.messages() == []
    assert [each.per_task for each in stack.budget().budget.workloads] == [75]


@pytest.mark.parametrize(
    ("containers", "mode"),
    [
        ((app(),), "awsvpc"),  # a pooler in its own image, perhaps
        ((app(), pooler(image="envoy", environment={**POOLER, "DB_CONN_LIMIT": "25"})), "awsvpc"),
        ((app(), pooler()), "bridge"),  # where localhost is the container's own
        ((app(), pooler(environment={**POOLER, "DB_HOST": "localhost"})), "awsvpc"),
    ],
)
def test_without_a_pooler_that_is_seen_all_counts(
    stack: Any, containers: tuple[dict[str, Any], ...], mode: str
) -> None:
    assert used(stack, *containers, mode=mode) >= 50
