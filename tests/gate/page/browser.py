"""A page in a headless Chromium: what it drew, and what its console said."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.lacking import chromium

_END, _ESCAPED = "</", r"<\/"
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


@dataclass(frozen=True, kw_only=True)
class Shown:
    """markup: the page once its scripts are through; said: the lines of its console."""

    markup: str
    said: list[str]


def show(text: str, folder: Path, script: str, *, dark: bool = False) -> Shown:
    """Open a page. A script of the test runs behind it only where the page's own policy of content is taken away."""
    if script:
        text = _POLICY.sub("", text).replace("</body>", f"<script>{script.replace(_END, _ESCAPED)}</script></body>")
    path = folder / "gate.html"
    path.write_text(text, encoding="utf-8")
    colours = ("--blink-settings=preferredColorScheme=0",) if dark else ()
    markup, said = chromium(path.as_uri(), folder, "--enable-logging=stderr", *colours)
    return Shown(markup=markup, said=[line for line in said.splitlines() if "CONSOLE" in line])
