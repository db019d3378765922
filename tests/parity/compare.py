"""What differs between two JSON-shaped values, as sentences: the embedded engine's on the left, the real one's on the right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_TIME = re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(?:Z|[+-]\d\d:\d\d)?")
_SHOWN = 20


def unlike(embedded: Any, real: Any) -> list[str]:
    """A sentence a difference, the first twenty of them."""
    found = list(_unlike(embedded, real, ""))
    more = [f"… and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return [*found[:_SHOWN], *more]


def _unlike(embedded: Any, real: Any, path: str) -> Iterator[str]:
    if isinstance(embedded, dict) and isinstance(real, dict):
        for key in sorted(embedded.keys() | real.keys()):
            where = f"{path} > {key}" if path else str(key)
            if key not in real:
                yield f"{where}: {embedded[key]!r} only on the embedded engine"
            elif key not in embedded:
                yield f"{where}: {real[key]!r} only on the real engine"
            else:
                yield from _unlike(embedded[key], real[key], where)
    elif isinstance(embedded, list) and isinstance(real, list) and len(embedded) == len(real):
        for index, (left, right) in enumerate(zip(embedded, real, strict=True)):
            yield from _unlike(left, right, f"{path}[{index}]")
    elif embedded != real or isinstance(embedded, bool) != isinstance(real, bool):
        yield f"{path}: {embedded!r} on the embedded engine, {real!r} on the real one"


def without_times(value: Any) -> Any:
    """The value with each point in time as the word TIME: the two engines did not run at the same moment."""
    if isinstance(value, str):
        return _TIME.sub("TIME", value)
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_times(item) for item in value]
    return value


def unordered(request: Any) -> Any:
    """A request to a policy with its lists of URNs sorted: the real engine keeps them in sets."""
    if isinstance(request, dict):
        return {key: unordered(item) for key, item in request.items()}
    if isinstance(request, list):
        items = [unordered(item) for item in request]
        return sorted(items) if all(isinstance(item, str) and item.startswith("urn:") for item in items) else items
    return request
