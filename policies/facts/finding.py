"""What a policy reports: a resource, a message for people, and the message's parts as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a message is made of. found, required: halves of sentences; equal ones have one cause, whatever resource they are about.

    inside: the part of the resource, such as 'container "app"'. fix: sentences of its own, empty for those of the policy. table: its
    lines as they are. ways: single changes of which each alone is enough.
    """

    found: str
    required: str = ""
    inside: str = ""
    fix: str = ""
    table: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()


class Reason(NamedTuple):
    """Why something cannot be judged, and what settles it: halves of sentences; way is empty where the policy's own advice does."""

    found: str
    way: str = ""

    def __str__(self) -> str:
        return f"{self.found}: {self.way}" if self.way else self.found

    def parts(self, required: str = "") -> Parts:
        """As parts of a message."""
        return Parts(found=self.found, required=required, fix=self.way and f"{self.way[0].upper()}{self.way[1:]}.")


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation.

    urn: the resource it is about, empty for the whole stack. message: all of it, for this resource alone. premature: while a stack
    is still being registered, a later resource may yet settle it. parts: None where the message has none. cause: what
    could not be read, in a sentence that is the same for everything that had to read it; empty where all could be read.
    """

    urn: str
    message: str
    premature: bool = False
    parts: Parts | None = None
    cause: str = ""

    @classmethod
    def of(cls, urn: str, subject: str, found: str, *, required: str, fix: str, inside: str = "") -> Self:
        """A finding from its parts. subject: what people call the resource; inside: the part of it that the finding is about."""
        message = f"{subject}: {inside and f'{inside}: '}{found}. Required: {required}. {fix}"
        return cls(urn, message, parts=Parts(found=found, required=required, inside=inside, fix=fix))

    @classmethod
    def unread(cls, urn: str, subject: str, cause: str) -> Self:
        """A finding that something could not be read."""
        return cls(urn, f"{subject}: {cause}.", cause=cause)
