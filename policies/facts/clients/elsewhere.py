"""Clients of a database that are of no resource of the stack: its security groups let in a group, a range or a list of somewhere else,
or its Data API takes statements from whoever has the right (Amazon Aurora User Guide, Using the Amazon RDS Data API).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from policies.budget.declarations import ELSEWHERE_TAG
from policies.budget.demand import DeclaredClients, Workload
from policies.budget.words import joined
from policies.facts.clients.workloads import Client
from policies.facts.database.databases import Database, budget_is_undecided
from policies.facts.ecs.containers import read_tag
from policies.facts.ecs.task_runs import Run
from policies.facts.finding import Finding, Reason
from policies.facts.network.security_groups import Opening, ranges_of
from policies.facts.stack import StackFacts
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Present, Undecided, decided
from policies.resources.reading import read_text
from policies.resources.references import ids_known, references
from policies.resources.requested import asked_flag

_SHOWN = 4
_NATIVE_RULE = "aws-native:ec2:SecurityGroupIngress"
_OWN_RANGES = (
    (tokens.VPC, ("cidrBlock", "ipv6CidrBlock")),
    (tokens.SUBNET, ("cidrBlock", "ipv6CidrBlock")),
    (tokens.VPC_RANGE, ("cidrBlock",)),
)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def clients_elsewhere(facts: StackFacts) -> Iterator[Client]:
    """By database that the stack manages: what clients elsewhere open, as its tag declares it, or that nothing declares it."""
    for database in facts.databases:
        resource = facts.graph.get(database.urn)
        if resource is None or resource.type == tokens.DATABASE_COMPONENT:
            continue  # of an existing database the reserve is declared
        declared = decided(lambda resource=resource: read_tag(resource, ELSEWHERE_TAG, least=0))
        run = Run(name=f"elsewhere, into {database.name}", resource=resource)
        if isinstance(declared, int):
            if declared:
                workload = Workload(name=run.name, limit=declared, tasks=DeclaredClients())
                yield Client(run=run, databases=(database,), workload=workload, findings=())
            continue
        unread = declared.of(resource) if isinstance(declared, Undecided) else ""
        if why := Reason(unread) if unread else _why(facts, database):
            reason = why._replace(found=budget_is_undecided(why.found))
            finding = Finding(resource.urn, f"{database.name}: {reason}.", True, reason.parts(), unread)
            yield Client(run=run, databases=(database,), workload=None, findings=(finding,))


def _why(facts: StackFacts, database: Database) -> Reason | None:
    """What its security groups let in of somewhere else, and what to declare; None where they let in nothing of that kind."""
    strays = sorted(database.security_groups.strays)
    if strays and ids_known(facts.graph, tokens.SECURITY_GROUP):
        which = (
            f"group {strays[0][:60]} is" if len(strays) == 1 else f"groups {joined([key[:60] for key in strays])} are"
        )
        return Reason(
            f"its security {which} none of this stack, so whom else {'it lets' if len(strays) == 1 else 'they let'} in is not known",
            f'declare the most connections that all clients outside this stack open at once in its tag "{ELSEWHERE_TAG}", 0 for none',
        )
    if not database.security_groups.keys and database.security_groups.undecided is None and not strays:
        return Reason(
            "it names no security group and so is in the VPC's default one, and whom that lets in is not known",
            f"give it a group of this stack (vpcSecurityGroupIds), or declare the most connections that all clients outside this "
            f'stack open at once in its tag "{ELSEWHERE_TAG}", 0 for none',
        )
    resource = facts.graph.get(database.urn)
    if resource is not None and asked_flag(resource, "enableHttpEndpoint") == Present(True):
        return Reason(
            "its Data API is on (enableHttpEndpoint), by which connections are opened past its security groups",
            f'declare the most connections that clients outside this stack and the Data API open at once in its tag "{ELSEWHERE_TAG}", '
            "0 for none",
        )
    for rule in facts.graph.of_type(_NATIVE_RULE):
        opened = references(facts.graph, rule, tokens.SECURITY_GROUP, "groupId")
        if opened.undecided is not None or opened.keys & database.security_groups.keys:
            return Reason(
                f"its security groups let in what {rule.name} says, which is of aws-native and not read here",
                f"write it as aws.vpc.SecurityGroupIngressRule, or declare the most connections that its clients open at once in the tag "
                f'"{ELSEWHERE_TAG}", 0 for none',
            )
    own = tuple(_own_ranges(facts.graph))
    found = dict[str, bool](text for one in _open_to(facts, database) for text in _outside(facts.graph, one, own))
    if not found:
        return None
    more = [f"{len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    where = (
        f"which {'is' if len(found) == 1 else 'are'} not of this stack"
        if all(found.values())
        else "which may be of another stack"
    )
    return Reason(
        f"its security groups let in {joined([*list(found)[:_SHOWN], *more])}, {where}",
        f'declare the most connections that all clients there open at once in its tag "{ELSEWHERE_TAG}", 0 for none',
    )


def _open_to(facts: StackFacts, database: Database) -> Iterator[Opening]:
    for opening in facts.passages.of(database.security_groups.keys, ingress=True).openings:
        if opening.covers(database.port):
            yield opening


def _outside(graph: Graph, opening: Opening, own: tuple[Network, ...]) -> Iterator[tuple[str, bool]]:
    """(what one rule lets in that is no group, and in no network, of the stack; whether that is known)."""
    if opening.undecided is not None and opening.addresses and not (opening.cidrs or opening.lists.keys):
        # Unread ports matter to nobody elsewhere.
        yield f"what cannot be read ({opening.undecided.of(opening.resource)})", False
        return
    for group in sorted(opening.sources.strays):
        yield f"the security group {group[:60]}", True
    if opening.sources.undecided is not None:
        yield f"a security group that is not known ({opening.sources.undecided.of(opening.resource)})", False
    for key in sorted(key for key in opening.lists.keys if graph.get(key) is None):
        yield f"the prefix list {key[:60]}", True
    # A list whose entries cannot be read may hold any range.
    ranges = decided(lambda: ranges_of(graph, opening, opening.lists.keys))
    if isinstance(ranges, Undecided):
        yield f"a prefix list that is not known ({ranges.of(opening.resource)})", False
        return
    for text in ranges:
        network = _network(text)
        if network is None or not any(_within(network, held) for held in own):
            yield f"the range {text[:50]}", True


def _own_ranges(graph: Graph) -> Iterator[Network]:
    for kind, keys in _OWN_RANGES:
        for resource in graph.of_type(kind):
            yield from _ranges(resource, keys)


def _ranges(resource: Resource, keys: tuple[str, ...]) -> Iterator[Network]:
    for key in keys:
        text = read_text(resource, key)
        if isinstance(text, Present) and (network := _network(text.value)) is not None:
            yield network


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _within(network: Network, held: Network) -> bool:
    return network.version == held.version and network.subnet_of(held)  # type: ignore[arg-type]
