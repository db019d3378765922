"""What a program declares by tags: that a workload opens no connection, and tags that the provider adds."""

from typing import Any

import pytest

from policies.resources import tokens
from tests.policies.messages import undecided, unlimited


@pytest.mark.parametrize(
    ("tag", "messages"),
    [
        ("0", []),
        (
            "3",
            [
                'its task definition is tagged "budget:connections" with 3, where only 0 is known: what opens connections '
                "declares DB_CONN_LIMIT"
            ],
        ),
        (
            "none",
            [
                'undecided: tags["budget:connections"] of {definition} is "none", an integer from 0 to 1000000 is required'
            ],
        ),
    ],
)
def test_a_workload_may_declare_that_it_opens_no_connection(shop: Any, tag: str, messages: list[str]) -> None:
    shop.opens(shop.urn(tokens.SECURITY_GROUP, "dev-db"), shop.urn(tokens.SECURITY_GROUP, "dev-gateway"))
    shop.service("dev-gateway", limit=None, tags={"budget:connections": tag})
    definition = shop.urn(tokens.TASK_DEFINITION, "dev-gateway")
    wanted = [undecided("dev-gateway", message.format(definition=definition)) for message in messages]
    assert shop.messages()[: len(wanted) or 1] == wanted


def test_what_variables_tell_of_a_database_counts_whatever_is_declared(shop: Any) -> None:
    shop.service("dev-legacy-api", limit="5", environment={"DB_HOST": "db.internal"}, tags={"budget:connections": "0"})
    assert shop.messages() == []
    assert shop.budget().budget.used == 53
    shop.service("dev-legacy-api", limit=None, environment={"DB_HOST": "db.internal"}, tags={"budget:connections": "0"})
    assert shop.messages() == [unlimited("dev-legacy-api", 'container "app" uses the database without DB_CONN_LIMIT')]


def test_declarations_may_be_default_tags_of_the_provider(stack: Any, unknown: str) -> None:
    urn = stack.database("db", reserve=None)
    stack.change(urn, tagsAll={"budget:reserve": "7"})
    assert stack.budget().budget.reserve == 7
    stack.change(urn, tags={"budget:reserve": "5"})
    assert stack.budget().budget.reserve == 5
    stack.change(urn, tags=None, tagsAll=unknown)
    assert len(stack.messages()) == 1
