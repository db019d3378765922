"""Event patterns of EventBridge rules, within the length that EventBridge takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

MAX_PATTERN: Final = 2_048
"""Characters of an event pattern (EventBridge API Reference, PutRule)."""


def event_pattern(pattern: Mapping[str, object]) -> str:
    """The pattern as JSON with sorted keys; raises ValueError where it is longer than EventBridge takes."""
    text = json.dumps(pattern, sort_keys=True)
    if len(text) > MAX_PATTERN:
        raise ValueError(
            f"The event pattern {text[:60]}... has {len(text)} characters, and EventBridge takes at most {MAX_PATTERN}: match "
            "names by their beginning instead of listing them."
        )
    return text
