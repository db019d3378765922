"""Names of services and jobs that a person typed, held against the catalogue."""

from __future__ import annotations

from collections.abc import Iterable

from offline.engine.errors import UsageError
from settings.nearest import question


def require_known(name: str, known: Iterable[str], what: str) -> None:
    """UsageError, with the names that there are, unless one of them was given. what: "service", "job" or both."""
    names = sorted(known)
    if name not in names:
        raise UsageError(
            f"There is no {what} {name!r} in Pulumi.yaml; there are: {', '.join(names) or 'none'}.{question(name, names)}"
        )
