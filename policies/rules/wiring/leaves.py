"""The values at a path with "*" for every item of a list or object, each with the path that it was found at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from policies.resources.graph import Resource
from policies.resources.reading import Absent, Present, Reading, Step, read

Leaf = tuple[str, Reading[object]]


def leaves(resource: Resource, path: tuple[str, ...]) -> Iterator[Leaf]:
    """(where, reading) of what a path names; what is absent is left out, lists at its end are opened."""
    yield from _within(resource, (), path)


def _within(resource: Resource, done: tuple[Step, ...], rest: tuple[str, ...]) -> Iterator[Leaf]:
    ahead = rest[: rest.index("*")] if "*" in rest else rest
    at = (*done, *ahead)
    found = read(resource, *at)
    if isinstance(found, Absent):
        return
    open_to = rest[len(ahead) + 1 :] if "*" in rest else ()
    if not isinstance(found, Present) or ("*" not in rest and not isinstance(found.value, list)):
        yield _shown(at), found
        return
    steps: list[Step] = []
    if isinstance(found.value, list):
        steps = list(range(len(cast("list[object]", found.value))))
    elif isinstance(found.value, Mapping):
        steps = [str(key) for key in cast("Mapping[str, object]", found.value)]
    for step in steps:
        yield from _within(resource, (*at, step), open_to)


def _shown(path: tuple[Step, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
