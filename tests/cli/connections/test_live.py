"""The comparison alone: which difference is reported, and which of them breaks the budget."""

from dataclasses import replace
from typing import Any

import pytest

from cli.connections.comparison import Comparison, Instance, Observed
from cli.connections.live import compare, observe
from policies.budget.demand import ServiceTasks
from policies.facts.clients.budgets import DatabaseBudget, UndecidedBudget
from policies.facts.finding import Finding
from tests.cli.connections.numbers import SUPPLY, entry, service


def _instance(**changed: Any) -> Instance:
    facts: dict[str, Any] = {
        "database": "db",
        "identifier": "db",
        "status": "available",
        "parameter_group": "group",
        "parameter_status": "in-sync",
    }
    return Instance(**{**facts, **changed})


def _rows(declared: DatabaseBudget, *found: Any, **facts: Any) -> list[tuple[str, str, str, str, bool]]:
    differences = compare([declared], found, [_instance(**facts)], timeouts={"db": {"wait_timeout": "60"}})
    return [(row.subject, row.what, row.declared, row.found, row.breaks) for row in differences]


DECLARED = entry(service())
SAME = {"timeouts": {"wait_timeout": "60"}}


@pytest.mark.parametrize(
    ("facts", "row"),
    [
        ({"status": "incompatible-parameters"}, ("db", "status", "available", "incompatible-parameters", False)),
        ({"parameter_status": "pending-reboot"}, ("db", "parameter group", "in-sync", "group: pending-reboot", False)),
        ({"pending_class": "db.t4g.small"}, ("db", "class to come", "db.t4g.micro", "db.t4g.small", False)),
        ({"timeouts": {}}, ("db", "wait_timeout", "60 s", "not set", False)),
        ({"peak": 46}, ("db", "connections in the last 24 h", "at most 45", "46 at the peak", True)),
    ],
)
def test_the_instance(facts: dict[str, Any], row: tuple[Any, ...]) -> None:
    assert _rows(DECLARED, DECLARED, **{**SAME, **facts}) == [row]


@pytest.mark.parametrize(
    "facts",
    [{}, {"status": "backing-up"}, {"status": "modifying"}, {"peak": 45}],
    ids=["equal", "a nightly backup", "a change under way", "a peak within the budget"],
)
def test_what_is_no_difference(facts: dict[str, Any]) -> None:
    assert _rows(DECLARED, DECLARED, **SAME, **facts) == []


@pytest.mark.parametrize(("limit", "breaks"), [(13, False), (14, True)])
def test_a_limit_breaks_the_budget_only_where_it_does(limit: int, breaks: bool) -> None:
    """60 admitted, 5 reserved, 4 tasks alive: 13 each are 52 + 5, 14 are 56 + 5."""
    rows = _rows(entry(service(limit=10)), entry(service(limit=limit)), **SAME)
    assert rows[0] == ("api", "DB_CONN_LIMIT", "10", str(limit), breaks)
    assert rows[1:] == ([("db", "headroom", "15", "-1", True)] if breaks else [])


def test_what_breaks_only_together_is_reported_of_the_database() -> None:
    declared = entry(service("a", limit=5), service("b", limit=5))
    found = entry(service("a", limit=8), service("b", limit=8))
    assert _rows(declared, found, **SAME) == [
        ("a", "DB_CONN_LIMIT", "5", "8", False),
        ("b", "DB_CONN_LIMIT", "5", "8", False),
        ("db", "headroom", "15", "-9", True),
    ]


def test_every_number_of_a_workload() -> None:
    found = service(limit=2, tasks=3, processes=2, pools=2, outside_pool=1)
    assert _rows(entry(service(limit=1)), entry(found), **SAME)[:5] == [
        ("api", "DB_CONN_LIMIT", "1", "2", False),
        ("api", "processes", "1", "2", False),
        ("api", "pools per process", "1", "2", False),
        ("api", "connections outside the pool", "0", "1", False),
        ("api", "most tasks", "2", "3", False),
    ]


def test_a_desired_count_that_autoscaling_moves_is_no_difference() -> None:
    quiet = replace(service(), tasks=ServiceTasks(desired=1, scaling_maximum=2))
    busy = replace(service(), tasks=ServiceTasks(desired=2, scaling_maximum=2))
    assert _rows(entry(quiet), entry(busy), **SAME) == []


@pytest.mark.parametrize(("limit", "breaks"), [(3, False), (4, True)])
def test_an_unknown_client(limit: int, breaks: bool) -> None:
    declared, stranger = service(limit=10), service("stranger", limit=limit, tasks=2)
    rows = _rows(entry(declared), entry(declared, stranger), **SAME)
    assert rows[0] == ("stranger", "workload", "unknown", f"{4 * limit} connections", breaks)


def test_reserve_class_and_max_connections() -> None:
    smaller = replace(SUPPLY, max_connections=44, instance_class="db.t4g.small")
    assert _rows(DECLARED, entry(service(), supply=smaller, reserve=21), **SAME) == [
        ("db", "max_connections", "60 (literal in group)", "44 (literal in group)", True),
        ("db", "class", "db.t4g.micro", "db.t4g.small", False),
        ("db", "reserve", "5", "21", True),
        ("db", "headroom", "15", "-17", True),
    ]


def test_what_is_undecided_in_the_account_breaks() -> None:
    undecided = UndecidedBudget(database="", urn="", findings=(Finding("urn:api", "api: nothing bounds it."),))
    assert _rows(DECLARED, undecided, **SAME) == [("a client", "budget", "decided", "api: nothing bounds it.", True)]


def test_what_was_not_looked_up_is_not_compared() -> None:
    declared = entry(service("rule"), service("api"))
    found = entry(service("api"))
    assert compare([declared], [found], [], timeouts={}, unread=("db", "rule")) == ()
    assert [row.subject for row in compare([declared], [found], [], timeouts={}, unread=("db",))] == ["rule"]


def test_the_numbers_of_the_account() -> None:
    found = entry(service(), supply=replace(SUPPLY, max_connections=50))
    assert observe([found], [found], [_instance(peak=7)]) == (
        Observed(database="db", max_connections=50, demand=40, headroom=5, peak_24h=7),
    )
    assert observe([found], [], []) == (
        Observed(database="db", max_connections=None, demand=None, headroom=None, peak_24h=None),
    )


def test_a_comparison_agrees_without_differences() -> None:
    drift = compare([DECLARED], [DECLARED], [_instance(peak=46)], timeouts={})
    calm = Comparison(target="aws", differences=(), observed=(), unread={})
    assert (calm.agrees, calm.breaks) == (True, False)
    assert (replace(calm, differences=drift).agrees, replace(calm, differences=drift).breaks) == (False, True)
