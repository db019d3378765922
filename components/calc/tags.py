"""What every service of AWS takes as the value of a tag."""

from __future__ import annotations

import unicodedata
from typing import Final

MAX_VALUE: Final = 256
_SIGNS: Final = "_.:/=+-@"


def check_tag_value(value: str) -> str:
    """Return `value` when each service takes it: letters and digits of any script, spaces and `_.:/=+-@`.

    Raises ValueError naming what is not among them. EC2 takes more; RDS, ECS and others refuse it.
    Source: Tagging AWS Resources User Guide, "Best practices and strategies"; ECS API Reference, Tag.
    """
    refused = sorted({sign for sign in value if sign not in _SIGNS and unicodedata.category(sign)[0] not in "LNZ"})
    if refused:
        raise ValueError(
            f"The tag value '{value}' has {' '.join(refused)}, and AWS takes letters, digits, spaces and {_SIGNS}: "
            "write it like 'platform-team'."
        )
    if len(value) > MAX_VALUE or value.lower().startswith("aws:"):
        raise ValueError(
            f"The tag value '{value[:40]}' is longer than {MAX_VALUE} characters or begins with 'aws:', which AWS keeps for "
            "itself: write it like 'platform-team'."
        )
    return value
