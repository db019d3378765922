"""Security group rules in one form, whichever of the four ways a program writes them in, and what counts as the world."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from policies.resources.graph import Graph, Resource
from policies.resources.reading import (
    Absent,
    NotDecidedError,
    Undecided,
    decided,
    optional,
    read,
    read_integer,
    read_list,
    read_text,
    refuse,
    required,
)
from policies.resources.references import References, belonging, references
from policies.resources.requested import asked_list
from policies.resources.tokens import (
    DEFAULT_SECURITY_GROUP,
    EGRESS_RULE,
    INGRESS_RULE,
    PREFIX_LIST,
    PREFIX_LIST_ENTRY,
    SECURITY_GROUP,
    SECURITY_GROUP_RULE,
)

WIDEST_IPV4, WIDEST_IPV6 = 8, 32
"""Prefix lengths: nothing private is wider than 10.0.0.0/8; a public range wider than these is no single partner's."""

RULE_TYPES = frozenset({SECURITY_GROUP, SECURITY_GROUP_RULE, INGRESS_RULE, EGRESS_RULE, DEFAULT_SECURITY_GROUP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One way through a security group.

    resource: what declares it. groups: the group it opens. cidrs: as written. lists: its prefix lists. protocol: "tcp", "udp",
    "icmp" or "-1" for all. ports: lowest and highest, 0 to 65535 where the protocol has none.
    """

    resource: Resource
    groups: References
    ingress: bool
    cidrs: tuple[str, ...]
    lists: References
    protocol: str
    ports: tuple[int, int]

    def covers(self, port: int) -> bool:
        """Whether it lets that TCP port through."""
        return self.protocol in ("tcp", "-1") and self.ports[0] <= port <= self.ports[1]

    @property
    def shown(self) -> str:
        """Protocol and ports for people."""
        if self.protocol == "-1":
            return "every protocol and port"
        low, high = self.ports
        return f"{self.protocol} {low}" if low == high else f"{self.protocol} {low} to {high}"


def openings_of(graph: Graph, resource: Resource) -> tuple[Opening, ...]:
    """The rules that a resource of RULE_TYPES declares. Raises NotDecidedError where they cannot be read."""
    found = graph.once_of(resource, "openings", lambda: decided(lambda: tuple(_of(graph, resource))))
    if isinstance(found, Undecided):
        raise NotDecidedError(found)
    return found


def group_of(graph: Graph, resource: Resource) -> References:
    """The security groups that a resource of RULE_TYPES opens: itself, or what its rule names."""
    if resource.type in (SECURITY_GROUP, DEFAULT_SECURITY_GROUP):
        return References(keys=frozenset({resource.urn}))
    return references(graph, resource, SECURITY_GROUP, "securityGroupId")


def world_of(cidr: str) -> bool:
    """Whether a range is the world, or public and so wide that it may as well be. Raises NotDecidedError for no range."""
    network = _network(cidr)
    if network.version == 6:
        return network.prefixlen < WIDEST_IPV6 and not network.subnet_of(ipaddress.IPv6Network("fc00::/7"))
    return network.prefixlen < WIDEST_IPV4


def public(cidr: str) -> bool:
    """Whether a range reaches beyond the private ones. Raises NotDecidedError for no range."""
    return not _network(cidr).is_private


def _network(cidr: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        refuse("the address range", f'is "{cidr[:50]}", no IPv4 or IPv6 range')


def _of(graph: Graph, resource: Resource) -> Iterator[Opening]:
    groups = group_of(graph, resource)
    if resource.type in (SECURITY_GROUP, DEFAULT_SECURITY_GROUP):
        for direction in ("ingress", "egress"):
            for position in range(len(optional(asked_list(resource, direction), []))):
                yield _inline(graph, resource, groups, direction, position)
    elif resource.type == SECURITY_GROUP_RULE:
        direction = required(read_text(resource, "type"))
        if direction not in ("ingress", "egress"):
            refuse("type", "is neither ingress nor egress")
        cidrs = (*_texts(resource, "cidrBlocks"), *_texts(resource, "ipv6CidrBlocks"))
        lists = references(graph, resource, PREFIX_LIST, "prefixListIds")
        yield _opening(resource, groups, direction == "ingress", cidrs, lists, resource.props, "protocol")
    else:
        sources = (optional(read_text(resource, key), "") for key in ("cidrIpv4", "cidrIpv6"))
        cidrs = tuple(source for source in sources if source)
        lists = references(graph, resource, PREFIX_LIST, "prefixListId")
        yield _opening(resource, groups, resource.type == INGRESS_RULE, cidrs, lists, resource.props, "ipProtocol")


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
        entries = belonging(graph, held, PREFIX_LIST_ENTRY, "prefixListId")
        found += [required(read_text(held, "entries", position, "cidr")) for position in own]
        found += [required(read_text(entry, "cidr")) for entry in entries]
    return tuple(found)


def _inline(graph: Graph, resource: Resource, own: References, direction: str, position: int) -> Opening:
    where = f"{direction}[{position}]"
    item = required(read(resource, direction, position))
    if not isinstance(item, Mapping):
        refuse(where, "is no object")
    fields = cast("Mapping[str, object]", item)
    try:
        cidrs = (*_texts(fields, "cidrBlocks"), *_texts(fields, "ipv6CidrBlocks"))
        lists = references(graph, resource, PREFIX_LIST, direction, position, "prefixListIds")
        return _opening(resource, own, direction == "ingress", cidrs, lists, fields, "protocol")
    except NotDecidedError as error:
        raise NotDecidedError(replace(error.undecided, where=f"{where}.{error.undecided.where}")) from None


def _opening(
    resource: Resource,
    groups: References,
    ingress: bool,
    cidrs: tuple[str, ...],
    lists: References,
    fields: Mapping[str, object],
    protocol_key: str,
) -> Opening:
    found = required(read(fields, protocol_key))
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        found = str(required(read_integer(fields, protocol_key)))
    if not isinstance(found, str):
        refuse(protocol_key, "is neither a protocol's name nor its number")
    protocol = _protocol(found)
    every = protocol not in ("tcp", "udp")
    low = 0 if every else required(read_integer(fields, "fromPort"))
    high = 65_535 if every else required(read_integer(fields, "toPort"))
    if low > high:
        refuse("fromPort", f"is {low}, above toPort {high}")
    ports = (0, 65_535) if low < 0 else (low, high)  # -1 stands for all of them
    return Opening(
        resource=resource, groups=groups, ingress=ingress, cidrs=cidrs, lists=lists, protocol=protocol, ports=ports
    )


def _protocol(text: str) -> str:
    """Names for the numbers that AWS takes as well."""
    return {"6": "tcp", "17": "udp", "1": "icmp", "all": "-1"}.get(text.lower(), text.lower())


def _texts(source: Resource | Mapping[str, object], key: str) -> tuple[str, ...]:
    found = read_list(source, key)
    if isinstance(found, Absent):
        return ()
    return tuple(required(read_text(source, key, position)) for position in range(len(required(found))))
