"""A page in a headless Chromium: what it drew, and what its console said."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_END, _ESCAPED = "</", r"<\/"
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


@dataclass(frozen=True, kw_only=True)
class Shown:
    """markup: the page once its scripts are through; said: the lines of its console."""

    markup: str
    said: list[str]


def show(text: str, folder: Path, script: str, *, dark: bool = False) -> Shown:
    """Open a page. A script of the test runs behind it only where the page's own policy of content is taken away."""
    assert CHROMIUM is not None
    if script:
        text = _POLICY.sub("", text).replace("</body>", f"<script>{script.replace(_END, _ESCAPED)}</script></body>")
    path = folder / "gate.html"
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--enable-logging=stderr",
            f"--user-data-dir={folder / 'profile'}",
            *(("--blink-settings=preferredColorScheme=0",) if dark else ()),
            "--virtual-time-budget=20000",
            "--dump-dom",
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Shown(markup=done.stdout, said=[line for line in done.stderr.splitlines() if "CONSOLE" in line])
