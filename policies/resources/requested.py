"""What a program asked for, as opposed to what AWS computes where the program left a property out.

At preview both look alike, an unknown: but what a program passes on unknown was made from other resources, which the property's
dependencies name. An unknown that was made from nothing is AWS's own choice, and AWS's documented default holds. Of what is there
already AWS's choice is known, and stands among what was asked for; that is told by what the engine sent of it at its registration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Reading, Step, Undecided
from policies.resources.reading import (
    optional,
    read_flag,
    read_integer,
    read_json,
    read_list,
    read_map,
    read_text,
    required,
)

T = TypeVar("T")

_WITH_DEFAULTS = "tagsAll"
"""A resource's tags with those that the program gives to its provider: asked for, though not of the resource."""


def asked(resource: Resource, prop: str, reading: Reading[T]) -> Reading[T]:
    """The reading, absent where AWS computes prop, the top-level property that it is of."""
    if resource.asks is not None and prop not in resource.asks and prop != _WITH_DEFAULTS:
        return Absent(prop)
    computed = isinstance(reading, Undecided) and reading.where == prop and reading.unknown
    return Absent(prop) if computed and not resource.property_dependencies.get(prop) else reading


def asked_flag(resource: Resource, prop: str, *path: Step) -> Reading[bool]:
    """A boolean, absent where the program left it to AWS."""
    return asked(resource, prop, read_flag(resource, prop, *path))


def asked_text(resource: Resource, prop: str, *path: Step) -> Reading[str]:
    """A string, absent where the program left it to AWS."""
    return asked(resource, prop, read_text(resource, prop, *path))


def asked_integer(resource: Resource, prop: str, *path: Step) -> Reading[int]:
    """An integer, absent where the program left it to AWS."""
    return asked(resource, prop, read_integer(resource, prop, *path))


def asked_list(resource: Resource, prop: str, *path: Step) -> Reading[list[object]]:
    """A list, absent where the program left it to AWS."""
    return asked(resource, prop, read_list(resource, prop, *path))


def asked_texts(resource: Resource, prop: str) -> list[str]:
    """The strings of a list, none where the program left it to AWS. Raises NotDecidedError."""
    listed = optional(asked_list(resource, prop), [])
    return [required(read_text(resource, prop, position)) for position in range(len(listed))]


def asked_map(resource: Resource, prop: str, *path: Step) -> Reading[Mapping[str, object]]:
    """An object, absent where the program left it to AWS."""
    return asked(resource, prop, read_map(resource, prop, *path))


def asked_json(resource: Resource, prop: str, *path: Step) -> Reading[object]:
    """A parsed JSON document, absent where the program left it to AWS."""
    return asked(resource, prop, read_json(resource, prop, *path))
