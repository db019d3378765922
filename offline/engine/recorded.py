"""What is recorded when a run starts, or AWS has by then, and which resource of the program has taken which record over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from offline.aws.provider import AwsProvider
from offline.engine.errors import ResourceError
from offline.engine.record import ResourceRecord
from offline.engine.urn import PROVIDER_PREFIX
from offline.properties import Properties, keep_secrets, plain


class Recorded:
    """The records by URN; replaced ones that wait for deletion are nobody's."""

    def __init__(self, live: Iterable[ResourceRecord]) -> None:
        self._olds = {record.urn: record for record in live if not record.pending_delete}
        self._claimed: dict[str, str] = {}  # recorded URN -> the URN it goes by now
        self._renamed: dict[str, str] = {}  # the URN now -> the recorded one, where they differ

    def get(self, urn: str) -> ResourceRecord | None:
        """The record of a URN."""
        return self._olds.get(urn)

    def refresh(self, provider: AwsProvider) -> Iterator[tuple[ResourceRecord, ResourceRecord | None]]:
        """Take in what AWS has now; each record that it contradicts, and what takes its place (None: it is gone)."""
        for urn, record in list(self._olds.items()):
            found = refreshed(record, provider)
            if found is record:
                continue
            if found is None:
                del self._olds[urn]
            else:
                self._olds[urn] = found
            yield record, found

    def unclaimed(self) -> list[ResourceRecord]:
        """The records that no resource of the program has taken over yet."""
        return [record for urn, record in self._olds.items() if urn not in self._claimed]

    def taken_by(self, urn: str) -> str | None:
        """The URN of the resource that took over the record of `urn`."""
        return self._claimed.get(urn)

    def alias_taken(self, urn: str) -> tuple[str, ...]:
        """The alias by which a resource has found its record: the only one that a policy, or the state, is given."""
        return (self._renamed[urn],) if urn in self._renamed else ()

    def name_before(self, urn: str) -> str | None:
        """The recorded URN of a resource that goes by another one now."""
        return self._renamed.get(urn)

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


def refreshed(record: ResourceRecord, provider: AwsProvider) -> ResourceRecord | None:
    """The record with AWS's present values in its outputs, and in those inputs that they contradict; None: it is gone.

    Raises ResourceError.
    """
    if not record.custom or record.type.startswith(PROVIDER_PREFIX):
        return record
    inputs, outputs = plain(record.inputs), plain(record.outputs)
    try:
        found = provider.read(record.type, record.urn, record.id, inputs, outputs)
    except Exception as error:
        raise ResourceError(record.urn, f"{record.name} cannot be read: {error}") from error
    if found is None:
        return None
    if found.id == record.id and found.outputs == outputs:
        return record
    now = found.inputs_now(inputs, outputs)
    kept: Properties = keep_secrets(keep_secrets(found.outputs, record.outputs), record.inputs)
    return replace(record, id=found.id, inputs=keep_secrets(now, record.inputs), outputs=kept)
