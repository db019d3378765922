"""Accounts of the workloads: names as the containers have them, shares as the budget has them."""

import pytest

from cli.connections.accounts import Account, AccountError, accounts_of
from policies.budget.demand import OneOffTasks, ServiceTasks, Workload
from tests.refusals import refusal


def workload(name: str, limit: int = 5) -> Workload:
    return Workload(name=name, limit=limit, tasks=ServiceTasks(desired=2))


def test_each_workload_has_its_account_with_its_demand() -> None:
    migrations = Workload(name="migrations", limit=1, tasks=OneOffTasks(count=1))
    assert accounts_of([workload("tracking-api", 32), migrations], migrations=["migrations"]) == (
        Account(workload="tracking-api", name="tracking_api", connections=128),
        Account(workload="migrations", name="migrations", connections=1, changes_schema=True),
    )


def test_the_password_is_named_by_its_parameter_and_its_variable() -> None:
    (account,) = accounts_of([workload("tracking-api")])
    assert account.parameter("prd") == "/prd/tracking-api/DB_PASSWORD"
    assert account.variable == "tracking_api_password"


def test_two_workloads_of_one_account_are_refused() -> None:
    assert refusal(
        lambda: accounts_of([workload("web-api"), workload("batch"), workload("web_api")]), AccountError
    ) == (
        '"web-api" and "web_api" would both have the account web_api, so one could use up the other\'s connections: '
        'names that differ only in "-" and "_" are one account; rename one of them.'
    )


@pytest.mark.parametrize(("name", "length"), [("", 0), ("a" * 33, 33)])
def test_a_name_that_the_server_would_refuse_is_refused(name: str, length: int) -> None:
    assert refusal(lambda: accounts_of([workload(name)]), AccountError) == (
        f'"{name}" would have an account name of {length} characters; MySQL takes 1 to 32: rename the workload.'
    )


def test_the_longest_name_is_taken() -> None:
    assert accounts_of([workload("a" * 32)])[0].name == "a" * 32


def test_a_line_break_in_a_name_cannot_leave_the_comment_it_is_shown_in() -> None:
    assert refusal(lambda: accounts_of([workload("api\nDROP TABLE items;")]), AccountError) == (
        "'api\\nDROP TABLE items;' has a character that no account name can show: rename the workload."
    )
