"""Policies about a load balancer's rules: each is reached, and each target group is one service's, which has a rule."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator

from policies.resources.graph import Graph, Resource
from policies.resources.reading import (
    Absent,
    NotDecidedError,
    Undecided,
    decided,
    optional,
    read,
    read_list,
    read_text,
    required,
)
from policies.resources.references import references
from policies.resources.requested import asked_integer, asked_list, asked_text
from policies.resources.tokens import LISTENER, LISTENER_RULE, SERVICE, TARGET_GROUP
from policies.rules.rule import Problem, Stack, about, policy

_ELB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
_VALUED = ("pathPattern", "hostHeader", "httpRequestMethod", "sourceIp", "httpHeader", "queryStrings")

Conditions = dict[str, tuple[str, ...]]


def _conditions(rule: Resource) -> Conditions:
    """What a rule asks of a request: the kind of a condition, with a header's name, to the patterns of which one must match."""
    found: Conditions = {}
    for position in range(len(required(read_list(rule, "conditions")))):
        for kind in _VALUED:
            if isinstance(read(rule, "conditions", position, kind), Absent):
                continue
            if kind == "queryStrings":
                values = [f"{position}"]  # a pair of key and value: no two of them are held against each other
                name = f"{kind}{rule.urn}"
            else:
                listed = required(read_list(rule, "conditions", position, kind, "values"))
                values = [
                    required(read_text(rule, "conditions", position, kind, "values", number))
                    for number in range(len(listed))
                ]
                name = kind
            if kind == "httpHeader":
                name = f"{kind} {required(read_text(rule, 'conditions', position, kind, 'httpHeaderName')).lower()}"
            found[name] = (*found.get(name, ()), *values)
    return found


def _hides(first: Conditions, second: Conditions) -> bool:
    """Whether every request of the second rule is one of the first: each condition of the first covers one of the second."""
    return all(
        _everything(name, patterns)
        or (
            name in second
            and all(any(fnmatch.fnmatchcase(value, pattern) for pattern in patterns) for value in second[name])
        )
        for name, patterns in first.items()
    )


def _everything(name: str, patterns: tuple[str, ...]) -> bool:
    return any(pattern == "*" or (name == "pathPattern" and pattern == "/*") for pattern in patterns)


@policy(
    what="No rule of a listener stands behind one that takes all its requests.",
    why="The lowest priority decides: a catch-all before the others answers for every service.",
    severity="high",
    how_to_fix="Give the more general rule the higher number, such as 50000 for /*.",
    url=_ELB + "listener-rules.html",
    types=(LISTENER_RULE,),
)
def listener_rule_reached(stack: Stack, rule: Resource) -> Iterator[Problem]:
    priority = asked_integer(rule, "priority")
    if isinstance(priority, Absent):
        return  # AWS gives the next one
    own, conditions = required(priority), _conditions(rule)
    listeners = references(stack.graph, rule, LISTENER, "listenerArn").keys
    for other in stack.graph.of_type(LISTENER_RULE):
        if other.urn == rule.urn or not listeners & references(stack.graph, other, LISTENER, "listenerArn").keys:
            continue
        # What is unknown in the other rule is its own finding.
        theirs = decided(lambda other=other: (required(asked_integer(other, "priority")), _conditions(other)))
        if isinstance(theirs, Undecided):
            continue
        if theirs[0] == own and other.urn > rule.urn:
            yield Problem(f"priority {own} is that of the rule {other.name}, too", "a priority of its own")
        elif theirs[0] < own and _hides(theirs[1], conditions):
            yield Problem(
                f"the rule {other.name} with priority {theirs[0]} takes all its requests before its own {own}",
                f"a priority below {theirs[0]}, or a narrower condition there",
            )


def targets_of(graph: Graph, resource: Resource, prop: str) -> frozenset[str]:
    """The target groups that a service, listener or rule names. Raises NotDecidedError where one cannot be determined."""
    found: set[str] = set()
    for position in range(len(optional(asked_list(resource, prop), []))):
        ways: list[tuple[str | int, ...]] = [(prop, position, "targetGroupArn")]
        if prop != "loadBalancers":
            groups = optional(read_list(resource, prop, position, "forward", "targetGroups"), [])
            ways += [(prop, position, "forward", "targetGroups", number, "arn") for number in range(len(groups))]
        for way in ways:
            if not isinstance(read(resource, *way), Absent):
                named = references(graph, resource, TARGET_GROUP, *way)
                if named.undecided is not None:
                    raise NotDecidedError(named.undecided)
                found |= named.keys
    return frozenset(found)


@policy(
    what="A target group holds the tasks of one service, and a listener sends requests to it.",
    why="Two services in one group answer each other's requests by turns; a group without a rule, or a rule to an empty one, answers 503.",
    severity="high",
    how_to_fix="Give each service a target group of its own, and a listener rule that forwards to it.",
    url=_ELB + "load-balancer-target-groups.html",
    types=(TARGET_GROUP,),
    also=(SERVICE, LISTENER, LISTENER_RULE),
)
def target_group_one_service(stack: Stack, group: Resource) -> Iterator[Problem]:
    graph = stack.graph
    services = _naming(graph, group, (SERVICE,), "loadBalancers")
    if len(services) > 1:
        yield Problem(f"the services {_listed(services)} are in it", "one service")
    routes = _naming(graph, group, (LISTENER,), "defaultActions") + _naming(graph, group, (LISTENER_RULE,), "actions")
    if services and not routes and graph.of_type(LISTENER, LISTENER_RULE):
        yield Problem(
            f"no listener or rule forwards to it, and {_listed(services)} waits there", "a rule that forwards to it"
        )
    balanced = any(not isinstance(read(service, "loadBalancers"), Absent) for service in graph.of_type(SERVICE))
    if routes and not services and balanced and optional(asked_text(group, "targetType"), "instance") == "ip":
        yield Problem(
            f"{_listed(routes)} forwards to it, and no service is in it", "the service's loadBalancers to name it"
        )


def _naming(graph: Graph, group: Resource, kinds: tuple[str, ...], prop: str) -> list[Resource]:
    found: list[Resource] = []
    for resource in graph.of_type(*kinds):
        with about(resource):
            if group.urn in targets_of(graph, resource, prop):
                found.append(resource)
    return found


def _listed(resources: list[Resource]) -> str:
    return ", ".join(sorted(resource.name for resource in resources))
