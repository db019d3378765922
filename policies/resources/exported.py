"""Asks Pulumi's CLI what runs now, where nobody has named an export: a plain `pulumi up` then knows what it replaces."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

_SECONDS = 120


class ExportError(Exception):
    """The CLI did not say what runs, as a part of a sentence."""


def export_of(stack: str, environment: Mapping[str, str]) -> bytes:
    """`pulumi stack export` of a stack such as organization/project/dev, by the CLI that runs the pack. Raises ExportError.

    An export takes no lock, so it can be made inside of a deployment, and its secrets stay encrypted.
    """
    cli = next(_running(), None) or shutil.which("pulumi", path=environment.get("PATH"))
    if cli is None:
        raise ExportError("there is no pulumi on PATH to ask")
    try:
        done = subprocess.run(
            [cli, "stack", "export", "--stack", stack, "--non-interactive"],
            # A pack inherits what the CLI has set for it, such as the stack's configuration, beside what the user has.
            env={**environment, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ExportError(f"`pulumi stack export` failed: {error}") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise ExportError(f"`pulumi stack export` failed: {said[-1][:300]}")
    return done.stdout


def _running() -> Iterator[str]:
    """The CLI among the processes that this one descends from, where the system shows them (Linux)."""
    pid = os.getpid()
    while pid > 1:
        try:
            program = os.readlink(f"/proc/{pid}/exe")
            # The name of a process may hold spaces and brackets; its parent is the second field behind the last bracket.
            pid = int(Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            return
        if Path(program).name == "pulumi":
            yield program
