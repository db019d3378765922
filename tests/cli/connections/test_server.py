"""`--sql`: the accounts of the real stages, and why there are none."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from cli.connections.server import ServerSqlError, sql_of
from cli.connections.stage import Stage
from offline.engine.errors import UsageError
from policies.resources.graph import PlainResource
from policies.resources.tokens import DB_INSTANCE, PARAMETER_GROUP, TASK_DEFINITION
from tests.refusals import refusal

StageOf = Callable[[str], Stage]


def _containers(stage: Stage, name: str, old: str, new: str) -> str:
    [definition] = [found for found in stage.graph.of_type(TASK_DEFINITION) if found.name == name]
    text = str(definition.props["containerDefinitions"])
    assert old in text
    return text.replace(old, new)


def test_each_account_has_the_demand_of_its_workload(stage: StageOf) -> None:
    caps = re.findall(
        r"-- (\S+): (\d+) connections\n.*\n  ' REQUIRE SSL WITH MAX_USER_CONNECTIONS (\d+) ", sql_of(stage("prd"))
    )
    assert caps == [
        ("datalab-api", "384", "384"),
        ("legacy-api", "256", "256"),
        ("tracking-api", "384", "384"),
        ("category-batch", "64", "64"),
        ("ranking-batch", "64", "64"),
    ]


def test_accounts_schema_and_parameters_are_those_of_the_containers(stage: StageOf) -> None:
    sql = sql_of(stage("dev"))
    assert "GRANT SELECT, INSERT, UPDATE, DELETE ON `itemscout`.* TO 'tracking_api'@'%';" in sql
    assert "'/dev/tracking-api/DB_PASSWORD'" in sql


@pytest.mark.parametrize("name", ["legacy-api", "dev-legacy-api"])
def test_migrations_may_change_the_schema(name: str, stage: StageOf) -> None:
    sql = sql_of(stage("dev"), migrations=[name])
    assert re.findall(r"GRANT .*CREATE.* TO '(\w+)'", sql) == ["legacy_api"]


def test_an_unknown_workload_for_migrations_is_a_usage_error(stage: StageOf) -> None:
    with pytest.raises(UsageError, match="Did you mean dev-legacy-api"):
        sql_of(stage("dev"), migrations=["legacy-ap"])


def test_a_broken_budget_has_no_sql(altered: Callable[..., Stage]) -> None:
    broken = altered("dev", PARAMETER_GROUP, "dev", parameters=[{"name": "max_connections", "value": "52"}])
    assert refusal(lambda: sql_of(broken), ServerSqlError) == (
        "No SQL: dev-db does not fit (53 of 52 connections). Caps that add up to more than max_connections enforce nothing; "
        "see ./run connections -s dev for the ways out."
    )


def test_an_undecided_budget_has_no_sql(altered: Callable[..., Stage]) -> None:
    with pytest.raises(ServerSqlError, match=r'undecided\.\n  - dev-db: .*tags\["budget:reserve"\] is absent'):
        sql_of(altered("dev", DB_INSTANCE, "dev", tags=None))


def test_a_container_that_logs_in_otherwise(altered: Callable[..., Stage], stage: StageOf) -> None:
    containers = _containers(stage("dev"), "legacy-api", '"value":"legacy_api"', '"value":"admin"')
    assert refusal(
        lambda: sql_of(altered("dev", TASK_DEFINITION, "legacy-api", containerDefinitions=containers)), ServerSqlError
    ) == ("No SQL: legacy-api logs in as admin, its account would be legacy_api. Set DB_USER to the account's name.")


def test_two_schemas_have_no_sql(altered: Callable[..., Stage], stage: StageOf) -> None:
    containers = _containers(stage("dev"), "legacy-api", '"value":"itemscout"', '"value":"legacy"')
    with pytest.raises(ServerSqlError, match="must name one schema in DB_NAME; found: itemscout, legacy"):
        sql_of(altered("dev", TASK_DEFINITION, "legacy-api", containerDefinitions=containers))


def test_a_schema_whose_name_cannot_be_shown_has_no_sql(stage: StageOf) -> None:
    graph = stage("dev").graph
    for definition in graph.of_type(TASK_DEFINITION):
        containers = str(definition.props["containerDefinitions"]).replace('"itemscout"', '"item\\nscout"')
        graph = graph.with_resource(
            PlainResource.like(definition, props={**definition.props, "containerDefinitions": containers})
        )
    assert refusal(lambda: sql_of(replace(stage("dev"), graph=graph)), ServerSqlError) == (
        "No SQL: The schema 'item\\nscout' has a character that cannot be shown: give its plain name."
    )


def test_a_database_that_does_not_exist(stage: StageOf, empty_stage: Stage) -> None:
    assert sql_of(stage("dev"), database="dev-db") == sql_of(stage("dev"))
    with pytest.raises(UsageError, match=r'There is no database "db" in stage dev; there are: dev-db\.'):
        sql_of(stage("dev"), database="db")
    with pytest.raises(UsageError, match=r"There is no database in stage dev; there are: none\."):
        sql_of(empty_stage)
