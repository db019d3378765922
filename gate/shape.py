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


def _count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _properties(value: Any) -> bool:
    return isinstance(value, dict) and not nested_deeper(value)


def _or_none(fits: Check) -> Check:
    return lambda value: value is None or fits(value)


def _list(fits: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(fits, value))


def _each(fits: Check) -> Check:
    return lambda value: isinstance(value, dict) and all(map(fits, value.values()))


def _object(fields: Mapping[str, Check]) -> Check:
    return lambda value: isinstance(value, dict) and all(fits(value.get(name)) for name, fits in fields.items())


_TEXT_OR_NONE = _or_none(_text)
_FLAG = _or_none(lambda value: isinstance(value, bool))
_TEXTS = _or_none(_list(_text))
_STATE = _or_none(_object({"parent": _TEXT_OR_NONE, **dict.fromkeys(("inputs", "outputs"), _or_none(_properties))}))
_METADATA = _object({
    **dict.fromkeys(("urn", "op", "type"), _text),
    **dict.fromkeys(("old", "new"), _STATE),
    **dict.fromkeys(("keys", "diffs"), _TEXTS),
    "logical": _FLAG,
})  # fmt: skip
_STEP: Mapping[str, Check] = {"metadata": _METADATA, "planning": _FLAG}
_SUMMARY: Mapping[str, Check] = {"policyPackName": _text, "passed": _TEXTS, "failed": _TEXTS}
_FIELDS: Mapping[str, Mapping[str, Check]] = {
    "diagnosticEvent": {"message": _text, "severity": _text, "urn": _TEXT_OR_NONE, "ephemeral": _FLAG},
    "policyAnalyzeStackSummaryEvent": _SUMMARY,
    "policyAnalyzeSummaryEvent": {**_SUMMARY, "resourceUrn": _text},
    "policyEvent": {
        **dict.fromkeys(("policyName", "policyPackName", "message", "enforcementLevel"), _text),
        "resourceUrn": _TEXT_OR_NONE,
        "severity": _TEXT_OR_NONE,
        "exceptions": _or_none(_list(_object({}))),
    },
    "policyRemediateSummaryEvent": {**_SUMMARY, "resourceUrn": _TEXT_OR_NONE},
    "policyRemediationEvent": {"policyName": _text, "resourceUrn": _TEXT_OR_NONE},
    "resOpFailedEvent": _STEP,
    "resOutputsEvent": _STEP,
    "resourcePreEvent": _STEP,
    "summaryEvent": {
        "PolicyPacks": _or_none(_each(_text)),
        "durationSeconds": _or_none(_count),
        "isPreview": _FLAG,
        "maybeCorrupt": _FLAG,
        "resourceChanges": _or_none(_each(_count)),
        "result": _TEXT_OR_NONE,
    },
}
