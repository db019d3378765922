"""Unknown-safe access to resources: a property is present, absent or undecided, and never an exception."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar, cast

from policies.resources.graph import UNKNOWNS, Resource
from policies.resources.json_text import read_json as parse
from policies.resources.outcomes import (
    Absent,
    NotDecidedError,
    Present,
    Reading,
    Step,
    Undecided,
    is_unknown,
    unknown_at_preview,
)

T = TypeVar("T")

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_DIGITS = re.compile(r"-?[0-9]{1,15}", re.ASCII)


def read(source: Resource | Mapping[str, object], *path: Step) -> Reading[object]:
    """The value at a path of keys and indexes, secrets unwrapped. What policies do most: it is kept short of calls."""
    value: Any = source if isinstance(source, dict) else getattr(source, "props", source)
    depth = 0
    for step in path:
        if isinstance(value, dict) and step.__class__ is str:
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step] if step < len(value) else None
        elif isinstance(value, Mapping) and isinstance(step, str):
            value = value.get(step)
        else:
            needed = "an object" if isinstance(step, str) else "a list"
            return Undecided(shown_path(path[:depth]), f"is {_kind(value)}, {needed} is required")
        depth += 1  # noqa: SIM113 -- enumerate takes a tenth longer
        if isinstance(value, dict) and _SIGNATURE in value:
            value = _unwrapped(value)
        if value is None:
            return _absent(path[:depth])
        if isinstance(value, str) and value in UNKNOWNS:
            return unknown_at_preview(shown_path(path[:depth]))
    return Present(value)


def read_text(source: Resource | Mapping[str, object], *path: Step) -> Reading[str]:
    """A string."""
    found = read(source, *path)
    if isinstance(found, Present) and not isinstance(found.value, str):
        return Undecided(shown_path(path), f"is {_kind(found.value)}, a string is required")
    return cast("Reading[str]", found)


def read_integer(source: Resource | Mapping[str, object], *path: Step) -> Reading[int]:
    """An integer; a string of digits counts, because several AWS properties are numbers written as strings."""
    found = read(source, *path)
    if not isinstance(found, Present):
        return found
    value = found.value
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return Present(int(value))
    # Numbers travel to the pack as doubles, which are exact up to about as many digits.
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value == value // 1 and abs(value) < 10**15:
        return Present(int(value))
    return Undecided(shown_path(path), f"is {_kind(value)}, an integer is required")


def read_number(source: Resource | Mapping[str, object], *path: Step) -> Reading[int]:
    """An integer within a JSON document, where the provider takes no number that is written as a string."""
    found = read(source, *path)
    if isinstance(found, Present) and isinstance(found.value, str):
        return Undecided(shown_path(path), "is a string, an integer is required")
    return read_integer(source, *path)


def read_flag(source: Resource | Mapping[str, object], *path: Step) -> Reading[bool]:
    """A boolean."""
    found = read(source, *path)
    if isinstance(found, Present) and not isinstance(found.value, bool):
        return Undecided(shown_path(path), f"is {_kind(found.value)}, a boolean is required")
    return cast("Reading[bool]", found)


def read_list(source: Resource | Mapping[str, object], *path: Step) -> Reading[list[object]]:
    """A list; its items may still be unknown."""
    found = read(source, *path)
    if isinstance(found, Present):
        if not isinstance(found.value, list):
            return Undecided(shown_path(path), f"is {_kind(found.value)}, a list is required")
        items = cast("list[object]", found.value)
        return Present([_unwrapped(item) if isinstance(item, dict) and _SIGNATURE in item else item for item in items])
    return found


def holds_none(listed: Reading[list[object]]) -> bool:
    """Whether a list is left out or empty, which the provider takes for the same."""
    return isinstance(listed, Absent) or listed == Present([])


def read_texts(source: Resource | Mapping[str, object], *path: Step) -> list[str]:
    """The strings of a list, none where it is left out. Raises NotDecidedError."""
    return [required(read_text(source, *path, at)) for at in range(len(optional(read_list(source, *path), [])))]


def read_map(source: Resource | Mapping[str, object], *path: Step) -> Reading[Mapping[str, object]]:
    """An object; its values may still be unknown."""
    found = read(source, *path)
    if isinstance(found, Present) and not isinstance(found.value, (dict, Mapping)):
        return Undecided(shown_path(path), f"is {_kind(found.value)}, an object is required")
    return cast("Reading[Mapping[str, object]]", found)


def read_json(source: Resource | Mapping[str, object], *path: Step) -> Reading[object]:
    """A JSON document in a string property, parsed; nobody changes it, since all who read the same text share it."""
    found = read_text(source, *path)
    if not isinstance(found, Present):
        return found
    if any(unknown in found.value for unknown in UNKNOWNS):
        return unknown_at_preview(shown_path(path))
    try:
        return Present(parsed_json(found.value))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        return Undecided(shown_path(path), f"is not JSON: {error.msg} at {where}")
    except ValueError as error:
        return Undecided(shown_path(path), f"is not JSON that can be read: {error}")


@functools.lru_cache(maxsize=4096)
def parsed_json(text: str) -> object:
    """The value of a JSON text, which nobody changes: policies by the dozen read one document. Raises ValueError."""
    return parse(text)


@functools.lru_cache(maxsize=1024)
def _absent(path: tuple[Step, ...]) -> Absent:
    return Absent(shown_path(path))


def required(reading: Reading[T]) -> T:
    """The value that must be there; raises NotDecidedError for `decided` to catch."""
    if isinstance(reading, Present):
        return reading.value
    if isinstance(reading, Absent):
        raise NotDecidedError(Undecided(reading.where, "is absent, a value is required"))
    raise NotDecidedError(reading)


def optional(reading: Reading[T], default: T) -> T:
    """The value, or the default where it is absent; raises NotDecidedError for `decided` to catch."""
    if isinstance(reading, Present):
        return reading.value
    return default if isinstance(reading, Absent) else required(reading)


def refuse(where: str, reason: str) -> NoReturn:
    """Gives up on a property; raises NotDecidedError for `decided` to catch."""
    raise NotDecidedError(Undecided(where, reason))


def refuse_value(where: str, value: object, reason: str) -> NoReturn:
    """Gives up on a raw value: because it is unknown, or else for the reason."""
    raise NotDecidedError(unknown_at_preview(where) if is_unknown(value) else Undecided(where, reason))


def word_of(words: tuple[str, ...], word: str, where: str) -> str:
    """The word, where it is one of those that AWS takes. Raises NotDecidedError."""
    if word not in words:
        refuse(where, f'is "{word[:40]}", one of {", ".join(words)} is required')
    return word


def text_or(reading: Reading[str], default: str) -> str:
    """The text where it is present, else the default."""
    return reading.value if isinstance(reading, Present) else default


def known_text(source: Resource | Mapping[str, object], *path: Step) -> str:
    """A string where it is known, else none: an empty one."""
    return text_or(read_text(source, *path), "")


def name_of(resource: Resource, prop: str = "name") -> str:
    """What people know a resource by: a property where it is present, else the logical name; no longer than AWS's names are."""
    return text_or(read_text(resource, prop), resource.name)[:255]


def fields_of(value: object) -> Mapping[str, object]:
    """The fields of a raw value; of what is no object none."""
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def items_of(value: object) -> list[object]:
    """The items of a raw value; of what is no list none."""
    return cast("list[object]", value) if isinstance(value, list) else []


def _unwrapped(value: object) -> object:
    """A secret's or an output's plain value; an output without one is unknown."""
    while isinstance(value, dict) and cast("dict[str, object]", value).get(_SIGNATURE) in (_SECRET, _OUTPUT):
        wrapper = cast("dict[str, object]", value)
        known = "value" in wrapper or wrapper.get(_SIGNATURE) == _SECRET
        value = wrapper.get("value") if known else next(iter(UNKNOWNS))
    return value


def shown_path(path: tuple[Step, ...]) -> str:
    """A path as people write it, such as stages[0].name."""
    if len(path) == 1 and isinstance(path[0], str):
        return path[0]  # most paths
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".") or "the properties"


def _kind(value: object) -> str:
    kinds = ((bool, "a boolean"), (str, "a string"), (int, "a number"), (float, "a number"), (list, "a list"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "an object")
