"""Security group rules in one form, whichever of the four ways a program writes them in, and what counts as the world.

The one reader of them: what the budget takes for let in and what other policies refuse is read the same way.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from policies.facts.network.ranges import private
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Absent, NotDecidedError, Present, Step, Undecided, decided
from policies.resources.reading import optional, read, read_integer, read_list, read_text, refuse, required
from policies.resources.references import References, belonging, references
from policies.resources.requested import asked_list

WIDEST_IPV4, WIDEST_IPV6 = 8, 32
"""Prefix lengths: nothing private is wider than 10.0.0.0/8; a public range wider than these is no single partner's."""

ADMINISTRATION = (
    20, 21, 22, 23, 135, 445, 1433, 1434, 1521, 2375, 2376, 2379, 3306, 3389, 5432, 5601, 5900, 5985, 6379, 9200, 9300, 11211,
    27017, 33060,
)  # fmt: skip
"""FTP, SSH, Telnet, Windows, Docker, etcd, VNC, databases, caches and their consoles."""
RULE_TYPES = frozenset({
    tokens.SECURITY_GROUP, tokens.SECURITY_GROUP_RULE, tokens.INGRESS_RULE, tokens.EGRESS_RULE,
    tokens.DEFAULT_SECURITY_GROUP,
})  # fmt: skip
_EVERY_PORT = (0, 65_535)
_NUMBERS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}
"""Names for the numbers that AWS takes as well, and the word for every protocol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One way through a security group.

    resource: what declares it. groups: the group it opens. sources: security groups on the other side. cidrs: as written.
    lists: its prefix lists. protocol: "tcp", "udp", "icmp" or "-1" for all. ports: lowest and highest, 0 to 65535 where the
    protocol has none. undecided: what could not be read; then the rest is as wide as it may be. addresses: it may let in
    address ranges, written or not known. refused: what AWS refuses of its ports, in half a sentence; they are then read as they may
    be meant.
    """

    resource: Resource
    groups: References
    ingress: bool
    sources: References
    cidrs: tuple[str, ...]
    lists: References
    protocol: str
    ports: tuple[int, int]
    addresses: bool
    undecided: Undecided | None = None
    refused: str = ""

    def covers(self, port: int | None) -> bool:
        """Whether it lets that TCP port through; None: a port that is not known."""
        return self.protocol in ("tcp", "-1") and (port is None or self.ports[0] <= port <= self.ports[1])

    @property
    def shown(self) -> str:
        """Protocol and ports for people."""
        if self.protocol == "-1":
            return "every protocol and port"
        low, high = self.ports
        return f"{self.protocol} {low}" if low == high else f"{self.protocol} {low} to {high}"


def read_openings(graph: Graph) -> Mapping[str, tuple[Opening, ...]]:
    """By the URN of what declares them: the rules of the whole stack. What cannot be read of one is as wide as it may be."""
    return {resource.urn: tuple(_read(graph, resource)) for resource in graph.of_type(*sorted(RULE_TYPES))}


def read_whole(openings: tuple[Opening, ...]) -> tuple[Opening, ...]:
    """The same rules. Raises NotDecidedError where something of one could not be read, and it may be for addresses.

    Which ports a rule opens to security groups, such as a database's own, matters to nobody outside.
    """
    for opening in openings:
        if opening.undecided is not None and (opening.addresses or not opening.sources.keys):
            raise NotDecidedError(opening.undecided)
    return openings


def group_of(graph: Graph, resource: Resource) -> References:
    """The security groups that a resource of RULE_TYPES opens: itself, or what its rule names."""
    if resource.type in (tokens.SECURITY_GROUP, tokens.DEFAULT_SECURITY_GROUP):
        return References(keys=frozenset({resource.urn}))
    return references(graph, resource, tokens.SECURITY_GROUP, "securityGroupId")


def world_of(cidr: str) -> bool:
    """Whether a range is the world, or public and so wide that it may as well be. Raises NotDecidedError for no range."""
    network = _network(cidr)
    if network.version == 6:
        return network.prefixlen < WIDEST_IPV6 and not network.subnet_of(ipaddress.IPv6Network("fc00::/7"))
    return network.prefixlen < WIDEST_IPV4


def public(cidr: str) -> bool:
    """Whether a range reaches beyond the private ones. Raises NotDecidedError for no range."""
    network = _network(cidr)
    return not (network.is_private or (isinstance(network, ipaddress.IPv4Network) and private(network)))


def ranges_of(graph: Graph, opening: Opening, known: Iterable[str]) -> tuple[str, ...]:
    """The address ranges of a rule, those of the stack's prefix lists included.

    known: prefix lists outside the stack that the caller need not look into; any other raises NotDecidedError.
    """
    if opening.lists.undecided is not None:
        raise NotDecidedError(opening.lists.undecided)
    found = list(opening.cidrs)
    for key in sorted(opening.lists.keys):
        held = graph.get(key)
        if held is None:
            if key not in known:
                refuse(
                    "prefixListId", f"names {key[:60]}, whose ranges are not of this stack: declare it in prefixLists"
                )
            continue
        own = range(len(optional(asked_list(held, "entries"), [])))
        entries = belonging(graph, held, tokens.PREFIX_LIST_ENTRY, "prefixListId")
        found += [required(read_text(held, "entries", position, "cidr")) for position in own]
        found += [required(read_text(entry, "cidr")) for entry in entries]
    return tuple(found)


