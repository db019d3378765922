"""The sentinel that stands for a value nobody knows before the resource exists."""

from __future__ import annotations

from typing import Any, Final

UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Pulumi's wire form of an unknown of any type (Pulumi SDK, runtime/rpc.py)."""


def contains_unknown(value: Any) -> bool:
    """Whether an unknown is anywhere inside a JSON-shaped value."""
    if isinstance(value, str):
        return value == UNKNOWN
    if isinstance(value, dict):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(contains_unknown(item) for item in value)
    return False


def unknown_paths(value: Any, path: str = "") -> list[str]:
    """The property paths of all unknowns inside a value, such as `tags.Owner` or `subnets[1]`."""
    if isinstance(value, str):
        return [path] if value == UNKNOWN else []
    if isinstance(value, dict):
        prefix = f"{path}." if path else ""
        return [found for key, item in value.items() for found in unknown_paths(item, f"{prefix}{key}")]
    if isinstance(value, list):
        return [found for index, item in enumerate(value) for found in unknown_paths(item, f"{path}[{index}]")]
    return []
