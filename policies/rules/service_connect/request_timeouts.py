"""The policy `request-timeout-chain`: along a request's way each hop waits at least as long as the one behind it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping

from policies.facts.ecs.container_addresses import Text, addresses_in, directive_seconds, texts_of, variable
from policies.facts.ecs.load_balancers import behind_load_balancer
from policies.facts.ecs.service_connect import Endpoint, Mesh
from policies.facts.ecs.task_runs import Run
from policies.facts.facts import Facts
from policies.facts.finding import Finding
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import NotDecidedError, Undecided, decided
from policies.resources.reading import name_of, optional, read_text, text_or
from policies.resources.requested import asked_integer
from policies.resources.tokens import CLIENT_SIDE, CLUSTER, LISTENER_RULE, LOAD_BALANCER, NAMESPACES, SERVICE
from policies.rules.rule import Stack, stack_policy

KEEP_ALIVE = "KEEP_ALIVE_TIMEOUT_MS"
"""Milliseconds that a Node server keeps an idle connection (`server.keepAliveTimeout`, 5,000 by default)."""
DEFAULT_IDLE_S = 60
"""A load balancer's idle timeout where none is set (User Guide for Application Load Balancers)."""
NGINX_READ_S, NGINX_KEEP_ALIVE_S = 60.0, 75.0
"""Nginx's proxy_read_timeout and keepalive_timeout where none is set (nginx documentation)."""
_NGINX = re.compile(r"(?:^|[\s{};])proxy_pass\s+[^\s;]+\s*;")
"""The directive, and not a script that writes or rewrites one."""


@stack_policy(
    what="Along a request's way each hop waits at least as long as the one behind it, and hangs up idle connections later.",
    why="A hop that gives up first answers 504 while the work goes on behind it; a server that closes an idle connection first "
    "loses the next request on it, a 502.",
    severity="medium",
    how_to_fix="Load balancer idleTimeout >= Nginx proxy_read_timeout >= Service Connect perRequestTimeoutSeconds; keep-alive times of "
    "servers above idleTimeout.",
    url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html",
    types=CLIENT_SIDE | {*NAMESPACES, CLUSTER, LISTENER_RULE, LOAD_BALANCER},
)
def request_timeout_chain(stack: Stack) -> Iterator[Finding]:
    facts, mesh = stack.facts, stack.facts.mesh  # what is undecided in it, service-connect-contract reports
    idle: int | None = None
    for balancer in facts.graph.of_type(LOAD_BALANCER):
        found = decided(lambda balancer=balancer: _idle(balancer))
        if isinstance(found, Undecided):
            yield Finding.unread(balancer.urn, name_of(balancer), found.of(balancer))
        elif found is not None:
            idle = found if idle is None else min(idle, found)
    if idle is not None:
        yield from _requests(facts.graph, mesh, idle)
    for run in facts.runs:
        if run.resource.type == SERVICE:
            for definition in run.definitions:
                try:
                    yield from _containers(facts, mesh, run, definition, idle)
                except NotDecidedError as error:
                    yield Finding.unread(definition.urn, run.name, error.undecided.of(definition))


_FIRST = "A server that hangs up first loses the request that is already on its way, and visitors get a 502."


def _idle(balancer: Resource) -> int | None:
    """An application load balancer's idle timeout in seconds; None for another kind, which has no such timeout."""
    kind = read_text(balancer, "loadBalancerType")
    if text_or(kind, "application") != "application":
        return None
    return optional(asked_integer(balancer, "idleTimeout"), DEFAULT_IDLE_S)


def _requests(graph: Graph, mesh: Mesh, idle: int) -> Iterator[Finding]:
    fronted = {
        mesh.members[service.urn].namespace
        for service in graph.of_type(SERVICE)
        if service.urn in mesh.members and behind_load_balancer(service)
    }
    for endpoint in mesh.served().endpoints:
        limit = endpoint.request_limit_s
        if endpoint.namespace not in fronted or (limit is not None and limit <= idle):
            continue
        found = (
            f"ends a request to {endpoint.host} after {limit} s"
            if limit
            else f"never ends a request to {endpoint.host}"
        )
        yield Finding.of(
            endpoint.urn,
            endpoint.service,
            f"Service Connect {found}, and the load balancer gives up on its own after {idle} s of silence",
            required=f"at most {idle} s, so that the caller behind the load balancer learns of the failure and can answer; else "
            "visitors get a bare 504",
            fix=f"Set timeout.perRequestTimeoutSeconds to {idle}, or idleTimeout of the load balancer to "
            f"{limit or 'the longest request'}.",
        )


