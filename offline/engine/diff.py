"""What changed between two sets of inputs, and whether the change replaces the resource."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from offline.engine.properties import Properties, plain

Path: TypeAlias = tuple[str | int, ...]
_SEGMENT = re.compile(r"\.?([^.\[\]]+)|\[(\d+|\*)\]|\[\"((?:[^\"\\]|\\.)*)\"\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """The difference of inputs: changed and replacing top-level keys, and Pulumi's detailed form path by path."""

    changed: tuple[str, ...] = ()
    replacing: tuple[str, ...] = ()
    detailed: dict[str, dict[str, Any]] | None = None


def diff(
    old: Properties, new: Properties, *, replace_keys: frozenset[str], replace_on_changes: Sequence[str] = ()
) -> Diff:
    """Compare inputs; an unknown differs from every known value. `replace_keys` may hold "*" for every key."""
    old, new = plain(old), plain(new)
    if old == new:
        return Diff()
    patterns = [parse_path(text) for text in replace_on_changes]
    detailed: dict[str, dict[str, Any]] = {}
    changed: list[str] = []
    replacing: list[str] = []
    for path, kind in _changes(old, new, ()):
        key = str(path[0])
        replaces = key in replace_keys or "*" in replace_keys or any(_touches(pattern, path) for pattern in patterns)
        detailed[format_path(path)] = {"kind": f"{kind}-replace" if replaces else kind, "inputDiff": True}
        if key not in changed:
            changed.append(key)
        if replaces and key not in replacing:
            replacing.append(key)
    return Diff(changed=tuple(sorted(changed)), replacing=tuple(sorted(replacing)), detailed=detailed)


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


def parse_path(text: str) -> Path:
    """A property path such as `tags.Owner`, `rules[0].port`, `tags["a.b"]` or `rules[*]`; `*` matches anything."""
    path: list[str | int] = []
    position = 0
    while position < len(text):
        match = _SEGMENT.match(text, position)
        if match is None:
            raise ValueError(f"{text!r} is not a property path, for example tags.Owner or rules[0].port")
        name, index, quoted = match.groups()
        if index is not None:
            path.append(index if index == "*" else int(index))
        else:
            path.append(name if name is not None else re.sub(r"\\(.)", r"\1", quoted))
        position = match.end()
    return tuple(path)


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


def _touches(pattern: Path, path: Path) -> bool:
    """Whether a change at `path` changes something under `pattern`, or the other way round."""
    return all(expected in ("*", found) for expected, found in zip(pattern, path, strict=False))


def ignore(old: Properties, new: Properties, paths: Sequence[str]) -> Properties:
    """`new` with the values of `old` at each path; what is absent in `old` becomes absent."""
    result: Properties = new
    for text in paths:
        result = _take(old, result, parse_path(text))
    return result


def _take(old: Any, new: Any, path: Path) -> Any:
    if not path:
        return old
    head, rest = path[0], path[1:]
    if isinstance(new, dict):
        source = old if isinstance(old, dict) else {}
        keys = sorted(new.keys() | source.keys()) if head == "*" else [str(head)]
        result = dict(new)
        for key in keys:
            if rest and key in new:
                result[key] = _take(source.get(key), new[key], rest)
            elif not rest and key in source:
                result[key] = source[key]
            elif not rest:
                result.pop(key, None)
        return result
    if isinstance(new, list):
        source_list = old if isinstance(old, list) else []
        indexes = range(len(new)) if head == "*" else [head] if isinstance(head, int) and head < len(new) else []
        items = list(new)
        for index in indexes:
            if index < len(source_list):
                items[index] = _take(source_list[index], new[index], rest)
        return items
    return new
