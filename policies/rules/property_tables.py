"""Checks of many types by a table: at a path, the values that are fine, or those that are not, and what AWS takes where nothing is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present, Reading
from policies.resources.reading import read, required
from policies.resources.requested import asked
from policies.rules.rule import Check, Problem, Stack
from policies.rules.wiring.leaves import leaves


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A path ("*" for every item of a list) and its values, in lower case; booleans as "true" and "false".

    values: those that are fine; empty for all but the refused ones. refused: those that are not. default: what AWS takes where it is
    not set; None where that is never wrong. required: for people, empty for the values. within: only where the object at this path
    is set. unless: not where a property of this name is set. among: only where a property, the first, is one of the words behind it.
    """

    path: tuple[str, ...]
    values: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    default: str | None = None
    required: str = ""
    within: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    among: tuple[str, frozenset[str]] | None = None

    def fine(self, value: str) -> bool:
        """Whether a value is."""
        return value in self.values if self.values else value not in self.refused


Table = Mapping[str, Sequence[Wanted]]


def on(*path: str, default: str | None = "false", within: tuple[str, ...] = (), unless: tuple[str, ...] = ()) -> Wanted:
    """A switch that has to be on."""
    return Wanted(path=path, values=frozenset({"true"}), default=default, within=within, unless=unless)


def off(*path: str, default: str | None = None) -> Wanted:
    """A switch that has to be off."""
    return Wanted(path=path, values=frozenset({"false"}), default=default)


def only(path: str, values: str, *, default: str | None = None, required: str = "", within: str = "") -> Wanted:
    """A value that has to be one of several words, at a path with dots."""
    return Wanted(
        path=tuple(path.split(".")),
        values=frozenset(values.split()),
        default=default,
        required=required,
        within=tuple(within.split(".")) if within else (),
    )


def never(path: str, refused: str, *, required: str, default: str | None = None, within: str = "") -> Wanted:
    """A value that must be none of several words, at a path with dots."""
    return Wanted(
        path=tuple(path.split(".")),
        refused=frozenset(refused.split()),
        default=default,
        required=required,
        within=tuple(within.split(".")) if within else (),
    )


def where(prop: str, words: str, wanted: Wanted) -> Wanted:
    """What is wanted only of a resource whose property is one of these words."""
    return replace(wanted, among=(prop, frozenset(words.split())))


def by_table(table: Table) -> Check:
    """The check of a resource by what the table has for its type."""

    def check(_: Stack, resource: Resource) -> Iterator[Problem]:
        for wanted in table[resource.type]:
            yield from _wrong(resource, wanted)

    return check


def _wrong(resource: Resource, wanted: Wanted) -> Iterator[Problem]:
    if wanted.within and isinstance(read(resource, *wanted.within), Absent):
        return
    if any(_is_set(resource, prop) for prop in wanted.unless):
        return
    if wanted.among is not None and not _is_among(resource, *wanted.among):
        return
    needed = wanted.required or " or ".join(sorted(wanted.values))
    for where, reading in _readings(resource, wanted.path):
        if isinstance(reading, Absent):
            if wanted.default is not None and not wanted.fine(wanted.default):
                yield Problem(f"{where} is not set", needed)
        elif not wanted.fine(shown := _text(required(reading))):
            yield Problem(f"{where} is {shown[:60]}", needed)


def _is_among(resource: Resource, prop: str, words: frozenset[str]) -> bool:
    """Whether a property is one of some words, in whatever case; one that is not known may be."""
    found = asked(resource, prop, read(resource, prop))
    return not isinstance(found, Absent) and (not isinstance(found, Present) or _text(found.value) in words)


def _is_set(resource: Resource, prop: str) -> bool:
    found = asked(resource, prop, read(resource, prop))
    return not isinstance(found, Absent) and found not in (Present({}), Present([]), Present(""))


def _readings(resource: Resource, path: tuple[str, ...]) -> Iterator[tuple[str, Reading[object]]]:
    """(where, reading) of a value; below "*" for each item, absent ones included."""
    if "*" not in path:
        where = ".".join(path)
        yield where, asked(resource, path[0], read(resource, *path))
        return
    last = len(path) - path[::-1].index("*")
    for where, item in leaves(resource, path[:last]):
        rest = path[last:]
        if isinstance(item, Present) and isinstance(item.value, Mapping) and rest:
            yield f"{where}.{'.'.join(rest)}", read(cast("Mapping[str, object]", item.value), *rest)
        elif isinstance(found := asked(resource, path[0], item), Absent):
            continue
        else:
            yield where, found


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, (str, bool, int, float)) else type(value).__name__
