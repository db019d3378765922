"""Names of services and jobs that a person typed, held against the catalogue."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from offline.engine.errors import UsageError


def require_known(name: str, known: Iterable[str], what: str) -> None:
    """UsageError, with the names that there are, unless one of them was given. what: "service", "job" or both."""
    names = sorted(known)
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise UsageError(f"There is no {what} {name!r} in Pulumi.yaml; there are: {', '.join(names) or 'none'}.{hint}")
