"""The policies `wait-timeout` and `pool-idle-time`."""

from typing import Any

import pytest

from policies.resources import tokens
from policies.rules.budget.idle_timeouts import pool_idle_time, wait_timeout
from tests.policies.conftest import UNKNOWN
from tests.policies.judging import judged

WHY = (
    "Required: both set, and from 30 to 300 seconds; MySQL's default is 28800, so a leaked session holds its connection "
    "for 8 hours. Set both to 60 in the DB parameter group that it uses."
)


def timeouts(stack: Any) -> list[str]:
    return [finding.message for finding in judged(wait_timeout, stack.graph())]


def idle_times(stack: Any) -> list[str]:
    return [finding.message for finding in judged(pool_idle_time, stack.graph())]


@pytest.mark.parametrize(
    ("wait", "interactive", "found"),
    [
        *((seconds, "60", None) for seconds in ("30", "60", "300")),
        (None, None, "wait_timeout is not set and interactive_timeout is not set"),
        ("60", None, "interactive_timeout is not set"),
        (None, "60", "wait_timeout is not set"),
        ("29", "29", "wait_timeout is 29 and interactive_timeout is 29"),
        ("301", "60", "wait_timeout is 301"),
        ("28800", "28800", "wait_timeout is 28800 and interactive_timeout is 28800"),
    ],
)
def test_timeouts_are_set_and_from_30_to_300(
    stack: Any, wait: str | None, interactive: str | None, found: str | None
) -> None:
    urn = stack.database("db", wait=wait, interactive=interactive)
    findings = [(finding.urn, finding.message) for finding in judged(wait_timeout, stack.graph())]
    assert findings == ([] if found is None else [(urn, f"db: {found} in db-parameters. {WHY}")])


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        (
            [{"name": "wait_timeout", "value": "soon"}],
            'undecided: wait_timeout of {} is "soon", a number of seconds is required',
        ),
        (UNKNOWN, "undecided at preview: parameters of {group}"),
    ],
)
def test_parameters_that_cannot_be_read_are_a_violation(stack: Any, parameters: Any, why: str) -> None:
    urn = stack.database("db")
    group = stack.urn(tokens.PARAMETER_GROUP, "db")
    stack.change(group, parameters=parameters)
    assert timeouts(stack) == [f"db: {why.format(urn, group=group)}."]


@pytest.mark.parametrize(
    ("engine", "why"),
    [
        (UNKNOWN, "undecided at preview: engine of {}"),
        (None, "undecided: engine of {} is absent, a value is required"),
        (5, "undecided: engine of {} is a number, a string is required"),
    ],
)
def test_a_database_of_unknown_engine_is_a_violation(stack: Any, engine: Any, why: str) -> None:
    urn = stack.database("db")
    stack.change(urn, engine=engine)
    assert timeouts(stack) == [f"db: {why.format(urn)}."]


def test_postgresql_has_no_such_timeouts(stack: Any) -> None:
    stack.database("db", engine="postgres", wait=None, interactive=None)
    assert timeouts(stack) == []


def test_a_pool_lets_go_before_postgresql_does_where_it_ends_sessions(stack: Any) -> None:
    """idle_session_timeout counts in milliseconds, and 0 ends no session."""
    stack.database("db", engine="postgres", engine_version="16.4", max_connections="100")
    for value, found in (("60000", "60 s (idle_session_timeout)"), ("0", "")):
        parameters = [{"name": "idle_session_timeout", "value": value}]
        stack.change(stack.urn(tokens.PARAMETER_GROUP, "db"), parameters=parameters)
        stack.service("api", environment={"DB_HOST": "x", "DB_POOL_IDLE_MS": "58000"})
        shown = [f"ends a sleeping session after {found}" in message for message in idle_times(stack)]
        assert shown == [True] * bool(found)


@pytest.mark.parametrize(
    ("group", "shown"), [("default.mysql8.4", "default.mysql8.4"), (None, "AWS's default parameter group")]
)
def test_the_default_group_leaves_them_unset(stack: Any, group: str | None, shown: str) -> None:
    old = stack.resources[stack.database("db")]
    stack.add(old.type, "db", {**old.props, "parameterGroupName": group})
    assert timeouts(stack) == [f"db: wait_timeout is not set and interactive_timeout is not set in {shown}. {WHY}"]


FOR_EVER = "Required: a number of milliseconds above 0. Set DB_POOL_IDLE_MS to such as 30000."
TOO_SHORT = (
    "ms, after which the pool opens a connection for nearly every query. Required: milliseconds, at least 1000. Set "
    "DB_POOL_IDLE_MS to {}, if seconds are meant."
)
TOO_LONG = (
    "ms and the database ends a sleeping session after 60 s (wait_timeout). Required: at most 55000 ms, so that the pool lets go "
    "first; else it hands out connections the server has closed. Set DB_POOL_IDLE_MS to 30000."
)


