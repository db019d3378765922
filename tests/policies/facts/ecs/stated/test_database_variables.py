"""What containers' variables, environment files and commands tell: clients, second pools, several processes."""

import json
from typing import Any

import pytest

from policies.facts.ecs.stated.database_variables import database_words, is_database_url
from policies.resources import tokens
from tests.policies.messages import bad_limit, undecided, unlimited


def container(stack: Any, *containers: dict[str, Any]) -> None:
    """Gives the service `api` these containers."""
    stack.change(stack.urn(tokens.TASK_DEFINITION, "api"), containerDefinitions=json.dumps(containers))


def listed(**variables: Any) -> list[dict[str, Any]]:
    return [{"name": key, "value": value} for key, value in variables.items()]


@pytest.fixture
def api(stack: Any) -> Any:
    """A stack with one service, `api`, of 10 connections."""
    stack.database()
    stack.service("api")
    return stack


def test_a_limit_that_is_listed_twice_is_believed_only_where_both_agree(api: Any) -> None:
    container(api, {"name": "app", "environment": [*listed(DB_CONN_LIMIT="50"), *listed(DB_CONN_LIMIT="5")]})
    why = 'DB_CONN_LIMIT of container "app" is listed twice with different values, and which one holds is not known'
    assert api.messages() == [bad_limit("api", why)]
    container(api, {"name": "app", "environment": [*listed(DB_CONN_LIMIT="5"), *listed(DB_CONN_LIMIT="5")]})
    assert api.messages() == []


def test_a_limit_that_is_a_number_is_no_string(api: Any) -> None:
    container(api, {"name": "app", "environment": listed(DB_CONN_LIMIT=5)})
    assert api.messages() == [
        bad_limit("api", 'DB_CONN_LIMIT of container "app" is 5, no string: ECS passes environment values as strings')
    ]


@pytest.mark.parametrize(
    "variables",
    [
        {"MYSQL_HOST": "db"}, {"PGHOST": "db"}, {"TYPEORM_URL": "x"}, {"SPRING_DATASOURCE_URL": "x"},
        {"READ_DATABASE_URL": "x"}, {"Rds_Hostname": "db"}, {"STORE": "postgresql+asyncpg://db/shop"},
        {"STORE": "jdbc:mysql://db/shop"},
    ],
)  # fmt: skip
def test_other_peoples_variables_make_a_container_a_client_too(api: Any, variables: dict[str, str]) -> None:
    worker = {"name": "worker", "environment": listed(**variables)}
    container(api, {"name": "app", "environment": listed(DB_CONN_LIMIT="5")}, worker)
    assert api.messages() == [unlimited("api", 'container "worker" uses the database without DB_CONN_LIMIT')]


@pytest.mark.parametrize(
    "name",
    ["REDIS_URL", "MONGO_DB_URL", "DYNAMODB_ENDPOINT", "POSTGRES_EXPORTER", "API_URL", "RDS_SERVER_CA", "DBT_URL"],
)
def test_variables_of_something_else_make_no_client(api: Any, name: str) -> None:
    sidecar = {"name": "sidecar", "environment": listed(**{name: "x"})}
    container(api, {"name": "app", "environment": listed(DB_CONN_LIMIT="5")}, sidecar)
    assert api.messages() == []


def test_an_environment_file_may_hold_the_variables_of_a_second_client(api: Any) -> None:
    worker = {"name": "worker", "environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::b/worker.env"}]}
    container(api, {"name": "app", "environment": listed(DB_CONN_LIMIT="5")}, worker)
    why = (
        'container "worker" may use the database by its environment file, which cannot be read here, and declares no '
        "DB_CONN_LIMIT"
    )
    assert api.messages() == [bad_limit("api", why)]
    container(
        api,
        {"name": "app", "environment": listed(DB_CONN_LIMIT="5")},
        {**worker, "environment": listed(DB_CONN_LIMIT="2")},
    )
    (message,) = api.messages()
    assert 'tags["budget:processes"] and tags["budget:pools-per-process"] of urn:' in message
    assert 'are absent, but container "worker" has an environment file, which cannot be read here' in message
    api.change(api.urn(tokens.TASK_DEFINITION, "api"), tags={"budget:processes": "1"})
    (message,) = api.messages()
    assert 'undecided: tags["budget:pools-per-process"] of urn:' in message
    api.change(api.urn(tokens.TASK_DEFINITION, "api"), tags={"budget:processes": "1", "budget:pools-per-process": "1"})
    assert api.budget().budget.workloads[0].limit == 7


