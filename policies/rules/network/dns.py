"""Policies about DNS: names of the inside stay inside, and what may move is not remembered for long."""

from __future__ import annotations

from collections.abc import Iterator

from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present
from policies.resources.reading import holds_none, optional, read_list, read_text
from policies.resources.requested import asked_integer, asked_list, asked_text
from policies.resources.tokens import DNS_RECORD, DNS_ZONE, LOAD_BALANCER
from policies.rules.policy import setting
from policies.rules.rule import Problem, Stack, about, policy

_DNS = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
_INSIDE = (".internal", ".local", ".lan", ".private", ".corp", ".intranet")


@policy(
    what="A zone with a name of the inside is a private one, of a VPC.",
    why="A public zone publishes every host of the platform, and answers nobody inside.",
    severity="high",
    how_to_fix="Set vpcs of the zone to the VPC.",
    url=_DNS + "hosted-zones-private.html",
    types=(DNS_ZONE,),
)
def private_zone(_: Stack, zone: Resource) -> Iterator[Problem]:
    name = read_text(zone, "name")
    inside = isinstance(name, Present) and f".{name.value.rstrip('.').lower()}".endswith(_INSIDE)
    vpcs = asked_list(zone, "vpcs")
    if inside and (isinstance(vpcs, Absent) or vpcs == Present([])):
        yield Problem(
            f"it has no vpcs, and is called {name.value[:80] if isinstance(name, Present) else ''}", "the VPC"
        )


@policy(
    what="An alias asks a load balancer for the kind of addresses that it has, and IPv4 clients find one.",
    why="An AAAA record of a load balancer without IPv6 answers nobody, and no A record beside it leaves most clients without a name.",
    severity="medium",
    how_to_fix="Set type A, and AAAA beside it where ipAddressType is dualstack.",
    url=_DNS + "routing-to-elb-load-balancer.html",
    types=(DNS_RECORD,),
    also=(LOAD_BALANCER,),
)
def alias_of_its_kind(stack: Stack, record: Resource) -> Iterator[Problem]:
    kind = read_text(record, "type")
    if kind != Present("AAAA") or holds_none(read_list(record, "aliases")):
        return
    for urn in record.property_dependencies.get("aliases", ()):
        balancer = stack.graph.get(urn)
        if balancer is not None and balancer.type == LOAD_BALANCER:
            with about(balancer):
                addresses = optional(asked_text(balancer, "ipAddressType"), "ipv4")
            if not addresses.startswith("dualstack"):
                yield Problem(f"it asks {balancer.name} for IPv6 addresses, which has {addresses[:20]} ones", "type A")


@policy(
    what="A record is not remembered longer than a failover may take.",
    why="Until its time is over every client goes on to the address that failed.",
    severity="low",
    how_to_fix="Set ttl to 60 to 300 seconds.",
    url=_DNS + "best-practices-dns.html",
    settings=(
        setting("maximumSeconds", 300, "Seconds that an address or alias of the platform is remembered at most."),
    ),
    types=(DNS_RECORD,),
)
def record_short_lived(stack: Stack, record: Resource) -> Iterator[Problem]:
    kind = read_text(record, "type")
    if isinstance(kind, Present) and kind.value not in ("A", "AAAA", "CNAME"):
        return
    if not holds_none(read_list(record, "aliases")):
        return  # AWS chooses
    seconds = asked_integer(record, "ttl")
    if isinstance(seconds, Present) and seconds.value > stack.number("maximumSeconds"):
        yield Problem(f"ttl is {seconds.value} s", f"at most {stack.number('maximumSeconds')} s")