def _network(cidr: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        refuse("the address range", f'is "{cidr[:50]}", no IPv4 or IPv6 range')


def _read(graph: Graph, resource: Resource) -> Iterator[Opening]:
    if resource.type in (tokens.SECURITY_GROUP, tokens.DEFAULT_SECURITY_GROUP):
        yield from _inline(graph, resource, "ingress")
        yield from _inline(graph, resource, "egress")
    elif resource.type == tokens.SECURITY_GROUP_RULE:
        yield _older(graph, resource)
    else:
        yield _opening(
            graph,
            resource,
            ingress=resource.type == tokens.INGRESS_RULE,
            fields=resource.props,
            protocol="ipProtocol",
            ranges=("cidrIpv4", "cidrIpv6"),
            group=("referencedSecurityGroupId",),
            prefixes=("prefixListId",),
        )


def _older(graph: Graph, rule: Resource) -> Opening:
    """A rule of the type that knows its direction; one that is not known may be a way in."""
    direction = decided(lambda: required(read_text(rule, "type")))
    if not isinstance(direction, Undecided) and direction not in ("ingress", "egress"):
        direction = Undecided("type", "is neither ingress nor egress")
    found = _opening(
        graph,
        rule,
        ingress=direction != "egress",
        fields=rule.props,
        protocol="protocol",
        ranges=("cidrBlocks", "ipv6CidrBlocks"),
        group=("sourceSecurityGroupId",),
        prefixes=("prefixListIds",),
    )
    return replace(found, undecided=direction) if isinstance(direction, Undecided) else found


def _inline(graph: Graph, resource: Resource, direction: str) -> Iterator[Opening]:
    """The rules written inside a security group; where none is written AWS computes the list."""
    listed = asked_list(resource, direction)
    if isinstance(listed, Undecided):
        yield _wide(resource, direction, listed)
        return
    for position, item in enumerate(optional(listed, [])):
        where = f"{direction}[{position}]"
        if not isinstance(item, Mapping):
            found = decided(lambda position=position: required(read(resource, direction, position)))
            yield _wide(
                resource, direction, found if isinstance(found, Undecided) else Undecided(where, "is not an object")
            )
            continue
        opening = _opening(
            graph,
            resource,
            ingress=direction == "ingress",
            fields=cast("Mapping[str, object]", item),
            protocol="protocol",
            ranges=("cidrBlocks", "ipv6CidrBlocks"),
            group=(direction, position, "securityGroups"),
            prefixes=(direction, position, "prefixListIds"),
        )
        if opening.undecided is not None:
            opening = replace(opening, undecided=replace(opening.undecided, where=f"{where}.{opening.undecided.where}"))
        yield opening


def _wide(group: Resource, direction: str, undecided: Undecided) -> Opening:
    nothing = References()
    return Opening(
        resource=group,
        groups=References(keys=frozenset({group.urn})),
        ingress=direction == "ingress",
        sources=nothing,
        cidrs=(),
        lists=nothing,
        protocol="-1",
        ports=_EVERY_PORT,
        addresses=True,
        undecided=undecided,
    )


def _opening(
    graph: Graph,
    resource: Resource,
    *,
    ingress: bool,
    fields: Mapping[str, object],
    protocol: str,
    ranges: tuple[str, ...],
    group: tuple[Step, ...],
    prefixes: tuple[Step, ...],
) -> Opening:
    groups = group_of(graph, resource)
    sources = references(graph, resource, tokens.SECURITY_GROUP, *group)
    if read(fields, "self") not in (Absent("self"), Present(False)):
        sources = replace(sources, keys=sources.keys | groups.keys)
    lists = references(graph, resource, tokens.PREFIX_LIST, *prefixes)
    cidrs = decided(lambda: tuple(text for key in ranges for text in _texts(fields, key)))
    form = decided(lambda: _protocol_and_ports(fields, protocol))
    undecided = next((found for found in (cidrs, form) if isinstance(found, Undecided)), None)
    name, ports, refused = ("-1", _EVERY_PORT, "") if isinstance(form, Undecided) else form
    return Opening(
        resource=resource,
        groups=groups,
        ingress=ingress,
        sources=sources,
        cidrs=() if isinstance(cidrs, Undecided) else cidrs,
        lists=lists,
        protocol=name,
        ports=ports,
        addresses=bool(cidrs or lists.keys or lists.undecided),
        undecided=undecided,
        refused=refused,
    )


def _protocol_and_ports(fields: Mapping[str, object], key: str) -> tuple[str, tuple[int, int], str]:
    found = required(read(fields, key))
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        found = str(required(read_integer(fields, key)))
    if not isinstance(found, str):
        refuse(key, "is neither a protocol's name nor its number")
    protocol = _NUMBERS.get(found.lower(), found.lower())
    if protocol not in ("tcp", "udp"):
        return protocol, _EVERY_PORT, ""
    low, high = required(read_integer(fields, "fromPort")), required(read_integer(fields, "toPort"))
    if low > high:
        return protocol, (high, low) if high >= 0 else _EVERY_PORT, f"fromPort is {low}, above toPort {high}"
    beyond = f"toPort is {high}" if high > _EVERY_PORT[1] else ""
    return protocol, _EVERY_PORT if low < 0 else (low, high), beyond  # -1 stands for all of them


def _texts(fields: Mapping[str, object], key: str) -> tuple[str, ...]:
    """The texts of a list; of a property for a single range, that one."""
    if key in ("cidrIpv4", "cidrIpv6"):
        text = optional(read_text(fields, key), "")
        return (text,) if text else ()
    return tuple(required(read_text(fields, key, at)) for at in range(len(optional(read_list(fields, key), []))))
