"""The values at a path with "*" for every item of a list or object, each with the path that it was found at."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from policies.resources.graph import Resource
from policies.resources.reading import Absent, Reading, Step, Undecided, read

Leaf = tuple[str, Reading[object]]


def leaves(resource: Resource, path: tuple[str, ...]) -> Iterator[Leaf]:
    """(where, reading) of what a path names; what is absent is left out, lists at its end are opened."""
    yield from _within(resource, resource.props, (), (), _split(path))


@functools.lru_cache(maxsize=256)
def _split(path: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """A path's parts before, between and behind its asterisks."""
    if "*" not in path:
        return (path,)
    at = path.index("*")
    return path[:at], *_split(path[at + 1 :])


def _within(
    resource: Resource, held: Any, done: tuple[Step, ...], ahead: tuple[Step, ...], parts: tuple[tuple[str, ...], ...]
) -> Iterator[Leaf]:
    """What stands behind the steps ahead and the first part in what is held at the steps done."""
    ahead, rest = (*ahead, *parts[0]), parts[1:]
    found = read(held, *ahead)
    if isinstance(found, Absent):
        return
    at = (*done, *ahead)
    if isinstance(found, Undecided):
        yield _shown(at), read(resource, *at)  # which says where it is from the beginning
        return
    steps: Iterable[Step] = ()
    if isinstance(found.value, list):
        steps = range(len(cast("list[object]", found.value)))
    elif not rest:
        yield _shown(at), found
    elif isinstance(found.value, Mapping):
        steps = map(str, cast("Mapping[str, object]", found.value))
    for step in steps:
        yield from _within(resource, found.value, at, (step,), rest or _END)


_END: tuple[tuple[str, ...], ...] = ((),)


def _shown(path: tuple[Step, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
