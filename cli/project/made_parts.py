"""Documents that people write around parts that are made: each part stands between two comments that name it."""

from __future__ import annotations

import re
from collections.abc import Iterable


def filled(text: str, **parts: Iterable[str]) -> str:
    """The document with its parts made anew, each from its lines; a part that has no place yet is added at the end."""
    for name, lines in parts.items():
        begin, end = f"<!-- made: {name} -->", f"<!-- end of {name} -->"
        block = "\n".join((begin, "", *lines, end))
        old = re.compile(f"{begin}.*?{end}", re.DOTALL)
        if old.search(text) is None:
            text = f"{text}{begin}{end}\n"
        text = old.sub(lambda _, block=block: block, text)
    return text
