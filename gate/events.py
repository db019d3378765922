"""The engine's event stream, as `pulumi preview --json` and the offline engine send it: one event taken apart.

Source of the form: Pulumi's apitype.EngineEvent and recordings of Pulumi 3.260. An event is a dict with `sequence`,
`timestamp` (seconds since 1970) and exactly one more key, its kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Event: TypeAlias = dict[str, Any]

FITTING = "Connection budget of "
"""How the policy pack begins to print a budget that holds (policies/rules/budget/connection_budget.py); its table follows."""
UNDECIDED = "can't run policy '"
"""How Pulumi begins to report a policy that could not decide, at whatever level: the real preview passes with it."""
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEvent:
    """An event taken apart."""

    kind: str
    payload: Event
    sequence: int
    timestamp: int


def parse(event: Mapping[str, Any]) -> ParsedEvent:
    """Take an event apart; ValueError when it has not exactly one kind."""
    kinds = [key for key in event if key not in ("sequence", "timestamp")]
    if len(kinds) != 1:
        raise ValueError(f"an engine event has exactly one kind beside sequence and timestamp, found {kinds}")
    return ParsedEvent(
        kind=kinds[0],
        payload=event[kinds[0]],
        sequence=int(event.get("sequence", 0)),
        timestamp=int(event.get("timestamp", 0)),
    )


def displayed(value: Any) -> Any:
    """A value of an event for people: "[secret]" and "[unknown]" in place of Pulumi's markers."""
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET:
            return "[secret]"
        return {key: displayed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [displayed(item) for item in value]
    return "[unknown]" if value == _UNKNOWN else value
