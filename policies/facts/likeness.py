"""Which of many names is the likest to one that none of them is, for advice: a stack has hundreds, and each wrong one is asked for."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Set


def nearest(text: str, names: Set[str]) -> str:
    """The likest name, of equally like ones the last in the alphabet. Raises ValueError where there is none."""
    return max(likest(text, names))


def likest(text: str, names: Set[str]) -> tuple[str, ...]:
    """The names to which a text is the likest (difflib's ratio), in no order."""
    return _likest(text, frozenset(names))


@functools.lru_cache(maxsize=1024)
def _likest(text: str, names: frozenset[str]) -> tuple[str, ...]:
    matcher = difflib.SequenceMatcher()
    matcher.set_seq2(text)  # what it prepares is kept for all of them
    best, found = 0.0, list[str]()
    for name in names:
        matcher.set_seq1(name)
        # Both are upper bounds of the ratio, and quick.
        if matcher.real_quick_ratio() < best or matcher.quick_ratio() < best:
            continue
        ratio = matcher.ratio()
        if ratio > best:
            best, found = ratio, []
        if ratio == best:
            found.append(name)
    return tuple(found)
