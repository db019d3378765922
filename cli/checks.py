"""`./run test` and `./run lint`: the project's checks, each with the tools of .venv."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def test(root: Path, arguments: Sequence[str]) -> int:
    """Run pytest; its own exit code, except that nothing collected (5) and misuse (4) are failures like any other."""
    code = _python(root, "pytest", *arguments)
    return code if code in (0, 1) else 1 if code != 4 else 2


def lint(root: Path) -> int:
    """Run every check, also after one failed, and say which did."""
    checks: dict[str, tuple[str, ...]] = {
        "ruff check": ("ruff", "check", "."),
        "ruff format": ("ruff", "format", "--check", "."),
        "types": ("basedpyright", "--pythonpath", sys.executable),
    }
    failed: list[str] = []
    for name, command in checks.items():
        print(f"== {name}", flush=True)
        if _python(root, *command):
            failed.append(name)
    print(f"lint: {', '.join(failed)} failed" if failed else "lint: everything passed")
    return 1 if failed else 0


def _python(root: Path, module: str, *arguments: str) -> int:
    return subprocess.run([sys.executable, "-m", module, *arguments], cwd=root, check=False).returncode
