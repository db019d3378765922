"""The policy `service-connect-contract`: every address a container is given is one that Service Connect serves to it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from policies.budget.declarations import ONE_OFF_TAG
from policies.facts.ecs.container_addresses import Address, Text, addresses_in, made_later, texts_of
from policies.facts.ecs.namespaces import hosts_in_dns, namespace_names
from policies.facts.ecs.service_connect import Endpoint, Member, Mesh, Served
from policies.facts.ecs.task_runs import Run
from policies.facts.facts import Facts
from policies.facts.finding import Finding
from policies.facts.likeness import likest, nearest
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import NotDecidedError, Present, Undecided
from policies.resources.reading import read, read_text
from policies.resources.tokens import CLIENT_SIDE, CLOUD_MAP_SERVICE, CLUSTER, DNS_RECORD, DNS_ZONE, NAMESPACES, SERVICE
from policies.resources.urns import type_and_name
from policies.rules.rule import Stack, stack_policy

STAGES = ("dev", "prd")
"""The stages whose names say in a namespace whose it is."""
_OF_THE_TASK = frozenset({"localhost", "ip6-localhost"})
_NEAR = 0.8
"""Likeness (difflib) from which a domain counts as a namespace that was misspelt or taken from another stage."""


@stack_policy(
    what="Every address a container is given is one that Service Connect serves it: name, port and namespace of the same stage.",
    why="A name that nobody serves fails at the first request and not at the deployment; a namespace of another stage reaches "
    "that stage's services, with its data.",
    severity="high",
    how_to_fix="Write http://<name>.<namespace>:<port> of a service of the same namespace; the message names the nearest one.",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts.html",
    types=CLIENT_SIDE | {*NAMESPACES, CLOUD_MAP_SERVICE, CLUSTER, DNS_RECORD, DNS_ZONE},
)
def service_connect_contract(stack: Stack) -> Iterator[Finding]:
    facts, mesh = stack.facts, stack.facts.mesh
    yield from mesh.lost.values()
    yield from _namespaces(facts.graph, mesh, stack.stage)
    private = _private_names(facts.graph)
    for run in facts.runs:
        for definition in run.definitions:
            try:
                yield from _run_findings(facts, mesh, run, definition, private)
            except NotDecidedError as error:
                yield Finding.unread(definition.urn, run.name, error.undecided.of(definition))


def _namespaces(graph: Graph, mesh: Mesh, stage: str) -> Iterator[Finding]:
    own = set(namespace_names(graph))
    for member in mesh.members.values():
        others = set(re.split(r"[^a-z0-9]+", member.namespace.lower())) & ({*STAGES} - {stage})
        if others and stage in STAGES:
            yield Finding.of(
                member.urn,
                member.name,
                f"its Service Connect namespace is {member.namespace}, which is {_listed(others)}'s, and the stack is {stage}",
                required="a namespace of the same stage, else its tasks call the other stage's services",
                fix=f"Set serviceConnectConfiguration.namespace to {_listed(own) or f'the namespace of {stage}'}.",
            )
        elif own and member.namespace not in own:
            yield Finding.of(
                member.urn,
                member.name,
                f"its Service Connect namespace is {member.namespace}, and the stack's own is {_listed(own)}",
                required="one of the stack's namespaces, where the services it calls are",
                fix=f"Set serviceConnectConfiguration.namespace to {nearest(member.namespace, own)}.",
            )


def _private_names(graph: Graph) -> frozenset[str]:
    """Names that the stack's DNS answers, such as the database's."""
    names = (read_text(resource, "name") for resource in graph.of_type(DNS_RECORD, DNS_ZONE))
    known = {name.value for name in names if isinstance(name, Present)}
    return frozenset(name.lower().rstrip(".") for name in (*known, *hosts_in_dns(graph)))


def _run_findings(
    facts: Facts, mesh: Mesh, run: Run, definition: Resource, private: frozenset[str]
) -> Iterator[Finding]:
    if run.resource.urn in mesh.lost:
        return
    member = mesh.members.get(run.resource.urn)
    for container, texts in facts.by_container(definition, texts_of).items():
        for text in texts:
            where = f'{text.where} of container "{container}"'
            if made_later(text):
                yield Finding.of(
                    run.resource.urn,
                    run.name,
                    f"{where} passes requests to an address that only a variable of Nginx holds, so nothing can be said about "
                    "it before it runs",
                    required="addresses in full",
                    fix="Write the name and the port after proxy_pass.",
                )
            yield from _text_findings(mesh, run, member, text, where, private)


def _text_findings(
    mesh: Mesh, run: Run, member: Member | None, text: Text, where: str, private: frozenset[str]
) -> Iterator[Finding]:
    for address in addresses_in(text):
        if not _is_of_the_mesh(address, mesh, private):
            continue
        problem = _problem(address, mesh, run, member)
        if problem is None:
            continue
        found, needed, fix = problem
        if mesh.lost and address.host not in mesh.served().by_host:
            unread = ", ".join(sorted(type_and_name(urn)[1] for urn in mesh.lost))
            found = f"undecided: nobody who is known serves that name, and what {unread} serves is not known"
            needed, fix = "that it is", "Its own message says what is missing."
        where_it_is = f"{where} is {address}, and {found}"
        yield Finding.of(run.resource.urn, run.name, where_it_is, required=needed, fix=fix)


def _is_of_the_mesh(address: Address, mesh: Mesh, private: frozenset[str]) -> bool:
    """Whether an address can only be meant for Service Connect: no public name, no name of the stack's DNS, not the task."""
    host = address.host
    if host in _OF_THE_TASK or re.fullmatch(r"[0-9.]+", host):
        return False
    if host in mesh.served().by_host:
        return True
    if any(host == name or host.endswith(f".{name}") for name in private):
        return False
    first, _, domain = host.partition(".")
    if not domain:
        return address.scheme != "" and bool(first)
    namespaces = mesh.namespaces
    if domain in namespaces or difflib.get_close_matches(domain, namespaces, n=1, cutoff=_NEAR):
        return True
    last = domain.rpartition(".")[2]
    # Top-level domains are letters, or begin with xn-- (RFC 3696, section 2): anything else is no public name.
    return address.scheme != "" and not last.isalpha() and not last.startswith("xn--")


