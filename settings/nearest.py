"""Which of the names that there are somebody meant who wrote another: what every "did you mean" says."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

_ALIKE: Final = 0.6
"""difflib's ratio from which on two names are taken for one that was mistyped; it is difflib's own default."""


def nearest(name: str, known: Iterable[str], *, alike: float = _ALIKE) -> str | None:
    """The likest of the names, in whatever case they are written; None where none is like it. alike: 0 any, 1 the same."""
    by_text: dict[str, str] = {}
    for each in known:
        by_text.setdefault(each.lower(), each)
    near = difflib.get_close_matches(name.lower(), by_text, n=1, cutoff=alike)
    return by_text[near[0]] if near else None


def question(name: str, known: Iterable[str], *, alike: float = _ALIKE) -> str:
    """` Did you mean NAME?` behind a sentence, or nothing."""
    near = nearest(name, known, alike=alike)
    return f" Did you mean {near}?" if near else ""


def aside(name: str, known: Iterable[str], *, alike: float = _ALIKE) -> str:
    """`; did you mean NAME?` behind what was found, or nothing."""
    near = nearest(name, known, alike=alike)
    return f"; did you mean {near}?" if near else ""
