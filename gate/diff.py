"""Changed properties for people: two values in, one line a changed path out; JSON documents are compared inside."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gate.events import displayed
from policies.resources.json_text import read_json

ABSENT = object()
"""Marks a path that one side does not have: null is a value."""
_WIDEST = 100
_MOST_PAIRS = 1_000_000
"""Of items of two lists: beyond it they are compared place by place, which takes no more than their length."""


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
    sides = _sides(_opened(before), _opened(after))
    if sides is not None:
        for key, left, right in sides:
            if left != right:
                yield from _walk(f"{path}.{key}" if path and not key.startswith("[") else f"{path}{key}", left, right)
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


def _sides(before: Any, after: Any) -> Iterable[tuple[str, Any, Any]] | None:
    """What two containers hold, side by side: lists of named things (containers, variables) by name, others in their order."""
    if isinstance(before, dict) and isinstance(after, dict):
        return _by_key(before, after)
    if isinstance(before, list) and isinstance(after, list):
        left, right = _by_name(before), _by_name(after)
        return _in_order(before, after) if left is None or right is None else _by_key(left, right)
    return None


def _by_key(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for key in sorted({*before, *after}):
        yield key, before.get(key, ABSENT), after.get(key, ABSENT)


def _in_order(before: list[Any], after: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    """Items that only moved because another came or went stand beside themselves; a place is that of the old list where it has one."""
    blocks = [("replace", 0, len(before), 0, len(after))]
    if len(before) * len(after) <= _MOST_PAIRS:
        texts = [[json.dumps(item, sort_keys=True, default=str) for item in items] for items in (before, after)]
        blocks = difflib.SequenceMatcher(None, *texts, autojunk=False).get_opcodes()
    for kind, start, end, other, until in blocks:
        if kind == "equal":
            continue
        left, right = before[start:end], after[other:until]
        for offset in range(max(len(left), len(right))):
            place = start + offset if offset < len(left) else other + offset
            old, new = (items[offset] if offset < len(items) else ABSENT for items in (left, right))
            yield f"[{place}]", old, new


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
