"""Reads JSON in bounds: what other readers would read otherwise, or not survive, is a ValueError with a sentence.

Standard library alone: delivery/ is shipped without the pack, and its file of this name is a link to this one.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

DEEPEST = 200
_LONGEST_NUMBER = 100
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_json(text: str | bytes) -> Any:
    """The value of a JSON text. ValueError for anything else, keys that are given twice, numbers that no program holds, half characters,
    and nesting deeper than DEEPEST."""
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValueError(f"byte {error.start} is not UTF-8 text") from None
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise ValueError(f"it nests deeper than {DEEPEST} levels") from None
    if text.count("[") + text.count("{") > DEEPEST:
        _check_depth(value)
    try:
        if not text.isascii():
            text.encode()
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half of a character (a lone surrogate)") from None
    return value


def _check_depth(value: Any) -> None:
    """Without recursion: the value may be as deep as the parser lets it."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return
    raise ValueError(f"it nests deeper than {DEEPEST} levels")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f'the key "{twice[:60]}" is given twice')
    return found


def _whole(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError(f"an integer of {len(text)} digits is not a number that a program holds")
    return int(text)


def _decimal(text: str) -> float:
    number = float(text[:_LONGEST_NUMBER]) if len(text) <= _LONGEST_NUMBER else math.inf
    if math.isinf(number):
        raise ValueError(f"{text[:20]} is not a number that a program holds")
    return number


def _no_constant(text: str) -> object:
    raise ValueError(f"{text} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_once, parse_int=_whole, parse_float=_decimal, parse_constant=_no_constant
)
"""Made once: json.loads makes one for each text."""
