"""Whom the security groups of each database let in: groups, and address ranges, in which a workload may be or cannot be.

What comes from a network has one of its addresses; only towards a public range its address is a gateway's, which nothing here says.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from policies.facts.database.databases import Database
from policies.facts.network.ranges import private
from policies.facts.network.security_groups import Opening, ranges_of
from policies.facts.network.subnets import vpc_ranges
from policies.resources.graph import Graph
from policies.resources.outcomes import Undecided, decided
from policies.resources.references import References, references
from policies.resources.tokens import SECURITY_GROUP, VPC

_Range = ipaddress.IPv4Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What a database's security groups let in. everyone: addresses that may be any workload's. ranges: private ones, of which it
    is known whose they may be."""

    groups: frozenset[str]
    everyone: bool
    ranges: tuple[_Range, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The databases of the stack, and by URN the door of each. networks: by security group the ranges of its network, if they are known."""

    databases: tuple[Database, ...]
    doors: Mapping[str, Door]
    networks: Mapping[str, Sequence[_Range]] = field(default_factory=dict[str, Sequence[_Range]])

    def let_in(self, groups: References) -> tuple[Database, ...]:
        """The databases whose security groups let one of these groups in, or addresses that may be theirs."""
        return tuple(database for database in self.databases if self._admits(database, groups))

    def _admits(self, database: Database, groups: References) -> bool:
        door = self.doors[database.urn]
        return door.everyone or bool(door.groups & groups.keys) or self._within(door.ranges, groups)

    def _within(self, ranges: tuple[_Range, ...], groups: References) -> bool:
        """Whether what stands in groups may have an address of these ranges."""
        own = [self.networks.get(key) for key in groups.keys]
        if not ranges or groups.undecided is not None or not own:
            return bool(ranges)
        return any(not held or any(one.overlaps(other) for one in held for other in ranges) for held in own)


def doors_of(graph: Graph, databases: tuple[Database, ...], openings: Iterable[Opening]) -> Doors:
    """The doors of these databases, by the rules of the stack."""
    ways_in = [opening for opening in openings if opening.ingress]
    doors = {database.urn: _door(graph, database, ways_in) for database in databases}
    known = dict(_networks(graph)) if any(door.ranges for door in doors.values()) else {}
    return Doors(databases=databases, doors=doors, networks=known)


def _networks(graph: Graph) -> Iterator[tuple[str, Sequence[_Range]]]:
    """(a security group, the ranges of the VPC of the stack that it is of)."""
    for group in graph.of_type(SECURITY_GROUP):
        for vpc in graph.held(references(graph, group, VPC, "vpcId").keys):
            yield group.urn, vpc_ranges(graph, vpc)


def _door(graph: Graph, database: Database, ways_in: Sequence[Opening]) -> Door:
    ours = database.security_groups
    open_to_it = [
        opening
        for opening in ways_in
        if (opening.groups.keys & ours.keys or opening.groups.undecided is not None) and opening.covers(database.port)
    ]
    ranges = [_private_ranges(graph, opening) for opening in open_to_it if opening.addresses]
    return Door(
        groups=frozenset(key for opening in open_to_it for key in opening.sources.keys),
        # A security group of the database that cannot be determined may let anyone in.
        everyone=ours.undecided is not None
        or None in ranges
        or any(opening.sources.undecided is not None for opening in open_to_it),
        ranges=tuple(one for held in ranges for one in held or ()),
    )


def _private_ranges(graph: Graph, opening: Opening) -> tuple[_Range, ...] | None:
    """The ranges of a rule; None where one is public, IPv6 or not known, so that any workload may have an address of it."""
    texts = decided(lambda: ranges_of(graph, opening, ()))
    if isinstance(texts, Undecided) or opening.undecided is not None:
        return None
    found: list[_Range] = []
    for text in texts:
        try:
            found.append(ipaddress.IPv4Network(text, strict=False))
        except ValueError:
            return None
    return tuple(found) if all(map(private, found)) else None
