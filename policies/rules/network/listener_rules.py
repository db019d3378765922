"""Policies about a listener's rules and redirects: requests can match them, and whom they send away arrives at the stack by TLS."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from policies.facts.network.listener_conditions import conditions_of
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present, Step, Undecided, is_unknown
from policies.resources.reading import optional, read, read_integer, read_list, read_text, required
from policies.resources.references import belonging, depended_on, references
from policies.resources.requested import asked_integer, asked_list, asked_text
from policies.rules.access.stage_isolation import domain_of
from policies.rules.policy import BALANCER_GUIDE, setting
from policies.rules.rule import Problem, Stack, about, policy

_MOST_PRIORITY = 50_000
_MOST_VALUES = 5
"""What AWS counts in a rule: "Condition values per rule" (Quotas for your Application Load Balancers)."""
_ACTIONS = {tokens.LISTENER: "defaultActions", tokens.LISTENER_RULE: "actions"}


@policy(
    what="A rule asks for what a request can have, in the words and numbers that AWS takes.",
    why="A path without its slash or with other letters matches nothing; what AWS refuses stops the deployment halfway.",
    severity="high",
    how_to_fix="Begin paths with / in the letters that callers use, name hosts without scheme and port, priorities 1 to 50000.",
    url=BALANCER_GUIDE + "rule-condition-types.html",
    types=(tokens.LISTENER_RULE, tokens.LISTENER),
)
def listener_rule_matches(stack: Stack, resource: Resource) -> Iterator[Problem]:
    yield from _weights(resource, _ACTIONS[resource.type])
    if resource.type == tokens.LISTENER:
        return
    priority = optional(asked_integer(resource, "priority"), 1)
    if not 1 <= priority <= _MOST_PRIORITY:
        yield Problem(f"priority is {priority}", f"1 to {_MOST_PRIORITY}")
    conditions = conditions_of(resource)
    if not conditions:
        yield Problem("conditions is empty, which AWS refuses", "a condition, such as the path /*")
    asked = sum(len(condition.values) + len(condition.expressions) for condition in conditions)
    if asked > _MOST_VALUES:
        yield Problem(f"its conditions have {asked} values", f"at most {_MOST_VALUES}, in further rules the others")
    for condition in conditions:
        for value in condition.values:
            yield from _unmatched(stack, resource, condition.kind, value)


def _unmatched(stack: Stack, rule: Resource, kind: str, value: str) -> Iterator[Problem]:
    """Why no request has a value of a condition."""
    if kind == "pathPattern" and not value.startswith(("/", "*", "?")):
        yield Problem(f'pathPattern "{value[:80]}" matches nothing: a path begins with /', f'"/{value[:80]}"')
    elif kind == "pathPattern" and _unlike_its_own(stack, rule, value):
        yield Problem(
            f'pathPattern is "{value[:80]}", and paths are compared letter by letter', f'"{value[:80].lower()}"'
        )
    elif kind == "httpRequestMethod" and value != value.upper():
        yield Problem(f'httpRequestMethod "{value[:20]}" matches nothing', f'"{value[:20].upper()}"')
    elif kind == "hostHeader" and re.search(r"[/:]", value):
        yield Problem(f'hostHeader "{value[:80]}" matches nothing', "a host without scheme, port and path")
    elif kind == "sourceIp" and not _is_range(value):
        yield Problem(f'sourceIp "{value[:50]}" is no address range', "such as 203.0.113.0/24")


def _unlike_its_own(stack: Stack, rule: Resource, path: str) -> bool:
    """Whether a path is the name of the workload behind it in other letters, where the other rules' paths have small ones."""
    first = path.strip("/").partition("/")[0].rstrip("*")
    if not first or first == first.lower():
        return False
    groups = depended_on(stack.graph, rule, "actions", tokens.TARGET_GROUP)
    behind = frozenset[str]().union(*(stack.facts.names.of(group) for group in groups))
    return any(name.startswith(first.lower()) for name in behind)


