"""Numbers with their nouns, for messages: "1 task", "2 tasks"."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number and its noun: "1 process", "2 processes"."""
    return f"{number} {noun if number == 1 else plural or _plural(noun)}"


def joined(items: Sequence[str]) -> str:
    """A list in a sentence: "a", "a and b", "a, b and c"."""
    return " and ".join(part for part in (", ".join(items[:-1]), *items[-1:]) if part)


def _plural(noun: str) -> str:
    return f"{noun}es" if noun.endswith(("s", "ch", "x")) else f"{noun}s"
