"""Names of services and jobs that a person typed, held against the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from offline.engine.errors import UsageError
from settings.nearest import question

T = TypeVar("T")


def require_known(name: str, known: Mapping[str, T], what: str) -> T:
    """What has this name; UsageError, with the names that there are, where nothing has. what: "service", "job" or both."""
    names = sorted(known)
    if name not in names:
        raise UsageError(
            f"There is no {what} {name!r} in Pulumi.yaml; there are: {', '.join(names) or 'none'}.{question(name, names)}"
        )
    return known[name]
