"""What a policy reports: a resource and a message for people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation.

    urn: the resource it is about, empty for the whole stack. message: found, required, why, how to fix. premature: while a stack
    is still being registered, a later resource may yet settle it.
    """

    urn: str
    message: str
    premature: bool = False
