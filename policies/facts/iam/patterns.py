"""Patterns of IAM, which knows "*" and "?" alone."""

from __future__ import annotations

import fnmatch
import functools


def like(text: str, pattern: str) -> bool:
    """Whether a pattern covers a text, small and capital letters being different."""
    if "*" not in pattern and "?" not in pattern:
        return text == pattern  # most are names
    if pattern.find("*") == len(pattern) - 1 and "?" not in pattern:
        return text.startswith(
            pattern[:-1]
        )  # nearly all others are beginnings, each of its own: fnmatch would compile it
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))


@functools.lru_cache(maxsize=8192)
def action_like(patterns: tuple[str, ...], action: str) -> bool:
    """Whether one of the patterns covers an action, in small or capital letters. A stack's policies name the same few over and over."""
    lower = action.lower()
    return any(like(lower, pattern.lower()) for pattern in patterns)
