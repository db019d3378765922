"""`./run lint`: linter, formatting and types, each by the tools of .venv."""

from __future__ import annotations

import argparse
import sys

from cli.command import DONE, FAILED, ROOT, Command

_CHECKS = {
    "ruff check": ("ruff", "check", "."),
    "ruff format": ("ruff", "format", "--check", "."),
    "types": ("basedpyright", "--pythonpath", sys.executable),
}


def _run(_: argparse.Namespace) -> int:
    """Run every check, also after one failed, and say which did."""
    import subprocess

    failed: list[str] = []
    for name, command in _CHECKS.items():
        print(f"== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False).returncode:
            failed.append(name)
    print(f"lint: {', '.join(failed)} failed" if failed else "lint: everything passed")
    return FAILED if failed else DONE


COMMAND = Command(place=130, help="ruff, formatting, strict types", run=_run)
