"""Says why a variable looks like a secret: detect-secrets' detectors, and names that end like one's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from detect_secrets.plugins.base import BasePlugin
    from detect_secrets.plugins.high_entropy_strings import HighEntropyStringsPlugin

ALLOWED_MARK: Final = "pragma: allowlist secret"
"""detect-secrets' own comment for a line that someone looked at and that holds no secret."""

_HARMLESS: Final = frozenset({"IPPublicDetector"})
"""An address is configuration."""
_NAMES: Final = re.compile(r"(?:^|_)(?:TOKEN|CREDENTIALS?|PASSPHRASE|PASS|APIKEY)$")
"""Endings that detect-secrets' list of names lacks."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9+/=_-]+")
_WORDS: Final = re.compile(r"(?:(?:(?:[a-z]{1,15}|[A-Z]{1,15}|[A-Z][a-z]{1,14})?[0-9]{0,4}|[0-9]{5,14})(?:[/=_-]+|$))+")
"""A path or a hyphenated name: long enough ones have the entropy of a key, and are read as words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Detectors:
    names: BasePlugin
    patterns: Sequence[BasePlugin]
    entropy: Sequence[HighEntropyStringsPlugin]


def secret_reason(name: str, value: str) -> str | None:
    """Why the variable looks like a secret, without its value; None where it does not. No network is asked."""
    if not value.strip():
        return None
    detectors = _detectors()
    # A value that nothing else knows, so that quotes in the real one cannot hide the name.
    if _NAMES.search(name) or any(detectors.names.analyze_string(f'{name}="x"')):
        return f"{name} is named like a secret"
    for plugin in (*detectors.patterns, detectors.names):
        # Some patterns are of an assignment, some of the value from its first character on.
        if any(True for text in (value, f'{name}="{value}"') for _ in plugin.analyze_string(text)):
            return f"it is written like one ({plugin.secret_type})"
    if any(_is_random(plugin, token) for token in _TOKEN.findall(value) for plugin in detectors.entropy):
        return "it is as random as a key or a token"
    return None


def _is_random(plugin: HighEntropyStringsPlugin, token: str) -> bool:
    if _WORDS.fullmatch(token):
        return False
    return any(
        plugin.calculate_shannon_entropy(found) > plugin.entropy_limit for found in plugin.analyze_string(f'"{token}"')
    )


@cache
def _detectors() -> _Detectors:
    """Every detector of detect-secrets. Imported when there is a value to look at: it takes a tenth of a second."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.plugins.high_entropy_strings import HighEntropyStringsPlugin
    from detect_secrets.plugins.keyword import KeywordDetector

    patterns: list[BasePlugin] = []
    entropy: list[HighEntropyStringsPlugin] = []
    classes: dict[str, type[BasePlugin]] = get_mapping_from_secret_type_to_class()
    for made in (kind() for kind in classes.values() if kind.__name__ not in _HARMLESS):
        if isinstance(made, HighEntropyStringsPlugin):
            entropy.append(made)
        elif not isinstance(made, KeywordDetector):
            patterns.append(made)
    return _Detectors(names=KeywordDetector(), patterns=patterns, entropy=entropy)
