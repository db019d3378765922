"""Whom the security groups of each database let in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from policies.facts.database.databases import Database
from policies.facts.network.security_groups import Opening
from policies.resources.references import References


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What a database's security groups let in. everyone: an address range, so any workload may be inside it."""

    groups: frozenset[str]
    everyone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The databases of the stack, and by URN the door of each."""

    databases: tuple[Database, ...]
    doors: Mapping[str, Door]

    def let_in(self, groups: References) -> tuple[Database, ...]:
        """The databases whose security groups let one of these groups in, or addresses that may be theirs."""
        return tuple(database for database in self.databases if self._admits(database, groups))

    def _admits(self, database: Database, groups: References) -> bool:
        door = self.doors[database.urn]
        return door.everyone or bool(door.groups & groups.keys)


def doors_of(databases: tuple[Database, ...], openings: Iterable[Opening]) -> Doors:
    """The doors of these databases, by the rules of the stack."""
    ways_in = [opening for opening in openings if opening.ingress]
    return Doors(databases=databases, doors={database.urn: _door(database, ways_in) for database in databases})


def _door(database: Database, ways_in: Sequence[Opening]) -> Door:
    ours = database.security_groups
    open_to_it = [
        opening
        for opening in ways_in
        if (opening.groups.keys & ours.keys or opening.groups.undecided is not None) and opening.covers(database.port)
    ]
    return Door(
        groups=frozenset(key for opening in open_to_it for key in opening.sources.keys),
        # A security group of the database that cannot be determined may let anyone in.
        everyone=ours.undecided is not None
        or any(opening.addresses or opening.sources.undecided is not None for opening in open_to_it),
    )
