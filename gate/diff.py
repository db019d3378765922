"""Changed properties for people: two values in, one line a changed path out; JSON documents are compared inside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gate.events import displayed
from policies.resources.json_text import read_json

ABSENT = object()
"""Marks a path that one side does not have: null is a value."""
_WIDEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One changed path; `sign` is "+", "-" or "~"."""

    sign: str
    path: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        match self.sign:
            case "+":
                return f"+ {self.path}: {self.after}"
            case "-":
                return f"- {self.path}: {self.before}"
            case _:
                return f"~ {self.path}: {self.before} => {self.after}"


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The changed paths between two sets of inputs, by name. Secrets and unknown values are shown as such."""
    return list(_walk("", displayed(dict(before)), displayed(dict(after))))


def _walk(path: str, before: Any, after: Any) -> Iterator[Change]:
    if before is ABSENT:
        yield Change(sign="+", path=path, after=_shown(after))
        return
    if after is ABSENT:
        yield Change(sign="-", path=path, before=_shown(before))
        return
    sides = _keyed(_opened(before), _opened(after))
    if sides is not None:
        left, right = sides
        for key in sorted({*left, *right}):
            below = f"{path}.{key}" if path else key
            if left.get(key, ABSENT) != right.get(key, ABSENT):
                yield from _walk(below, left.get(key, ABSENT), right.get(key, ABSENT))
    elif before != after:
        yield Change(sign="~", path=path, before=_shown(before), after=_shown(after))


def _opened(value: Any) -> Any:
    """A JSON document in a string as its content."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return read_json(value)
        except ValueError:
            return value
    return value


def _keyed(before: Any, after: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Two containers as mappings by the same keys: lists of named things (containers, variables) by name, else by place."""
    if isinstance(before, dict) and isinstance(after, dict):
        return before, after
    if isinstance(before, list) and isinstance(after, list):
        left, right = _by_name(before), _by_name(after)
        return (_by_place(before), _by_place(after)) if left is None or right is None else (left, right)
    return None


def _by_place(items: list[Any]) -> dict[str, Any]:
    return {f"[{index}]": item for index, item in enumerate(items)}


def _by_name(items: list[Any]) -> dict[str, Any] | None:
    """{"A": "1"} for [{"name": "A", "value": "1"}]; None unless every item has a name of its own."""
    named: dict[str, Any] = {}
    for item in items:
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(name, str) or name in named:
            return None
        rest = {key: value for key, value in item.items() if key != "name"}
        named[name] = rest["value"] if rest.keys() == {"value"} else rest
    return named


def _shown(value: Any) -> str:
    if isinstance(value, str) and value in ("[secret]", "[unknown]"):
        return value
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
