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
    `nothing_to_do`: of a preview, that an update would find and record the same, so that it need not run.
    """

    result: Literal["succeeded", "failed"]
    changes: Mapping[str, int]
    violations: tuple[Event, ...]
    errors: tuple[str, ...]
    outputs: Event
    resources: tuple[ResourceRecord, ...]
    nothing_to_do: bool = False