def _problem(address: Address, mesh: Mesh, run: Run, member: Member | None) -> tuple[str, str, str] | None:
    """(found, required, how to fix it) of an address, None where it is served."""
    if member is None:
        return _outsider(address, mesh, run)
    served = mesh.served(member.namespace)
    at_host = served.by_host.get(address.host, [])
    match = next((endpoint for endpoint in at_host if address.port in (None, endpoint.port)), None)
    if match is not None:
        return None if address.encrypted in (None, match.encrypted) else _scheme_problem(address, match)
    right = _nearest(address, served)
    if at_host:
        ports = _listed({str(endpoint.port) for endpoint in at_host})
        found = f"{at_host[0].service} serves port {ports} there, not {address.port}"
        needed = "a port that is served"
    else:
        found = _where_it_is(address, mesh, member)
        needed = f"a name that a service of {member.namespace} serves; Service Connect gives a task no other"
    return found, needed, _use(address, right, member)


def _where_it_is(address: Address, mesh: Mesh, member: Member) -> str:
    domain = address.host.partition(".")[2]
    elsewhere = next(iter(mesh.served().by_host.get(address.host, ())), None)
    if elsewhere is not None:
        return f"that is in the namespace {elsewhere.namespace}, while {member.name} takes part in {member.namespace}"
    if domain and domain != member.namespace.lower():
        return f"{domain} is not {member.namespace}, the namespace in which {member.name} takes part"
    return "nobody serves that name"


def _use(address: Address, right: Endpoint | None, member: Member) -> str:
    if right is None:
        return f"No service of {member.namespace} serves anything: give the one meant a port in Service Connect."
    nearest = right.address if address.scheme else f"{right.host}:{right.port}"
    return f"Use {nearest}, served by {right.service}."


def _outsider(address: Address, mesh: Mesh, run: Run) -> tuple[str, str, str]:
    if isinstance(tag := read(run.resource, "tags", ONE_OFF_TAG), Undecided):
        raise NotDecidedError(tag)  # only that tag says that somebody starts it by hand
    right = _nearest(address, mesh.served())
    whose = f" (the nearest is {right.address})" if right is not None else ""
    if run.resource.type == SERVICE:
        return (
            f"{run.name} takes no part in Service Connect, so the name means nothing to its tasks",
            f"a service that takes part, as a client at least{whose}",
            "Set serviceConnectConfiguration.enabled and its namespace.",
        )
    return (
        f"{run.name} runs without a service: Service Connect gives its names to tasks of services only",
        f"an address that every task can reach{whose}",
        "Call it through the load balancer's public name, or make the caller a service.",
    )


def _scheme_problem(address: Address, match: Endpoint) -> tuple[str, str, str]:
    needed = "with TLS" if match.encrypted else "without TLS"
    return f"{match.service} serves it {needed}", "the scheme that is served", f"Use {match.address}."


def _nearest(address: Address, served: Served) -> Endpoint | None:
    """The endpoint most likely meant: the same host, then the same first label, then the likest name; nearest port first."""
    label = address.host.partition(".")[0]
    found = served.by_host.get(address.host) or served.by_label.get(label)
    if found is None and served.endpoints:
        found = [endpoint for first in likest(label, served.by_label.keys()) for endpoint in served.by_label[first]]

    def unlikeness(endpoint: Endpoint) -> tuple[bool, int, str]:
        first = endpoint.host.partition(".")[0]
        return (first != label, abs(endpoint.port - (address.port or endpoint.port)), endpoint.host)

    return min(found, key=unlikeness) if found else None


def _listed(names: set[str] | Mapping[str, object]) -> str:
    return ", ".join(sorted(names))
