"""Reads a pool limit as a container's environment states it: a positive integer, nothing else.

Why so strict: mysql2 3.24 takes an empty string, 0 and null for "no limit" (its PoolConfig coerces connectionLimit with
Number and treats a falsy result as unlimited), and other pools fall back to a default that nobody counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LARGEST_LIMIT = 100_000
"""The largest max_connections that RDS for MySQL takes; no pool can use more."""

_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class RefusedLimit:
    """Why a value is no pool limit: the sentence's second half, after the variable's name."""

    reason: str


def parse_limit(value: object) -> int | RefusedLimit:
    """The limit as an integer from 1 to 100000, or why the value is none. Never raises."""
    if value is None:
        return RefusedLimit("has no value, which pools take for no limit")
    if not isinstance(value, str):
        return RefusedLimit(f"is {_shown(value)}, no string: ECS passes environment values as strings")
    if value == "":
        return RefusedLimit('is "" (empty), which mysql2 takes for no limit')
    if value != value.strip():
        return RefusedLimit(f"is {_shown(value)}, with white space around it; a plain positive integer is required")
    if value.startswith("-") and _DIGITS.fullmatch(value[1:]):
        return RefusedLimit(f"is {_shown(value)}, a negative number; a positive integer is required")
    if not _DIGITS.fullmatch(value) or not value.isascii():
        return RefusedLimit(f"is {_shown(value)}, not an integer; a positive integer in digits is required")
    digits = value.lstrip("0")
    if not digits:
        return RefusedLimit(f"is {_shown(value)}, which mysql2 takes for no limit")
    if digits != value:
        return RefusedLimit(f"is {_shown(value)}, with leading zeros; a plain positive integer is required")
    if len(digits) > 6 or int(digits) > LARGEST_LIMIT:
        return RefusedLimit(f"is {_shown(value)}, above {LARGEST_LIMIT}, the most connections a database admits")
    return int(digits)


def _shown(value: object) -> str:
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
