"""The types that Pulumi.yaml may declare for configuration keys, and whether a value is of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

TYPES = ("array", "boolean", "integer", "object", "string")


def type_name(declared: Mapping[str, Any]) -> str:
    """The declared type as Pulumi names it, such as array<string>. ValueError where Pulumi knows no such type."""
    kind = declared.get("type")
    if kind not in TYPES:
        raise ValueError(f"type must be one of {', '.join(TYPES)}; found {kind!r}")
    if kind != "array":
        return str(kind)
    items = declared.get("items")
    if not isinstance(items, Mapping):
        raise ValueError("an array needs the type of its items, for example items: {type: string}")
    return f"array<{type_name(items)}>"


def fits(declared: Mapping[str, Any], value: object) -> bool:
    """Whether a value is of the declared type. A number or boolean may be written as text: that is what `config set` does."""
    match declared["type"]:
        case "string":
            return isinstance(value, str)
        case "integer":
            whole = isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()
            return whole or (isinstance(value, str) and re.fullmatch(r"[-+]?[0-9]+", value) is not None)
        case "boolean":
            return isinstance(value, bool) or value in ("true", "false")
        case "object":
            return isinstance(value, dict)
        case _:
            return isinstance(value, list) and all(fits(declared["items"], item) for item in value)
