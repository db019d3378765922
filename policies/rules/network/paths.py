"""The policy `path-open`: security groups let through what the stack itself sends: to services, databases and images."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from policies.facts.network.passages import Rules
from policies.facts.network.ranges import private
from policies.facts.network.security_groups import RULE_TYPES, Opening
from policies.facts.network.subnets import subnets_of
from policies.facts.network.target_group_terms import check_port
from policies.facts.network.target_groups import naming, targets_of
from policies.facts.network.ways_out import interfaces_of, vpcs_of
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Absent, Present, Undecided, decided
from policies.resources.reading import optional, read, read_text, text_or
from policies.resources.references import references
from policies.resources.requested import asked_integer
from policies.rules.rule import Problem, Stack, policy


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a path: the security groups of a resource, with the networks that their members' addresses are of."""

    name: str
    groups: frozenset[str]


def _end(graph: Graph, resource: Resource, *path: str) -> _End | None:
    """None where a group is of another stack or not known, so that its rules cannot be seen."""
    found = references(graph, resource, tokens.SECURITY_GROUP, *path)
    if (
        found.undecided is not None
        or found.strays
        or not found.keys
        or any(graph.get(key) is None for key in found.keys)
    ):
        return None
    return _End(resource.name, found.keys)


def _rules(stack: Stack, groups: frozenset[str], *, ingress: bool) -> Rules:
    return stack.facts.passages.of(groups, ingress=ingress)


def _cut(stack: Stack, source: _End, target: _End, port: int) -> str:
    """What is closed on the way, as half a sentence; empty where nothing is.

    A group of the program's own lets nothing out that no rule lets out: the provider takes away the rule that AWS makes.
    """
    if not _rules(stack, target.groups, ingress=True).let(source.groups, port):
        return f"the security groups of {target.name} do not let {source.name} in on port {port}"
    if not _rules(stack, source.groups, ingress=False).let(target.groups, port):
        return f"the security groups of {source.name} do not let it out to {target.name} on port {port}"
    return ""


@policy(
    what="Security groups let through what the stack sends itself: to its services, database and images.",
    why="A connection that a group drops ends in a timeout, minutes later, in an application that is not at fault.",
    severity="high",
    how_to_fix="Add the ingress rule to the group of what is called, and the egress rule to the group of what calls.",
    url="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    types=(tokens.SERVICE, tokens.TASK_SET, tokens.SCHEDULE, tokens.LISTENER),
    also=(
        *RULE_TYPES,
        tokens.LOAD_BALANCER,
        tokens.LISTENER_RULE,
        tokens.TARGET_GROUP,
        tokens.DB_INSTANCE,
        tokens.VPC_ENDPOINT,
    ),
)
def path_open(stack: Stack, resource: Resource) -> Iterator[Problem]:
    if resource.type == tokens.LISTENER:
        yield from _listener(stack, resource)
        return
    network = (
        ("target", "ecsParameters", "networkConfiguration")
        if resource.type == tokens.SCHEDULE
        else ("networkConfiguration",)
    )
    if isinstance(read(resource, *network), Absent):
        return
    own = _end(stack.graph, resource, *network, "securityGroups")
    if own is None:
        return
    ways = [*_to_database(stack, resource, own), *_to_endpoints(stack, resource, own, network)]
    if resource.type != tokens.SCHEDULE:
        ways += _from_balancers(stack, resource, own)
    if resource.type == tokens.SERVICE:
        ways += _to_services(stack, resource, own)
    out = _rules(stack, own.groups, ingress=False)
    by_endpoints = _interfaces(stack.graph) and any(rule.covers(443) and rule.cidrs for rule in out.openings)
    if not out.let(None, 443) and not by_endpoints:
        ways.append("its security groups let nothing out on port 443, by which images, secrets and logs are reached")
    for way in dict.fromkeys(filter(None, ways)):
        yield Problem(way, "a rule for it")


@per_graph
def _interfaces(graph: Graph) -> bool:
    """Whether AWS's services have addresses in the network: a gateway endpoint, of S3 or DynamoDB, gives them none."""
    return any(read(item, "vpcEndpointType") == Present("Interface") for item in graph.of_type(tokens.VPC_ENDPOINT))


def _listener(stack: Stack, listener: Resource) -> Iterator[Problem]:
    port = optional(asked_integer(listener, "port"), 0)
    for balancer in stack.graph.held(references(stack.graph, listener, tokens.LOAD_BALANCER, "loadBalancerArn").keys):
        if not port:
            continue
        end = _end(stack.graph, balancer, "securityGroups")
        if end is None:
            continue
        openings = _rules(stack, end.groups, ingress=True).openings
        rules = [rule for rule in openings if rule.covers(port) or rule.undecided]
        if not rules:
            yield Problem(
                f"the security groups of {balancer.name} let nobody in on port {port}", "an ingress rule for it"
            )
        elif read(balancer, "internal") == Present(False) and all(_inside(rule) for rule in rules):
            yield Problem(
                f"{balancer.name} is for the internet, and its security groups let in private ranges alone on port {port}",
                "its clients' addresses, or internal true",
            )


def _inside(rule: Opening) -> bool:
    """Whether a rule is for private address ranges alone."""
    named = rule.undecided or rule.sources.keys or rule.sources.undecided or rule.lists.keys or rule.lists.undecided
    return not named and bool(rule.cidrs) and all(_private(cidr) for cidr in rule.cidrs)


