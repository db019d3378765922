"""Every text of a stack's properties, walked once: who looks for something anywhere asks each text once, and reads only who holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from policies.resources.graph import UNKNOWNS, Resource

DEEPEST = 40
"""Levels of values that are read: no property of AWS has as many."""
_SCALARS = (bool, int, float, type(None))


class Texts:
    """The known texts of resources: of ten, nine stand in several places."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._holders: dict[str, list[str]] = {}
        self._unread: set[str] = set()
        for resource in resources:
            found, whole = _texts(resource.props)
            for text in found:
                self._holders.setdefault(text, []).append(resource.urn)
            if not whole:
                self._unread.add(resource.urn)

    def holders(self, asked: Callable[[str], object]) -> frozenset[str]:
        """URNs of the resources with a text that is asked for, and of those that are nested too deep to be read."""
        return frozenset(self._unread.union(*(urns for text, urns in self._holders.items() if asked(text))))


def _texts(props: Mapping[str, object]) -> tuple[set[str], bool]:
    """(the texts, whether all of them were read)."""
    found: set[str] = set()
    level: list[Any] = [props]
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for held in level:
            for value in held if isinstance(held, list) else held.values():
                if isinstance(value, str):
                    found.add(value)
                elif isinstance(value, (dict, list)) or (
                    not isinstance(value, _SCALARS) and isinstance(value, Mapping)
                ):
                    inner.append(value)
        level = inner
    found -= UNKNOWNS
    return found, not any(level)
