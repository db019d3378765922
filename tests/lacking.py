"""What a machine lacks for a test is a visible skip, and a headless Chromium where there is one."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def lacking(reason: str) -> NoReturn:
    """Skip, so that it is seen; in CI, which installs everything, a skip would hide that nothing was proven."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def chromium(address: str, folder: Path, *options: str) -> tuple[str, str]:
    """The markup of a page once its scripts are through, and what Chromium wrote as it opened it; its profile is in the folder."""
    if _CHROMIUM is None:
        lacking("chromium is not installed (Debian: apt-get install chromium)")
    done = subprocess.run(
        [
            _CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            f"--user-data-dir={folder / 'profile'}",
            "--virtual-time-budget=20000",
            "--dump-dom",
            *options,
            address,
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr
