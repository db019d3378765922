"""Which recorded resources go, and in which order: what depends on a resource goes before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from offline.aws.provider import AwsProvider
from offline.engine.errors import ResourceError
from offline.engine.record import ResourceRecord
from offline.properties import UNKNOWN, plain


def deletion_order(condemned: Iterable[ResourceRecord]) -> list[ResourceRecord]:
    """Dependents first; resources that do not depend on each other go newest first."""
    records = sorted(condemned, key=lambda record: -record.serial)
    dependents: dict[str, list[ResourceRecord]] = defaultdict(list)
    for record in records:
        for urn in record.depends_on:
            dependents[urn].append(record)
    ordered: list[ResourceRecord] = []
    visited: set[int] = set()
    stack = [(record, False) for record in reversed(records)]
    while stack:
        record, finished = stack.pop()
        if finished:
            ordered.append(record)
        elif record.serial not in visited:
            visited.add(record.serial)
            stack.append((record, True))
            stack.extend((dependent, False) for dependent in dependents[record.urn])
    return ordered


def replaced_along(old: ResourceRecord, live: Iterable[ResourceRecord], provider: AwsProvider) -> list[ResourceRecord]:
    """The resources that cannot outlive `old` when it is deleted before its replacement exists, in deletion order.

    These are the ones, direct and indirect, that another value of what comes from it would replace.
    """
    records = list(live)
    found: dict[int, ResourceRecord] = {}
    frontier = [old.urn]
    while frontier:
        urn = frontier.pop()
        for record in records:
            keys = [key for key, urns in record.property_dependencies.items() if urn in urns]
            if not keys or record.serial in found or not record.custom:
                continue
            inputs = plain(record.inputs)
            if provider.diff(record.type, inputs, {**inputs, **dict.fromkeys(keys, UNKNOWN)}).replacing:
                found[record.serial] = record
                frontier.append(record.urn)
    return deletion_order(found.values())


def refuse_protected(condemned: Iterable[ResourceRecord], *, doing: str) -> None:
    """ResourceError naming every protected resource among those to be deleted."""
    protected = sorted((record for record in condemned if record.protect), key=lambda record: record.urn)
    if protected:
        names = ", ".join(f"{record.name} ({record.type})" for record in protected)
        raise ResourceError(
            protected[0].urn,
            f"{doing} would delete what is protected: {names}. Nothing of it is deleted. If you mean it, take `protect` "
            "off in the program, run up, and then try again.",
        )
