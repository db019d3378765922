"""The values at a path with "*" for every item of a list or object, each with the path that it was found at."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from policies.resources.graph import Resource
from policies.resources.once import per_document
from policies.resources.outcomes import Present, Reading, Step, Undecided
from policies.resources.reading import read, shown_path

Leaf = tuple[str, Reading[object]]


def leaves(resource: Resource, path: tuple[str, ...]) -> Iterator[Leaf]:
    """(where, reading) of what a path names; what is absent is left out, lists at its end are opened."""
    end = _behind_the_last(path)
    for held, at in _items(resource, path[:end]):
        if held is None:
            yield shown_path(at), read(resource, *at)
        else:
            yield from _leaves(resource, held, at, path[end:])


def _leaves(resource: Resource, held: Any, at: tuple[Step, ...], ahead: tuple[Step, ...]) -> Iterator[Leaf]:
    found, place = read(held, *at[-1:], *ahead), (*at, *ahead)
    if isinstance(found, Undecided):
        yield shown_path(place), read(resource, *place)  # which says where it is from the beginning
    elif isinstance(found, Present) and isinstance(found.value, list):
        for position in range(len(cast("list[object]", found.value))):
            yield from _leaves(resource, found.value, (*place, position), ())
    elif isinstance(found, Present):
        yield shown_path(place), found


_Item = tuple[Any, tuple[Step, ...]]
"""(what holds it at the path's last step, the path to it); None holds what cannot be read."""


def _items(resource: Resource, path: tuple[str, ...]) -> Sequence[_Item]:
    """What a path with "*" at its end names; one without steps the properties themselves."""
    if not path:
        return [(resource.props, ())]
    known = _opened(resource.props)
    if path not in known:
        known[path] = list(_open(resource, path[:-1]))
    return known[path]


@per_document
def _opened(_: Mapping[str, object]) -> dict[tuple[str, ...], list[_Item]]:
    """What was opened of some properties already: the paths that policies ask of one type begin alike."""
    return {}


def _open(resource: Resource, path: tuple[str, ...]) -> Iterator[_Item]:
    end = _behind_the_last(path)
    for held, at in _items(resource, path[:end]):
        if held is None:
            yield held, at
            continue
        found, place = read(held, *at[-1:], *path[end:]), (*at, *path[end:])
        value: Any = found.value if isinstance(found, Present) else ()
        steps: Iterable[Step] = range(len(value)) if isinstance(value, list) else ()
        if isinstance(found, Undecided):
            yield None, place
        elif isinstance(value, Mapping):
            steps = map(str, cast("Mapping[str, object]", value))
        yield from ((value, (*place, step)) for step in steps)


@functools.lru_cache(maxsize=256)
def _behind_the_last(path: tuple[str, ...]) -> int:
    return len(path) - path[::-1].index("*") if "*" in path else 0