@pytest.mark.parametrize(
    ("fields", "by"),
    [
        ({"environment": {"WEB_CONCURRENCY": "4"}}, "WEB_CONCURRENCY 4"),
        ({"environment": {"GUNICORN_CMD_ARGS": "--bind 0.0.0.0 -w 4"}, "command": ["gunicorn", "a:a"]}, "-w 4"),
        ({"entryPoint": ["gunicorn"], "command": ["--workers=4", "app:app"]}, "--workers 4"),
    ],
)
def test_stated_processes_are_counted_and_a_smaller_declaration_does_not_lower_them(
    api: Any, fields: dict[str, Any], by: str
) -> None:
    variables = {"DB_CONN_LIMIT": "5", **fields.get("environment", {})}
    container(api, {"name": "app", **fields, "environment": listed(**variables)})
    for declared in ({}, {"budget:processes": "1"}, {"budget:processes": "2"}):
        api.change(api.urn(tokens.TASK_DEFINITION, "api"), tags=declared)
        (workload,) = api.budget().budget.workloads
        assert (workload.processes_by, workload.demand) == (by, 5 * 4 * 2)
    api.change(api.urn(tokens.TASK_DEFINITION, "api"), tags={"budget:processes": "5"})
    (workload,) = api.budget().budget.workloads
    assert (workload.processes_by, workload.demand) == ("", 5 * 5 * 2)


def test_processes_without_a_number_must_be_declared(api: Any) -> None:
    fields = {"command": ["pm2-runtime", "-i", "max", "main.js"]}
    container(api, {"name": "app", **fields, "environment": listed(DB_CONN_LIMIT="5")})
    definition = api.urn(tokens.TASK_DEFINITION, "api")
    why = (
        f'undecided: tags["budget:processes"] of {definition} is absent, but "-i max" shows several '
        "processes: declare how many open a pool each"
    )
    assert api.messages() == [undecided("api", why)]
    api.change(api.urn(tokens.TASK_DEFINITION, "api"), tags={"budget:processes": "4"})
    assert api.budget().budget.workloads[0].demand == 5 * 4 * 2


@pytest.mark.parametrize(
    "fields",
    [
        {"environment": {"WEB_CONCURRENCY": "1"}},
        {"command": ["uvicorn", "app:app", "--workers", "1"]},
        {"command": ["node", "-i", "3"]},
    ],
)
def test_one_process_needs_no_declaration(api: Any, fields: dict[str, Any]) -> None:
    variables = {"DB_CONN_LIMIT": "5", **fields.get("environment", {})}
    container(api, {"name": "app", **fields, "environment": listed(**variables)})
    assert api.messages() == []


@pytest.mark.parametrize(
    ("names", "second"),
    [
        (("DATABASE_URL", "READ_DATABASE_URL"), "READ_DATABASE_URL shows"),
        (("DB_HOST", "DB_HOST_RO"), "DB_HOST_RO shows"),
        (("PGHOST", "DB_HOST2"), "DB_HOST2 shows"),
        (("ORDERS_DB_HOST", "USERS_DB_HOST"), "ORDERS_DB_HOST, USERS_DB_HOST show"),
    ],
)
def test_a_second_place_shows_a_second_pool(api: Any, names: tuple[str, ...], second: str) -> None:
    container(api, {"name": "app", "environment": listed(DB_CONN_LIMIT="5", **dict.fromkeys(names, "x"))})
    (message,) = api.messages()
    assert f"is absent, but {second} a second pool" in message


SHOP, BILLING = "mysql://api@db.internal:3306/shop", "mysql://api@db.internal:3306/billing"


