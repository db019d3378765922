"""`./run test`: the project's tests, by the pytest of .venv."""

from __future__ import annotations

import argparse
import sys

from cli.command import DONE, FAILED, ROOT, USAGE, Command

_EXIT_CODES = {0: DONE, 4: USAGE}
"""What pytest's exit codes mean here; every other one is a failure, nothing collected (5) as well."""


def _run(arguments: argparse.Namespace) -> int:
    import subprocess

    done = subprocess.run([sys.executable, "-m", "pytest", *arguments.rest], cwd=ROOT, check=False)
    return _EXIT_CODES.get(done.returncode, FAILED)


COMMAND = Command(place=120, help="run the tests; further arguments go to pytest", run=_run, passes_on=True)
