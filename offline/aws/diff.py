"""What changed between two sets of inputs, and whether the change replaces the resource."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from offline.properties import Properties

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """The difference of inputs: changed and replacing top-level keys, and Pulumi's detailed form path by path.

    `delete_before_replace`: the old resource stands in the way of its replacement.
    """

    changed: tuple[str, ...] = ()
    replacing: tuple[str, ...] = ()
    detailed: dict[str, dict[str, Any]] | None = None
    delete_before_replace: bool = False


def diff(
    old: Properties,
    new: Properties,
    *,
    replace_keys: frozenset[str] = frozenset(),
    delete_before_replace: bool = False,
) -> Diff:
    """Compare inputs, secrets unwrapped; an unknown differs from every known value. `replace_keys` may hold "*" for every key."""
    if old == new:
        return Diff()
    detailed: dict[str, dict[str, Any]] = {}
    changed: set[str] = set()
    for path, kind in _changes(old, new, ()):
        replaces = str(path[0]) in replace_keys or "*" in replace_keys
        detailed[format_path(path)] = {"diffKind": f"{kind}-replace" if replaces else kind, "inputDiff": True}
        changed.add(str(path[0]))
    return Diff(
        changed=tuple(sorted(changed)),
        replacing=tuple(sorted(changed if "*" in replace_keys else changed & replace_keys)),
        detailed=detailed,
        delete_before_replace=delete_before_replace,
    )


def _changes(old: Any, new: Any, path: Path) -> Iterable[tuple[Path, str]]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        pairs: Iterable[tuple[str | int, bool, bool]] = (
            (key, key in old, key in new) for key in sorted(old.keys() | new.keys())
        )
    elif isinstance(old, list) and isinstance(new, list):
        pairs = ((index, index < len(old), index < len(new)) for index in range(max(len(old), len(new))))
    else:
        yield path, "update"
        return
    for key, in_old, in_new in pairs:
        if in_old and in_new:
            yield from _changes(old[key], new[key], (*path, key))
        else:
            yield (*path, key), "delete" if in_old else "add"


def format_path(path: Path) -> str:
    """A property path as text, the inverse of `parse_path`."""
    text = ""
    for segment in path:
        if isinstance(segment, int):
            text += f"[{segment}]"
        elif re.fullmatch(r"[^.\[\]\"\s]+", segment):
            text += f".{segment}" if text else segment
        else:
            escaped = segment.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{escaped}"]'
    return text
