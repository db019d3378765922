"""Which account a container connects as: a variable of its own, a URL, a secret, or not known."""

import json
from typing import Any

import pytest

from policies.facts.clients.database_users import accounts_by_client
from policies.facts.facts import Facts
from policies.resources import tokens

PARAMETER = "arn:aws:ssm:x:1:parameter/DB_USER"


@pytest.mark.parametrize(
    ("environment", "secrets", "account"),
    [
        ({"DB_USER": "app"}, (), '"app"'),
        ({"DATABASE_USERNAME": "app"}, (), '"app"'),
        ({"PGUSER": "app"}, (), '"app"'),
        ({"SPRING_DATASOURCE_USERNAME": "app"}, (), '"app"'),
        ({"DATABASE_URL": "mysql://a%40b:secret@db/shop"}, (), '"a@b"'),
        ({"DB_DSN": "app:secret@tcp(db:3306)/shop"}, (), '"app"'),
        ({"DB_USER": "app", "DATABASE_URL": "mysql://other@db/shop"}, (), '"app"'),
        ({}, ("DB_USER",), f"the secret {PARAMETER}"),
        ({}, ("DATABASE_URL",), "the secret arn:aws:ssm:x:1:parameter/DATABASE_URL"),
        ({"DB_HOST": "db"}, (), None),
        ({"DB_HOST": "db", "SMTP_USER": "mail"}, (), None),
        ({"DB_USER": "app", "MYSQL_USER": "other"}, (), None),
        ({"DB_USER": ""}, (), None),
        ({"DATABASE_URL": "mysql://db/shop"}, (), None),
    ],
)
def test_the_account_of_a_run(
    stack: Any, environment: dict[str, str], secrets: tuple[str, ...], account: str | None
) -> None:
    urn = stack.service("api", environment=environment, secrets=secrets)
    assert accounts_by_client(Facts(stack.graph()))[urn] == account


def test_a_job_that_its_schedule_gives_another_account(stack: Any) -> None:
    override = {"containerOverrides": [{"name": "app", "environment": [{"name": "DB_USER", "value": "batch"}]}]}
    urn = stack.job("batch", environment={"DB_USER": "app"}, override=json.dumps(override))
    assert accounts_by_client(Facts(stack.graph()))[urn] == '"batch"'


def test_a_function_has_the_account_of_its_variables(stack: Any) -> None:
    variables = {"variables": {"DB_HOST": "db", "DB_USER": "app"}}
    urn = stack.add(tokens.FUNCTION, "report", {"name": "report", "environment": variables})
    assert accounts_by_client(Facts(stack.graph()))[urn] == '"app"'
