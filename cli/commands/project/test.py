"""`./run test`: the project's tests, by the pytest of .venv."""

from __future__ import annotations

import argparse
import sys

from cli.command import DONE, FAILED, ROOT, USAGE, Command

_EXIT_CODES = {0: DONE, 4: USAGE}
"""What pytest's exit codes mean here; every other one is a failure, nothing collected (5) as well."""

_FUZZ, _CASES = "--fuzz", 20_000
_QUICK = "--quick"


def _run(arguments: argparse.Namespace) -> int:
    import os
    import subprocess

    rest, environment = list(arguments.rest), dict(os.environ)
    if _QUICK in rest:
        from cli.project.changed_tests import changed_tests

        chosen = changed_tests(ROOT)
        print(f"Tests of what differs from the main branch: {', '.join(chosen)}")
        at = rest.index(_QUICK)
        rest[at : at + 1] = chosen
    if _FUZZ in rest:
        rest[rest.index(_FUZZ)] = "tests/test_fuzz.py"
        environment["FUZZ_CASES"] = str(_CASES)
    done = subprocess.run([sys.executable, "-m", "pytest", *rest], cwd=ROOT, env=environment, check=False)
    return _EXIT_CODES.get(done.returncode, FAILED)


COMMAND = Command(
    place=120,
    help="run the tests; further arguments go to pytest; --quick: of what you changed; --fuzz: 20,000 hostile files",
    run=_run,
    passes_on=True,
)
