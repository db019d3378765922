"""Poolers: a workload whose connections all go through one opens none, where security groups prove that it cannot pass it by."""

from typing import Any

import pytest

from policies.resources import tokens

PAST = ", so that it can pass the pooler by: let the group of the pooler alone into the one of the database"
COUNTED = ". Its connections cannot be counted."
TAGGED = 'api: its task definition is tagged "budget:through" with '


@pytest.fixture
def shop(stack: Any) -> Any:
    """A database that admits 60 and keeps 5, and lets in a pooler: two tasks, and twice as many during a roll-out."""
    stack.database("db")
    stack.service("pgbouncer", desired=2, limit="10")
    stack.opens(stack.urn(tokens.SECURITY_GROUP, "db"), stack.urn(tokens.SECURITY_GROUP, "pgbouncer"))
    return stack


def api(shop: Any, through: str = "pgbouncer") -> str:
    variables = {"DATABASE_URL": "postgres://u@pgbouncer:6432/app"}
    return str(shop.service("api", desired=10, limit="20", environment=variables, tags={"budget:through": through}))


def test_what_goes_through_a_pooler_opens_none(shop: Any) -> None:
    api(shop)
    assert (shop.messages(), shop.budget().budget.used) == ([], 45)


@pytest.mark.parametrize(
    ("through", "why"),
    [
        ("pgbuncer", '"pgbuncer", and no service of this stack is called that: name the pooler\'s'),
        ("api", '"api", which it is itself: name another service, or remove the tag'),
        ("web", '"web", whose security group no database of this stack lets in: let it in, so that it is counted'),
    ],
)
def test_a_pooler_that_is_none_leaves_it_undecided(shop: Any, through: str, why: str) -> None:
    shop.service("web", limit=None)
    api(shop, through)
    assert shop.messages() == [f"{TAGGED}{why}{COUNTED}"]


def test_who_is_let_in_can_pass_its_pooler_by(shop: Any) -> None:
    api(shop)
    shop.opens(shop.urn(tokens.SECURITY_GROUP, "db"), shop.urn(tokens.SECURITY_GROUP, "api"))
    why = '"pgbouncer", but db lets its security group in'
    assert shop.messages() == [f"{TAGGED}{why}{PAST}{COUNTED}"]


def test_a_group_that_is_not_known_may_be_let_in(shop: Any) -> None:
    service = api(shop)
    old = shop.resources[service]
    kept = {key: value for key, value in old.property_dependencies.items() if key != "networkConfiguration"}
    shop.add(old.type, "api", old.props, **kept)
    [message] = shop.messages()
    assert message.startswith(f'{TAGGED}"pgbouncer", but undecided at preview: securityGroups of {service}')
    assert message.endswith(f"so whether it can pass the pooler by is not known{COUNTED}")


def test_a_database_in_the_default_group_may_let_in_anyone(shop: Any) -> None:
    shop.add(tokens.DB_INSTANCE, "other", {"identifier": "other", "engine": "mysql", "instanceClass": "db.t4g.micro"})
    api(shop)
    why = "may reach other, which names no security group and so is in the VPC's default one"
    assert f'{TAGGED}"pgbouncer", but it {why}{PAST}{COUNTED}' in shop.messages()


def test_tags_that_are_not_known_declare_no_pooler(shop: Any, unknown: str) -> None:
    api(shop)
    shop.change(shop.urn(tokens.TASK_DEFINITION, "api"), tags=unknown)
    why = "undecided at preview: tags of {}"
    assert shop.messages()[1:] == [f"api: {why.format(shop.urn(tokens.TASK_DEFINITION, 'api'))}{COUNTED}"]