def _containers(facts: Facts, mesh: Mesh, run: Run, definition: Resource, idle: int | None) -> Iterator[Finding]:
    fronting = idle if behind_load_balancer(run.resource) else None
    texts = facts.by_container(definition, texts_of)
    for container in facts.documents(definition):
        name = str(container.get("name"))
        inside = f'container "{name}"'
        if fronting is not None:
            others = any(other is not definition for other in facts.given.get(KEEP_ALIVE, ())) and any(
                held.container == name for held in facts.balanced(run.resource)
            )
            yield from _keep_alive(run, container, inside, fronting, others=others)
        for text in texts[name]:
            if "proxy_pass" in text.value and _NGINX.search(text.value):
                yield from _nginx(mesh, run, text, f"{inside}, {text.where}", fronting)


_PROXY = re.compile(
    r"(?:^|[/-])(?:nginx|openresty|httpd|apache|envoy|traefik|haproxy|caddy|kong|varnish)(?:-[\w-]+)?[:@]"
)
"""Images of servers that are no Node, and keep idle connections for longer by default."""


def _keep_alive(
    run: Run, container: Mapping[str, object], inside: str, idle: int, *, others: bool
) -> Iterator[Finding]:
    finding = functools.partial(Finding.of, run.resource.urn, run.name, inside=inside)
    value = variable(container, KEEP_ALIVE)
    needed = f"a number of milliseconds above {idle * 1000}, the load balancer's idle timeout"
    if value is None:
        if others and not _PROXY.search(f"{container.get('image')}:"):
            yield finding(
                f"{KEEP_ALIVE} is not set, which the stack's other services behind the load balancer are given; Node's own is 5000",
                required=needed,
                fix=f"{_FIRST} Set {KEEP_ALIVE} to {(idle + 5) * 1000}.",
            )
        return
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        yield finding(
            f'{KEEP_ALIVE} is "{value[:40]}"', required=needed, fix=f"Set {KEEP_ALIVE} to {(idle + 5) * 1000}."
        )
    elif int(value) <= idle * 1000:
        yield finding(
            f"{KEEP_ALIVE} is {value}", required=needed, fix=f"{_FIRST} Set {KEEP_ALIVE} to {(idle + 5) * 1000}."
        )


def _nginx(mesh: Mesh, run: Run, text: Text, inside: str, idle: int | None) -> Iterator[Finding]:
    finding = functools.partial(Finding.of, run.resource.urn, run.name, inside=inside)
    upstreams = _upstreams(mesh, run, text)
    waits = directive_seconds(text, "proxy_read_timeout") or (NGINX_READ_S,)
    for endpoint in upstreams:
        limit = endpoint.request_limit_s
        if limit is not None and min(waits) < limit:
            yield finding(
                f"proxy_read_timeout is {_seconds(min(waits))}, and Service Connect lets a request to {endpoint.host} take {limit} s",
                required=f"at least {limit} s, else Nginx answers 504 while the project still works",
                fix=f"Set proxy_read_timeout to {limit}s.",
            )
    if idle is None:
        return
    if max(waits) > idle:
        yield finding(
            f"proxy_read_timeout is {_seconds(max(waits))}, and the load balancer gives up after {idle} s of silence",
            required=f"at most {idle} s, so that Nginx can still answer",
            fix=f"Set proxy_read_timeout to {idle}s.",
        )
    keep = min(directive_seconds(text, "keepalive_timeout") or (NGINX_KEEP_ALIVE_S,))
    if keep <= idle:
        yield finding(
            f"keepalive_timeout is {_seconds(keep)}, and the load balancer keeps idle connections for {idle} s",
            required=f"above {idle} s",
            fix=f"{_FIRST} Set keepalive_timeout to {idle + 5}s.",
        )


def _upstreams(mesh: Mesh, run: Run, text: Text) -> tuple[Endpoint, ...]:
    """What an Nginx configuration passes requests to, of the namespace its service takes part in."""
    member = mesh.members.get(run.resource.urn)
    if member is None:
        return ()
    used = {(address.host, address.port) for address in addresses_in(text)}
    served = mesh.served(member.namespace).by_host
    return tuple(
        endpoint for host, port in sorted(used, key=str) for endpoint in served.get(host, ()) if endpoint.port == port
    )


def _seconds(value: float) -> str:
    return f"{value:g} s"
