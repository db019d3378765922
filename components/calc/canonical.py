"""Canonical JSON: the same value always gives the same text, whatever the order its keys were written in."""

from __future__ import annotations

import json


def canonical_json(value: object) -> str:
    """Serialise `value` with sorted keys and no white space.

    Pulumi compares documents as text, so a dictionary built in another order would show as a change.
    Raises ValueError for NaN and infinities and TypeError for what JSON cannot hold: neither may reach AWS.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
