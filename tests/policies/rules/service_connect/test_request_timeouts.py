"""The policy `request-timeout-chain`: load balancer, Nginx and Service Connect in order; keep-alive times above the idle time."""

from typing import Any

import pytest

from policies.resources import tokens
from policies.rules.service_connect.request_timeouts import request_timeout_chain
from tests.policies.judging import judged

HANGS_UP_FIRST = "A server that hangs up first loses the request that is already on its way, and visitors get a 502."
CONFIGURATION = "location /docs {{ proxy_pass http://api.dev-shop-ns:3000; }} {more}"


def findings(stack: Any) -> list[str]:
    return [finding.message for finding in judged(request_timeout_chain, stack.graph())]


def balancer(stack: Any, idle: Any = 60, **props: Any) -> str:
    return str(stack.add(tokens.LOAD_BALANCER, "alb", {"name": "dev-alb", "idleTimeout": idle, **props}))


@pytest.mark.parametrize(("idle", "limit"), [(60, 60), (60, 1), (61, 60), (None, 60), (60, None)])
def test_limits_up_to_the_idle_timeout_pass(stack: Any, idle: int | None, limit: int | None) -> None:
    balancer(stack, idle)
    stack.joins("api", limit=limit, fronted=True)
    assert findings(stack) == []


@pytest.mark.parametrize(
    ("joined", "ends", "longest"),
    [
        ({"limit": 61}, "ends a request to api.dev-shop-ns after 61 s", "61"),
        ({"limit": 0, "fronted": True}, "never ends a request to api.dev-shop-ns", "the longest request"),
        # no protocol that Service Connect can measure
        (
            {"limit": 30, "protocol": None, "fronted": True},
            "never ends a request to api.dev-shop-ns",
            "the longest request",
        ),
    ],
)
def test_a_request_that_may_outlast_the_load_balancer_is_a_violation(
    stack: Any, joined: dict[str, Any], ends: str, longest: str
) -> None:
    balancer(stack)
    stack.joins("gateway", fronted=True)
    urn = stack.joins("api", **joined)
    (finding,) = judged(request_timeout_chain, stack.graph())
    assert (finding.urn, finding.message) == (
        urn,
        f"api: Service Connect {ends}, and the load balancer gives up on its own after 60 s of silence. Required: at most 60 s, so "
        "that the caller behind the load balancer learns of the failure and can answer; else visitors get a bare 504. Set "
        f"timeout.perRequestTimeoutSeconds to 60, or idleTimeout of the load balancer to {longest}.",
    )


def test_where_no_load_balancer_leads_in_there_is_no_chain(stack: Any) -> None:
    stack.joins("api", limit=3600, fronted=True, environment={"KEEP_ALIVE_TIMEOUT_MS": "1"})
    assert findings(stack) == []
    balancer(stack, loadBalancerType="network")
    assert findings(stack) == []
    stack.joins("api", limit=3600)
    balancer(stack)
    assert findings(stack) == []


@pytest.mark.parametrize(
    ("text", "shown", "why"),
    [
        ("60001", None, ""),
        ("65000", None, ""),
        *((text, text, f" {HANGS_UP_FIRST}") for text in ("5000", "60000")),
        *((text, f'"{text}"', "") for text in ("", "65s", "-1")),
    ],
)
def test_a_server_hangs_up_later_than_the_load_balancer(stack: Any, text: str, shown: str | None, why: str) -> None:
    balancer(stack)
    stack.joins("inside", environment={"KEEP_ALIVE_TIMEOUT_MS": text})
    stack.joins("api", fronted=True, environment={"KEEP_ALIVE_TIMEOUT_MS": text})
    message = (
        f'api: container "app": KEEP_ALIVE_TIMEOUT_MS is {shown}. Required: a number of milliseconds above 60000, the load '
        f"balancer's idle timeout.{why} Set KEEP_ALIVE_TIMEOUT_MS to 65000."
    )
    assert findings(stack) == ([] if shown is None else [message])


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("", None),
        ("proxy_read_timeout 30s;", None),
        ("proxy_read_timeout 1m;", None),
        ("keepalive_timeout 61s;", None),
        (
            "proxy_read_timeout 500ms;",
            "proxy_read_timeout is 0.5 s, and Service Connect lets a request to api.dev-shop-ns take 30 s. Required: at least "
            "30 s, else Nginx answers 504 while the project still works. Set proxy_read_timeout to 30s.",
        ),
        (
            "proxy_read_timeout 2m;",
            "proxy_read_timeout is 120 s, and the load balancer gives up after 60 s of silence. Required: at most 60 s, so that "
            "Nginx can still answer. Set proxy_read_timeout to 60s.",
        ),
        (
            "keepalive_timeout 60;",
            "keepalive_timeout is 60 s, and the load balancer keeps idle connections for 60 s. Required: above 60 s. "
            f"{HANGS_UP_FIRST} Set keepalive_timeout to 65s.",
        ),
    ],
)
def test_the_times_of_an_nginx_are_in_order(stack: Any, more: str, found: str | None) -> None:
    balancer(stack)
    stack.joins("api", limit=30)
    stack.joins("docs", port=None, fronted=True, environment={"CONF": CONFIGURATION.format(more=more)})
    assert findings(stack) == ([] if found is None else [f'docs: container "app", CONF: {found}'])


def test_a_script_that_rewrites_a_configuration_is_none(stack: Any) -> None:
    balancer(stack, 120)
    stack.joins("api", limit=30)
    configuration = CONFIGURATION.format(more="proxy_read_timeout 60s; keepalive_timeout 125s;")
    script = "awk 'match($0, /proxy_pass http:[^:;]+:[0-9]+/) { print }' > nginx.conf; exec nginx -c nginx.conf"
    stack.joins("docs", port=None, fronted=True, environment={"CONF": configuration, "SCRIPT": script})
    assert findings(stack) == []


def test_nginx_waits_60_seconds_where_nothing_is_set(stack: Any) -> None:
    balancer(stack, 100)
    stack.joins("api", limit=90)
    stack.joins("docs", port=None, environment={"CONF": CONFIGURATION.format(more="")})
    assert findings(stack) == [
        'docs: container "app", CONF: proxy_read_timeout is 60 s, and Service Connect lets a request to api.dev-shop-ns take '
        "90 s. Required: at least 90 s, else Nginx answers 504 while the project still works. Set proxy_read_timeout to 90s."
    ]


def test_an_unknown_idle_timeout_is_a_violation_only_where_the_program_made_it(stack: Any, unknown: str) -> None:
    urn = balancer(stack, unknown)
    stack.joins("api", limit=61, fronted=True)
    assert len(findings(stack)) == 1  # AWS's default of 60 s holds
    stack.add(
        tokens.LOAD_BALANCER, "alb", {"name": "dev-alb", "idleTimeout": unknown}, idleTimeout=(stack.urn("x", "y"),)
    )
    assert findings(stack) == [
        f"dev-alb: undecided at preview: idleTimeout of {urn}, made from what x y gives only once it exists: pass on what the "
        "program chooses or computes itself."
    ]
