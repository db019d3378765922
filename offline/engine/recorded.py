"""What is recorded when a run starts, and which resource of the program has taken which record over."""

from __future__ import annotations

from collections.abc import Iterable

from pulumi.runtime.proto import resource_pb2

from offline.engine.errors import ResourceError
from offline.engine.record import ResourceRecord
from offline.engine.registration import alias_urns


class Recorded:
    """The records by URN; replaced ones that wait for deletion are nobody's."""

    def __init__(self, live: Iterable[ResourceRecord]) -> None:
        self._olds = {record.urn: record for record in live if not record.pending_delete}
        self._claimed: dict[str, str] = {}  # recorded URN -> the URN it goes by now
        self._renamed: dict[str, str] = {}  # the URN now -> the recorded one, where they differ

    def all(self) -> list[ResourceRecord]:
        """Every record, oldest first."""
        return list(self._olds.values())

    def get(self, urn: str) -> ResourceRecord | None:
        """The record of a URN."""
        return self._olds.get(urn)

    def refresh(self, urn: str, found: ResourceRecord | None) -> None:
        """Take in what AWS has now; None: it is gone."""
        if found is None:
            del self._olds[urn]
        else:
            self._olds[urn] = found

    def unclaimed(self) -> list[ResourceRecord]:
        """The records that no resource of the program has taken over yet."""
        return [record for urn, record in self._olds.items() if urn not in self._claimed]

    def taken_by(self, urn: str) -> str | None:
        """The URN of the resource that took over the record of `urn`."""
        return self._claimed.get(urn)

    def alias_taken(self, urn: str) -> tuple[str, ...]:
        """The alias by which a resource has found its record: the only one that a policy, or the state, is told."""
        return (self._renamed[urn],) if urn in self._renamed else ()

    def aliases(
        self, request: resource_pb2.RegisterResourceRequest, urn: str, *, stack: str, project: str
    ) -> tuple[str, ...]:
        """The URNs that a resource, or its parent, says it had."""
        aliases = alias_urns(
            request.aliases,
            urn,
            parent=request.parent,
            parent_alias=self._renamed.get(request.parent),
            stack=stack,
            project=project,
        )
        return tuple(dict.fromkeys((*request.aliasURNs, *aliases)))

    def claim(self, goal: ResourceRecord) -> ResourceRecord | None:
        """The record of a resource by its URN or, failing that, by an alias; a record can be claimed once."""
        for candidate in (goal.urn, *goal.aliases):
            old = self._olds.get(candidate)
            if old is None:
                continue
            if (taken := self._claimed.get(candidate)) is not None:
                raise ResourceError(goal.urn, f"{goal.name}: the alias {candidate} is already taken by {taken}.")
            self._claimed[candidate] = goal.urn
            if candidate != goal.urn:
                self._renamed[goal.urn] = candidate
            return old
        return None
