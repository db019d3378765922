"""The form of an engine event: each field that the verdict or the document is made of is what it seems to be.

Source: Pulumi's apitype.EngineEvent (3.274). A field that is not read here may have any form; one that is left out is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

DEEPEST = 100
"""Levels of nesting in a property: nothing that AWS takes has a tenth of them."""

Check = Callable[[Any], bool]


def require_shape(kind: str, fields: object) -> None:
    """ValueError or TypeError where a field that is read has another form than the engine gives it."""
    if not isinstance(fields, dict):
        raise TypeError(f"a {kind} without content")
    for name, fits in _FIELDS.get(kind, {}).items():
        if not fits(fields.get(name)):
            raise ValueError(f"a {kind} with another form of {name}")


def nested_deeper(value: object, levels: int = DEEPEST) -> bool:
    """Whether objects and lists stand inside each other at more levels than these."""
    if not isinstance(value, dict | list):
        return False
    inside = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(nested_deeper(item, levels - 1) for item in inside if isinstance(item, dict | list))


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _text_or_none(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _flag(value: Any) -> bool:
    return value is None or isinstance(value, bool)


def _count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _texts(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(map(_text, value)))


def _each(fits: Check) -> Check:
    return lambda value: value is None or (isinstance(value, dict) and all(map(fits, value.values())))


def _exceptions(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, dict) for item in value))


def _properties(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and not nested_deeper(value))


def _state(value: Any) -> bool:
    return value is None or (
        isinstance(value, dict)
        and _text_or_none(value.get("parent"))
        and all(_properties(value.get(side)) for side in ("inputs", "outputs"))
    )


def _metadata(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and all(_text(value.get(name)) for name in ("urn", "op", "type"))
        and all(_state(value.get(side)) for side in ("old", "new"))
        and all(_texts(value.get(name)) for name in ("keys", "diffs"))
        and _flag(value.get("logical"))
    )


_STEP: Mapping[str, Check] = {"metadata": _metadata, "planning": _flag}
_SUMMARY: Mapping[str, Check] = {"policyPackName": _text, "passed": _texts, "failed": _texts}
_FIELDS: Mapping[str, Mapping[str, Check]] = {
    "diagnosticEvent": {"message": _text, "severity": _text, "urn": _text_or_none, "ephemeral": _flag},
    "policyAnalyzeStackSummaryEvent": _SUMMARY,
    "policyAnalyzeSummaryEvent": {**_SUMMARY, "resourceUrn": _text},
    "policyEvent": {
        **dict.fromkeys(("policyName", "policyPackName", "message", "enforcementLevel"), _text),
        "resourceUrn": _text_or_none,
        "severity": _text_or_none,
        "exceptions": _exceptions,
    },
    "policyRemediateSummaryEvent": {**_SUMMARY, "resourceUrn": _text_or_none},
    "policyRemediationEvent": {"policyName": _text, "resourceUrn": _text_or_none},
    "resOpFailedEvent": _STEP,
    "resOutputsEvent": _STEP,
    "resourcePreEvent": _STEP,
    "summaryEvent": {
        "PolicyPacks": _each(_text),
        "durationSeconds": lambda value: value is None or _count(value),
        "isPreview": _flag,
        "maybeCorrupt": _flag,
        "resourceChanges": _each(_count),
        "result": _text_or_none,
    },
}