@pytest.mark.parametrize(
    ("milliseconds", "found"),
    [
        *((good, None) for good in ("1000", "30000", "55000")),
        ("1", f"1 {TOO_SHORT.format(1000)}"),
        *((seconds, f"{seconds} {TOO_SHORT.format(30000)}") for seconds in ("30", "56", "999")),
        *((long, f"{long} {TOO_LONG}") for long in ("55001", "60000", "600000")),
        ("0", f"0, by which most pools keep idle connections for ever. {FOR_EVER}"),
        *((text, f'"{text}". {FOR_EVER.replace(" above 0", "")}') for text in ("", "30 s", "-1", "1e3")),
    ],
)
def test_a_pool_lets_go_first(stack: Any, milliseconds: str, found: str | None) -> None:
    stack.database("db", wait="60", interactive="60")
    stack.service("api", environment={"DB_HOST": "x", "DB_POOL_IDLE_MS": milliseconds})
    message = f'api: container "app": DB_POOL_IDLE_MS is {found}'
    assert idle_times(stack) == ([] if found is None else [message])


def test_a_server_that_hangs_up_within_seconds_is_to_wait_longer(stack: Any) -> None:
    stack.database("db", wait="5", interactive="60")
    stack.service("api", environment={"DB_HOST": "x", "DB_POOL_IDLE_MS": "30000"})
    assert idle_times(stack) == [
        'api: container "app": DB_POOL_IDLE_MS is 30000 ms and the database ends a sleeping session after 5 s (wait_timeout). Required: '
        "a wait_timeout of 6 s or more, so that a pool can let go first; else it hands out connections the server has closed. Raise "
        "wait_timeout to 60 seconds."
    ]


def test_a_client_without_it_is_a_violation_beside_one_that_has_it(stack: Any) -> None:
    stack.database("db", wait="60", interactive="60")
    stack.service("api", environment={"DB_HOST": "x"})
    assert idle_times(stack) == []
    stack.service("other", environment={"DB_HOST": "x", "DB_POOL_IDLE_MS": "30000"})
    assert idle_times(stack) == [
        'api: container "app": DB_POOL_IDLE_MS is not set, which the stack\'s other clients are given. Required: a number of '
        "milliseconds: some pools keep idle connections for ever. Set DB_POOL_IDLE_MS to such as 30000."
    ]


def test_without_a_known_wait_timeout_the_other_policy_speaks(stack: Any) -> None:
    stack.database("db", wait=None)
    stack.service("api", environment={"DB_HOST": "x", "DB_POOL_IDLE_MS": "900000"})
    assert idle_times(stack) == []


def test_a_multi_az_cluster_has_these_timeouts_too(stack: Any) -> None:
    group = stack.add(tokens.CLUSTER_PARAMETER_GROUP, "orders", {"name": "orders", "parameters": []})
    props = {"engine": "mysql", "dbClusterInstanceClass": "db.m6gd.large", "dbClusterParameterGroupName": "orders"}
    urn = stack.add(tokens.DB_CLUSTER, "orders", props)
    (finding,) = judged(wait_timeout, stack.graph())
    assert finding.urn == urn
    assert finding.message.startswith("orders: wait_timeout is not set and interactive_timeout is not set in orders.")
    both = [{"name": name, "value": "60"} for name in ("wait_timeout", "interactive_timeout")]
    stack.change(group, parameters=both)
    assert timeouts(stack) == []


def test_a_pool_is_compared_with_its_own_database(stack: Any) -> None:
    for name, wait in (("orders", "60"), ("users", "300")):
        stack.database(name, wait=wait, interactive=wait)
    idle = {"DB_HOST": "x", "DB_POOL_IDLE_MS": "120000"}
    stack.service("api", environment=idle, tags={"budget:database": "users"})
    assert idle_times(stack) == []
    stack.service("api", environment=idle, tags={"budget:database": "orders"})
    (message,) = idle_times(stack)
    assert "ends a sleeping session after 60 s" in message
    stack.service("api", environment=idle)
    (message,) = idle_times(stack)
    assert "ends a sleeping session after 60 s" in message


def test_the_shortest_timeout_of_a_cluster_s_members_counts(stack: Any) -> None:
    cluster = stack.add(tokens.DB_CLUSTER, "orders", {"clusterIdentifier": "orders", "engine": "aurora-mysql"})
    for name, wait in (("writer", "60"), ("reader", "300")):
        values = [{"name": key, "value": wait} for key in ("wait_timeout", "interactive_timeout")]
        stack.add(tokens.PARAMETER_GROUP, name, {"name": name, "parameters": values})
        props = {"clusterIdentifier": "orders", "engine": "aurora-mysql", "dbParameterGroupName": name}
        stack.add(tokens.DB_CLUSTER_INSTANCE, name, props, clusterIdentifier=(cluster,))
    stack.service("api", environment={"DB_HOST": "x", "DB_POOL_IDLE_MS": "120000"})
    (message,) = idle_times(stack)
    assert "ends a sleeping session after 60 s" in message
