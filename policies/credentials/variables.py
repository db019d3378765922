"""Whether a variable is a secret, and why: by what stands there, and by its name only where that is a literal."""

from __future__ import annotations

import functools
import math
import re

from policies.credentials.names import literal_secret
from policies.credentials.texts import credential, secret_in_text

NAMED = "its name is a secret's"
_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{16,}")
_WORDS = re.compile(r"(?:(?:(?:[a-z]{1,15}|[A-Z]{1,15}|[A-Z][a-z]{1,14})?[0-9]{0,4}|[0-9]{5,14})(?:[/=_-]+|$))+")
"""A path or a hyphenated name: long enough ones have the entropy of a key, and are read as words."""
_PUBLIC_USER = re.compile(r"://[^\s/@:]+@")
"""The key before the host of a Sentry DSN: browsers are given it."""
_HEX_BITS, _BASE64_BITS = 3.0, 4.5
"""Bits a character above which a text is no word: hex digits have at most 4, Base64 at most 6."""


@functools.lru_cache(maxsize=8192)
def secret_reason(name: str, value: str) -> str | None:
    """Why a variable is a secret, in words without its value, such as "a URL with a password"; None where it is none."""
    return credential(value) or (NAMED if literal_secret(name, value) else secret_in_text(value))


def is_random(value: str) -> bool:
    """Whether a part of a value is as random as a key: a reason for somebody to look at it, not to refuse it; digests are, too."""
    return any(_random(token) for token in _TOKEN.findall(_PUBLIC_USER.sub("://", value)))


def _random(token: str) -> bool:
    if _WORDS.fullmatch(token):
        return False
    entropy = -sum(share * math.log2(share) for share in (token.count(letter) / len(token) for letter in set(token)))
    hexadecimal = re.fullmatch(r"[0-9a-f]+|[0-9A-F]+", token) and not token.isdigit()
    return entropy > (_HEX_BITS if hexadecimal else _BASE64_BITS)