@pytest.mark.parametrize(
    ("variables", "second"),
    [
        ({"DATABASE_URL": SHOP, "BILLING_URL": BILLING}, "BILLING_URL, DATABASE_URL show"),
        ({"DATABASE_URL": SHOP, "LEDGER": "mysql://api@ledger.internal/shop"}, "DATABASE_URL, LEDGER show"),
        ({"DATABASE_URLS": f"{SHOP},{BILLING}"}, "DATABASE_URLS shows"),
        ({"PGBOUNCER_DATABASE": "*", "POSTGRESQL_HOST": "db.internal"}, "PGBOUNCER_DATABASE shows"),
        ({"DB_NAME": "*", "DB_HOST": "db.internal"}, "DB_NAME shows"),
        ({"PGBOUNCER_DSN_0": "a=host=db dbname=a", "PGBOUNCER_DSN_1": "b=host=db dbname=b"}, "PGBOUNCER_DSN_0"),
    ],
)
def test_values_of_several_databases_show_a_second_pool(api: Any, variables: dict[str, str], second: str) -> None:
    container(api, {"name": "app", "environment": listed(DB_CONN_LIMIT="5", **variables)})
    (message,) = api.messages()
    assert f"is absent, but {second}" in message


@pytest.mark.parametrize(
    "variables",
    [
        {"DATABASE_URL": SHOP, "SPRING_DATASOURCE_URL": "jdbc:mysql://db.internal:3306/shop?useSSL=true"},
        {"DATABASE_URL": SHOP, "BILLING_URL": "https://billing.internal/"},
        {"DATABASE_URL": SHOP, "PATTERN": "*"},
        {"DB_HOST": "db.internal", "ALLOWED_NAME": "*"},
        {"PGBOUNCER_DSN_0": "a=host=db dbname=a"},
    ],
)
def test_values_of_one_database_show_one_pool(api: Any, variables: dict[str, str]) -> None:
    container(api, {"name": "app", "environment": listed(DB_CONN_LIMIT="5", **variables)})
    assert api.messages() == []


@pytest.mark.parametrize(
    "names",
    [
        ("DB_HOST", "DATABASE_URL"),
        ("ORDERS_DB_HOST",),
        ("DB_POSTGRESDB_HOST", "DB_TYPE"),
        ("PGHOST", "DB_PORT", "PGHOSTADDR"),
    ],
)
def test_two_names_of_one_place_are_one_pool(api: Any, names: tuple[str, ...]) -> None:
    container(api, {"name": "app", "environment": listed(DB_CONN_LIMIT="5", **dict.fromkeys(names, "x"))})
    assert api.messages() == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mysql://db/shop", True),
        ("Server=db;Database=shop;Uid=a;Max Pool Size=50", True),
        ("Data Source=db; Initial Catalog=shop", True),
        ("Uid=a;Database=shop;Server=db", True),
        ("host=db port=5432 dbname=shop user=a", True),
        ("shop:secret@tcp(db:3306)/shop?parseTime=true", True),
        ("Database=shop", False),
        ("host=cache;port=6379", False),
        ("amqp://queue", False),
        ("write to someone@tcp.example", False),
    ],
)
def test_a_url_or_connection_string_of_a_database_is_known(text: str, shown: bool) -> None:
    assert is_database_url(text) == shown


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (["exporter", "--mysqld.address=db:3306"], ("the option mysqld.address",)),
        (["serve", "--db-host", "db"], ("the option db-host",)),
        (["serve", "--store=postgres://db/shop"], ("the option store",)),
        (["migrate", "-database", "x", "mysql://db/shop"], ("a URL in its command",)),
        (["sh", "-c", "mysqldump -h db shop > /tmp/all.sql"], ("mysqldump",)),
        (["/usr/bin/env", "A=1", "psql", "-h", "db"], ("psql",)),
        (["sh", "-c", "sleep 5 && mariadb -h db"], ("mariadb",)),
        (["nginx", "-g", "daemon off;"], ()),
        (["node", "server.js", "--host=0.0.0.0", "--server.address", "::"], ()),
        (["pip", "install", "mysql"], ()),
        (["exporter", "--redis.addr=redis://cache"], ()),
    ],
)
def test_words_of_a_command_that_show_a_client(command: list[str], shown: tuple[str, ...]) -> None:
    assert database_words(tuple(command)) == shown


def test_a_sidecar_that_names_a_database_in_its_command_needs_a_limit(api: Any) -> None:
    app = {"name": "app", "environment": listed(DB_CONN_LIMIT="5")}
    exporter = {"name": "exporter", "command": ["exporter", "--mysqld.address=db:3306"]}
    container(api, app, exporter)
    assert api.messages() == [unlimited("api", 'container "exporter" uses the database without DB_CONN_LIMIT')]
    container(api, app, {**exporter, "environment": listed(DB_CONN_LIMIT="2")})
    assert api.budget().budget.workloads[0].limit == 7
