"""`./run parity --cli`: the parity suite with the Pulumi CLI on PATH, which runs the program by its own language host."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from cli.command import DONE, FAILED, ROOT
from settings.files.errors import UsageError

HOSTED_VARIABLE = "PARITY_HOSTED"
"""Makes tests/parity to let the CLI run the programs."""
_NEEDED = ("pulumi", "pulumi-language-python")


def cli_parity() -> int:
    """Run tests/parity; exit code 0 the engines agree, 1 they do not. Raises UsageError where a part of the CLI is missing on PATH."""
    missing = [name for name in _NEEDED if shutil.which(name) is None]
    if missing:
        raise UsageError(
            f"{' and '.join(missing)} not found on PATH: --cli needs the whole Pulumi CLI "
            "(https://www.pulumi.com/docs/install/). Without it: ./run engine, then ./run test tests/parity."
        )
    command = [sys.executable, "-m", "pytest", "tests/parity"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, HOSTED_VARIABLE: "1"}, check=False)
    return DONE if done.returncode == 0 else FAILED
