"""What a policy reports: a resource and a message for people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation. urn: the resource it is about, empty for the whole stack; message: found, required, why, how to fix."""

    urn: str
    message: str