def _private(cidr: str) -> bool:
    try:
        return private(ipaddress.IPv4Network(cidr, strict=False))
    except ValueError:
        return False


@per_graph
def _balancers(graph: Graph) -> Mapping[str, _End]:
    """The load balancers whose groups are of the stack, by their URNs."""
    ends = {item.urn: _end(graph, item, "securityGroups") for item in graph.of_type(tokens.LOAD_BALANCER)}
    return {urn: end for urn, end in ends.items() if end is not None}


def _sending(graph: Graph, groups: Iterable[str]) -> list[_End]:
    """The load balancers that send requests to target groups; the only one of the stack where no listener says so."""
    listeners = naming(graph, tokens.LISTENER, "defaultActions").by_group
    rules = naming(graph, tokens.LISTENER_RULE, "actions").by_group
    found: set[str] = set()
    for group in groups:
        ruled = {
            key for rule in rules.get(group, ()) for key in references(graph, rule, tokens.LISTENER, "listenerArn").keys
        }
        for listener in (*listeners.get(group, ()), *graph.held(ruled)):
            found |= references(graph, listener, tokens.LOAD_BALANCER, "loadBalancerArn").keys
    ends = _balancers(graph)
    if not found:
        return [*ends.values()] if len(ends) == 1 else []
    return [ends[urn] for urn in sorted(found) if urn in ends]


def _from_balancers(stack: Stack, service: Resource, own: _End) -> Iterator[str]:
    found = decided(lambda: targets_of(stack.graph, service, "loadBalancers"))
    if isinstance(found, Undecided) or not found:
        return
    balanced, senders = stack.facts.balanced(service), _sending(stack.graph, found)
    if len(balanced) > 1 and len(senders) > 1:
        return  # which of them sends to which port is not known before their target groups are made
    # What is unknown of a health check, health-check-port says.
    asked = [decided(lambda group=group: check_port(group)) for group in stack.graph.held(found)]
    checked = [int(port) for port in asked if isinstance(port, str) and re.fullmatch(r"[0-9]{1,5}", port)]
    ports = [*(held.port for held in balanced), *checked]
    for port in dict.fromkeys(ports):
        for sender in senders:
            yield _cut(stack, sender, own, port)


def _to_database(stack: Stack, resource: Resource, own: _End) -> Iterator[str]:
    """To each database of the stack whose host a container is given."""
    for database in stack.facts.databases:
        target = stack.graph.get(database.urn)
        if target is None or database.port is None or target.type not in (tokens.DB_INSTANCE, tokens.DB_CLUSTER):
            continue
        end = _end(stack.graph, target, "vpcSecurityGroupIds")
        if end is None:
            continue
        # What is unknown of a definition, other policies say.
        given = decided(lambda: _given(stack, resource))
        if not isinstance(given, Undecided) and any(host in text for host in database.hosts for text in given):
            yield _cut(stack, own, _End(database.name, end.groups), database.port)


def _to_endpoints(stack: Stack, resource: Resource, own: _End, network: tuple[str, ...]) -> Iterator[str]:
    """To each endpoint that has the name of a service of AWS by which a task starts: the way past it is closed."""
    # What is unknown of subnets and definitions, other policies say.
    subnets = decided(lambda: subnets_of(stack.graph, resource, *network, "subnets"))
    needed = decided(lambda: frozenset(_needed(stack, resource)))
    if isinstance(subnets, Undecided) or isinstance(needed, Undecided):
        return
    for vpc in sorted(vpcs_of(stack.graph, subnets) or ()):
        for service, endpoint in sorted(interfaces_of(stack.graph, vpc).items()):
            end = _end(stack.graph, endpoint, "securityGroupIds") if service in needed else None
            if end is not None:
                yield _cut(stack, own, end, 443)


def _needed(stack: Stack, resource: Resource) -> Iterator[str]:
    """The services of AWS that ECS calls from the task's network when it starts one: for images, secrets and logs."""
    definitions = stack.facts.definitions_of(resource)
    for document in (held for definition in definitions for held in stack.facts.documents(definition)):
        if ".dkr.ecr." in str(document.get("image")):
            yield from ("ecr.api", "ecr.dkr")
        if text_or(read_text(document, "logConfiguration", "logDriver"), "") == "awslogs":
            yield "logs"
    for source in (
        source
        for definition in definitions
        for container in stack.facts.containers(definition)
        for source in container.secrets.values()
    ):
        yield "secretsmanager" if ":secretsmanager:" in source else "ssm"


def _given(stack: Stack, resource: Resource) -> frozenset[str]:
    """The values that something's containers are given as plain variables, in lower case."""
    return frozenset(
        value.lower()
        for definition in stack.facts.definitions_of(resource)
        for container in stack.facts.containers(definition)
        for value in container.environment.values()
        if value
    )


def _to_services(stack: Stack, service: Resource, own: _End) -> Iterator[str]:
    called = decided(lambda: stack.facts.calls.of(service))
    for endpoint in called if not isinstance(called, Undecided) else ():
        other = stack.graph.get(endpoint.urn)
        end = _end(stack.graph, other, "networkConfiguration", "securityGroups") if other is not None else None
        # A client's alias may have another port than the container, which its Service Connect proxy then calls.
        if end is not None:
            yield _cut(stack, own, end, endpoint.container_port)
