"""Where a program is changed, as its components say it: the file, its line and the key behind a container's variable, say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from policies.budget.declarations import PLACES_OUTPUT, SHARED, VALUE
from policies.resources.graph import Graph
from policies.resources.reading import fields_of

_LONGEST = 400
_NAMES = ("name", "identifier")


@dataclass(frozen=True, slots=True)
class Places:
    """Of one service, schedule or database. By what is changed: (the smallest value that the text holds for, the text)."""

    by_key: Mapping[str, tuple[tuple[int, str], ...]]

    def shared(self, key: str) -> str:
        """The place from which several take a value: its text, the value still open; empty where it is the workload's own."""
        return next((text for _, text in self.by_key.get(f"{SHARED}{key}", ())), "")

    def change(self, key: str, value: int | str) -> str | None:
        """The text with the value put in: "" where the program says nothing of the key, None where it takes no such value."""
        known = self.by_key.get(key)
        if known is None:
            return ""
        fitting = (text for least, text in known if not isinstance(value, int) or value >= least)
        found = next(fitting, None)
        return None if found is None else found.replace(VALUE, str(value))


def read_places(graph: Graph) -> Mapping[str, Places]:
    """By the name of a service, schedule or database, what a component says of it. What is not of the declared form is left out."""
    found: dict[str, Places] = {}
    for resource in graph:
        places = resource.props.get(PLACES_OUTPUT)
        if isinstance(places, Mapping) and not resource.type.startswith(("aws:", "aws-native:")):
            named = (name for key in _NAMES if isinstance(name := resource.props.get(key), str) and name)
            found |= dict.fromkeys(named, Places(_entries(cast("Mapping[str, object]", places))))
    return found


def _entries(places: Mapping[str, object]) -> Mapping[str, tuple[tuple[int, str], ...]]:
    return {
        key: tuple(pair for item in cast("Iterable[object]", items) if (pair := _entry(item)) is not None)
        for key, items in places.items()
        if isinstance(items, (list, tuple))
    }


def _entry(item: object) -> tuple[int, str] | None:
    fields = fields_of(item)
    least, text = fields.get("least"), fields.get("change")
    if (
        not isinstance(least, (int, float))
        or not isinstance(text, str)
        or len(text) > _LONGEST
        or not text.isprintable()
    ):
        return None
    return int(least), text
