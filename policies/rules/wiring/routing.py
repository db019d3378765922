"""Policies about a load balancer's rules: each is reached, and each target group is one service's, which has a rule."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from policies.facts.ecs.load_balancers import behind_load_balancer
from policies.facts.network.listener_conditions import conditions_of
from policies.facts.network.target_group_terms import kind_of_targets
from policies.facts.network.target_groups import moved_to, named_by
from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Absent, Undecided, decided
from policies.resources.reading import required
from policies.resources.references import belonging, references
from policies.resources.requested import asked_integer
from policies.resources.tokens import (
    DEPLOYMENT_GROUP,
    LISTENER,
    LISTENER_RULE,
    SERVICE,
    TARGET_ATTACHMENT,
    TARGET_GROUP,
    TASK_SET,
)
from policies.rules.policy import BALANCER_GUIDE
from policies.rules.rule import Problem, Stack, policy

Conditions = dict[str, tuple[str, ...]]


def _conditions(rule: Resource) -> Conditions:
    """What a rule asks of a request: the kind of a condition, with a header's name, to the patterns of which one must match."""
    found: Conditions = {}
    for position, condition in enumerate(conditions_of(rule)):
        name, values = f"{condition.kind} {condition.header}".rstrip(), condition.values
        if not values:
            name, values = (
                f"{name}{rule.urn}",
                (f"{position}",),
            )  # pairs and expressions of no two rules are held against each other
        found[name] = (*found.get(name, ()), *values)
    return found


def _hides(first: Conditions, second: Conditions) -> bool:
    """Whether every request of the second rule is one of the first: each condition of the first covers one of the second.

    AWS refuses a rule without conditions: that is its own finding.
    """
    return bool(first) and all(
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
    url=BALANCER_GUIDE + "listener-rules.html",
    types=(LISTENER_RULE,),
)
def listener_rule_reached(stack: Stack, rule: Resource) -> Iterator[Problem]:
    priority = asked_integer(rule, "priority")
    if isinstance(priority, Absent):
        return  # AWS gives the next one
    own, conditions = required(priority), _conditions(rule)
    listeners = _rules(stack.graph)
    near = [listeners[key] for key in references(stack.graph, rule, LISTENER, "listenerArn").keys if key in listeners]
    before = {found.place: found for listener in near for found in listener.before(own, conditions)}
    for _, found in sorted(before.items()):
        other = found.rule
        if other.urn == rule.urn:
            continue
        if found.priority == own and other.urn > rule.urn:
            yield Problem(f"priority {own} is that of the rule {other.name}, too", "a priority of its own")
        elif found.priority < own and _hides(found.conditions, conditions):
            yield Problem(
                f"the rule {other.name} with priority {found.priority} takes all its requests before its own {own}",
                f"a priority below {found.priority}, or a narrower condition there",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A rule that can be read. place: among all rules, in the order of registration."""

    place: int
    rule: Resource
    priority: int
    conditions: Conditions


class _Listener:
    """The rules of one listener, by their priorities and by how their patterns begin: a listener may have hundreds of them."""

    def __init__(self) -> None:
        self._all: list[_Known] = []
        self._by_priority: dict[int, list[_Known]] = {}
        self._by_beginning: dict[tuple[str, str], list[_Known]] = {}
        self._of_everything: list[_Known] = []

    def add(self, known: _Known) -> None:
        self._all.append(known)
        self._by_priority.setdefault(known.priority, []).append(known)
        narrow = next((name for name, patterns in known.conditions.items() if not _everything(name, patterns)), None)
        if narrow is None:
            self._of_everything.append(known)
        else:
            for beginning in {_LITERAL.split(pattern, maxsplit=1)[0] for pattern in known.conditions[narrow]}:
                self._by_beginning.setdefault((narrow, beginning), []).append(known)

    def before(self, priority: int, conditions: Conditions) -> Iterator[_Known]:
        """The rules that may have this priority, or hide a rule with these conditions."""
        if not all(conditions.values()):
            yield from self._all
            return
        yield from self._by_priority.get(priority, ())
        yield from self._of_everything
        for name, values in conditions.items():
            for length in range(len(values[0]) + 1):
                yield from self._by_beginning.get((name, values[0][:length]), ())


_LITERAL = re.compile(r"[*?\[]")
"""Where the literal beginning of a pattern ends."""


@per_graph
def _rules(graph: Graph) -> Mapping[str, _Listener]:
    """The rules by their listeners. What is unknown of one is its own finding."""
    found: dict[str, _Listener] = {}
    for place, rule in enumerate(graph.of_type(LISTENER_RULE)):
        known = decided(lambda rule=rule: (required(asked_integer(rule, "priority")), _conditions(rule)))
        if not isinstance(known, Undecided):
            for key in references(graph, rule, LISTENER, "listenerArn").keys:
                listener = found.setdefault(key, _Listener())
                listener.add(_Known(place=place, rule=rule, priority=known[0], conditions=known[1]))
    return found


@policy(
    what="A target group holds the tasks of one service, and a listener sends requests to it.",
    why="Two services in one group answer each other's requests by turns; a group without a rule, or a rule to an empty one, answers 503.",
    severity="high",
    how_to_fix="Give each service a target group of its own, and a listener rule that forwards to it.",
    url=BALANCER_GUIDE + "load-balancer-target-groups.html",
    types=(TARGET_GROUP,),
    also=(SERVICE, TASK_SET, LISTENER, LISTENER_RULE, DEPLOYMENT_GROUP, TARGET_ATTACHMENT),
)
def target_group_one_service(stack: Stack, group: Resource) -> Iterator[Problem]:
    graph = stack.graph
    services = _in_it(graph, group)
    if len(services) > 1:
        yield Problem(f"the services {_listed(services)} are in it", "one service")
    routes = named_by(graph, group, LISTENER, "defaultActions") + named_by(graph, group, LISTENER_RULE, "actions")
    if services and not routes and graph.of_type(LISTENER, LISTENER_RULE):
        yield Problem(
            f"no listener or rule forwards to it, and {_listed(services)} waits there", "a rule that forwards to it"
        )
    if (
        routes
        and not services
        and _balanced(graph)
        and kind_of_targets(group) == "ip"
        and group.urn not in moved_to(graph)
        and not belonging(graph, group, TARGET_ATTACHMENT, "targetGroupArn")
    ):
        yield Problem(
            f"{_listed(routes)} forwards to it, and no service is in it", "the service's loadBalancers to name it"
        )


def _in_it(graph: Graph, group: Resource) -> tuple[Resource, ...]:
    """The services whose tasks are in a target group; what an external controller deploys are task sets, several of one service."""
    found = {service.urn: service for service in named_by(graph, group, SERVICE, "loadBalancers")}
    for task_set in named_by(graph, group, TASK_SET, "loadBalancers"):
        services = graph.held(references(graph, task_set, SERVICE, "service").keys) or (task_set,)
        found |= {service.urn: service for service in services}
    return tuple(found.values())


@per_graph
def _balanced(graph: Graph) -> bool:
    """Whether a service stands behind a load balancer."""
    return any(behind_load_balancer(service) for service in graph.of_type(SERVICE, TASK_SET))


def _listed(resources: Iterable[Resource]) -> str:
    return ", ".join(sorted(resource.name for resource in resources))
