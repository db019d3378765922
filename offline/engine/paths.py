"""Property paths of a program's options: what `ignore_changes` keeps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from offline.aws.diff import Path
from offline.properties import Properties

_SEGMENT = re.compile(r"\.?([^.\[\]]+)|\[(\d+|\*)\]|\[\"((?:[^\"\\]|\\.)*)\"\]")


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
