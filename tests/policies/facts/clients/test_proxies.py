"""RDS Proxies: a share of max_connections each, whatever their clients open; who is let in by one alone opens none itself."""

from typing import Any

import pytest

from policies.resources import tokens
from policies.serving.registration_guard import Registrations
from tests.policies.conftest import UNKNOWN

TARGET = "aws:rds/proxyTarget:ProxyTarget"
TARGET_GROUP = "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup"


def with_proxy(stack: Any, percent: object = 80, *, group: bool = True, target: bool = True) -> str:
    """A database of 200 connections that lets in a proxy alone, and a service that the proxy lets in."""
    stack.database("db", max_connections="200", reserve="10")
    proxies = stack.group("proxy")
    stack.opens(stack.urn(tokens.SECURITY_GROUP, "db"), proxies)
    proxy = stack.add(
        tokens.DB_PROXY, "proxy", {"name": "shop", "vpcSecurityGroupIds": [UNKNOWN]}, vpcSecurityGroupIds=(proxies,)
    )
    if group:
        pool = {"maxConnectionsPercent": percent}
        stack.add(TARGET_GROUP, "proxy", {"dbProxyName": "shop", "connectionPoolConfig": pool}, dbProxyName=(proxy,))
    if target:
        database = stack.urn(tokens.DB_INSTANCE, "db")
        named = {"dbProxyName": "shop", "dbInstanceIdentifier": "db"}
        stack.add(TARGET, "proxy", named, dbProxyName=(proxy,), dbInstanceIdentifier=(database,))
    stack.service("api", limit="30", desired=5, environment={"DB_HOST": "proxy.internal"})
    stack.opens(proxies, stack.urn(tokens.SECURITY_GROUP, "api"))
    return proxy


def counted(stack: Any) -> list[tuple[str, int, str]]:
    return [(each.name, each.demand, each.why) for each in stack.budget().budget.workloads]


def test_a_proxy_opens_its_share_and_its_clients_none(stack: Any) -> None:
    with_proxy(stack)
    assert counted(stack) == [("shop", 160, "80 % of max_connections")]
    assert stack.messages() == []


@pytest.mark.parametrize("written", [{"group": False}, {"percent": None}, {"percent": 100}])
def test_by_default_it_is_all_of_them(stack: Any, written: dict[str, Any]) -> None:
    with_proxy(stack, **written)
    assert counted(stack) == [("shop", 200, "100 % of max_connections")]
    [message] = stack.messages()
    assert message.startswith("db: 210 of 200 connections, 10 too many.")


def test_the_way_out_is_a_smaller_share(stack: Any) -> None:
    with_proxy(stack, percent=100)
    [message] = stack.messages()
    assert "  - shop: maxConnectionsPercent at most 95 (now 100)" in message


def test_who_is_let_in_by_the_database_too_counts_there(stack: Any) -> None:
    with_proxy(stack)
    stack.opens(stack.urn(tokens.SECURITY_GROUP, "db"), stack.urn(tokens.SECURITY_GROUP, "api"))
    assert [(name, demand) for name, demand, _ in counted(stack)] == [("api", 300), ("shop", 160)]


def test_who_is_let_in_by_neither_counts_as_ever(stack: Any) -> None:
    with_proxy(stack)
    stack.service("worker", limit="1", environment={"DB_HOST": "proxy.internal"})
    assert [(name, demand) for name, demand, _ in counted(stack)] == [("worker", 2), ("shop", 160)]


def test_a_proxy_without_a_target_may_be_of_any_database(stack: Any) -> None:
    with_proxy(stack, target=False)
    assert stack.messages() == [
        "shop: its connections cannot be counted: no aws.rds.ProxyTarget of this stack says which database it opens connections on: "
        "declare its target in this stack."
    ]


@pytest.mark.parametrize("percent", [UNKNOWN, "many", 0, 101])
def test_a_share_that_is_none_is_undecided(stack: Any, percent: object) -> None:
    proxy = with_proxy(stack, percent=percent)
    [message] = stack.messages()
    assert message.startswith("shop: its connections cannot be counted: undecided")
    assert proxy in stack.resources


def test_at_registration_a_client_of_a_proxy_is_not_taken_for_one_of_the_database(stack: Any) -> None:
    with_proxy(stack)
    guard = Registrations()
    found = [guard.judge(resource) for resource in stack.resources.values()]
    assert not any(found)


def with_endpoint(stack: Any, *groups: str) -> None:
    """An endpoint of the proxy in groups, one of which lets the service "hooks" in."""
    named = {"dbProxyName": "shop", "vpcSecurityGroupIds": [UNKNOWN] * len(groups)}
    proxy = stack.urn(tokens.DB_PROXY, "proxy")
    stack.add(tokens.PROXY_ENDPOINT, "hooks", named, dbProxyName=(proxy,), vpcSecurityGroupIds=groups)
    stack.service("hooks", limit="30", desired=5, environment={"DB_HOST": "hooks.proxy.internal"})
    stack.opens(groups[0], stack.urn(tokens.SECURITY_GROUP, "hooks"))


def test_who_is_let_in_by_an_endpoint_of_a_proxy_opens_none_itself(stack: Any) -> None:
    with_proxy(stack)
    with_endpoint(stack, stack.group("endpoint"))
    assert counted(stack) == [("shop", 160, "80 % of max_connections")]


def test_an_endpoint_in_the_group_of_its_proxy_opens_nothing_more(stack: Any) -> None:
    with_proxy(stack)
    with_endpoint(stack, stack.urn(tokens.SECURITY_GROUP, "proxy"))
    assert counted(stack) == [("shop", 160, "80 % of max_connections")]
    assert stack.messages() == []


def test_who_is_let_in_by_an_endpoint_and_the_database_counts_there(stack: Any) -> None:
    with_proxy(stack)
    with_endpoint(stack, stack.group("endpoint"))
    stack.opens(stack.urn(tokens.SECURITY_GROUP, "db"), stack.urn(tokens.SECURITY_GROUP, "hooks"))
    assert [(name, demand) for name, demand, _ in counted(stack)] == [("hooks", 300), ("shop", 160)]
