"""What a run came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gate.events import Event
from offline.engine.record import ResourceRecord

CHANGES = ("create", "update", "replace", "delete", "same")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of a run: `outputs` are the stack's with secrets blinded, `violations` are policyEvent payloads.

    `changes` counts resources by operation, all five always present. `resources` are those the program registered.
    """

    result: Literal["succeeded", "failed"]
    changes: Mapping[str, int]
    violations: tuple[Event, ...]
    errors: tuple[str, ...]
    outputs: Event
    resources: tuple[ResourceRecord, ...]