def _is_range(text: str) -> bool:
    """Whether it is one as ELB takes it: of one address, too, it asks for the length."""
    if "/" not in text:
        return False
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _weights(resource: Resource, prop: str) -> Iterator[Problem]:
    """A forward whose target groups all have weight 0."""
    for position in range(len(optional(asked_list(resource, prop), []))):
        if isinstance(read(resource, prop, position, "forward"), Absent):
            continue
        groups = range(len(optional(read_list(resource, prop, position, "forward", "targetGroups"), [])))
        weights = [
            optional(read_integer(resource, prop, position, "forward", "targetGroups", number, "weight"), 1)
            for number in groups
        ]
        if weights and not any(weights):
            yield Problem(f"{prop}[{position}] forwards with weight 0 only, which answers 503", "a weight above 0")


@policy(
    what="A redirect leads to HTTPS, on a host and port that the stack serves, and not to itself.",
    why="Visitors follow it without looking, browsers remember it for good, and a port without a listener answers nobody.",
    severity="high",
    how_to_fix="Set protocol HTTPS and the port of the HTTPS listener; leave host out, or name one of the certificate's.",
    url=BALANCER_GUIDE + "load-balancer-listeners.html",
    settings=(setting("hosts", (), "Hosts of others that redirects lead to on purpose."),),
    types=(tokens.LISTENER, tokens.LISTENER_RULE),
    also=(tokens.CERTIFICATE, tokens.DNS_RECORD),
)
def redirect_arrives(stack: Stack, resource: Resource) -> Iterator[Problem]:
    prop = _ACTIONS[resource.type]
    listeners = (
        (resource,)
        if resource.type == tokens.LISTENER
        else stack.graph.held(references(stack.graph, resource, tokens.LISTENER, "listenerArn").keys)
    )
    for position in range(len(optional(asked_list(resource, prop), []))):
        at = (prop, position, "redirect")
        if not isinstance(read(resource, *at), Absent):
            for listener in listeners:
                yield from _redirected(stack, resource, at, listener)


def _redirected(stack: Stack, owner: Resource, at: tuple[Step, ...], listener: Resource) -> Iterator[Problem]:
    with about(listener):
        own_port = str(optional(asked_integer(listener, "port"), 0))
        own_protocol = optional(asked_text(listener, "protocol"), "HTTP")
    said = {key: optional(read_text(owner, *at, key), "") for key in ("protocol", "host", "path", "query")}
    stated_port = read(owner, *at, "port")
    port = str(required(stated_port)).removesuffix(".0") if not isinstance(stated_port, Absent) else ""
    protocol = own_protocol if said["protocol"] in ("", "#{protocol}") else said["protocol"]
    stays = said["host"] in ("", "#{host}")
    if own_protocol == "HTTPS" and protocol == "HTTP":
        yield Problem("a redirect sends visitors of HTTPS back to plain HTTP", "protocol HTTPS")
    elif not stays and "#{" not in said["host"] and not _own_host(stack, said["host"]):
        yield Problem(f"a redirect leads to {said['host'][:100]}", "a host of the stack")
    elif stays and port not in ("", "#{port}", own_port) and not _listens(stack, listener, port):
        yield Problem(f"a redirect leads to port {port[:6]}, where its load balancer has no listener", "443")
    elif (
        stays
        and protocol == own_protocol
        and port in ("", "#{port}", own_port)
        and said["path"] in ("", "/#{path}")
        and said["query"] in ("", "#{query}")
    ):
        yield Problem("a redirect leads to itself", "another protocol, host or path")


def _own_host(stack: Stack, host: str) -> bool:
    """Whether a host is under a domain that a certificate or a record of the stack has, or none of these is known."""
    named = [read_text(item, "domainName") for item in stack.graph.of_type(tokens.CERTIFICATE)]
    if any(isinstance(found, Undecided) for found in named):
        return True
    named += [read_text(item, "name") for item in stack.graph.of_type(tokens.DNS_RECORD, tokens.DNS_ZONE)]
    own = {domain_of(found.value) for found in named if isinstance(found, Present) and "." in found.value}
    return not own or domain_of(host) in own or host in stack.texts("hosts")


def _listens(stack: Stack, listener: Resource, port: str) -> bool:
    """Whether the load balancer of a listener has one on a port, or may have."""
    balancers = references(stack.graph, listener, tokens.LOAD_BALANCER, "loadBalancerArn").keys
    for key in balancers:
        balancer = stack.graph.get(key)
        if balancer is None:
            return True
        for other in belonging(stack.graph, balancer, tokens.LISTENER, "loadBalancerArn"):
            found = other.props.get("port")
            if is_unknown(found) or str(found).removesuffix(".0") == port:
                return True
    return not balancers
