"""Starts the policy pack: the process serves it to the engine until it is stopped."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from pathlib import Path
from types import ModuleType

import pulumi

FOLDER = Path(__file__).resolve().parent


def import_as_policies(folder: Path) -> None:
    """Makes a pack's folder importable as `policies`, whatever its name: published alone, or fetched to .target/."""
    package = ModuleType("policies")
    package.__path__ = [str(folder)]
    sys.modules["policies"] = package


def start() -> None:
    """Serves the pack for the stack that the engine names. Never returns."""
    from policies.resources.baseline import BaselineError
    from policies.serving.pack import NAME, policies_of_run
    from policies.serving.server import serve

    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    dry_run = pulumi.runtime.is_dry_run()
    try:
        policies = policies_of_run(FOLDER, os.environ, stack=stack, dry_run=dry_run, report=report)
    except BaselineError as error:
        sys.exit(f"The policy pack cannot start: {error}")
    serve(NAME, policies)


def report(line: str) -> None:
    """The engine shows what a pack prints among the diagnostics of the stack; one that does not listen changes no verdict."""
    with contextlib.suppress(OSError, ValueError):
        print(line, flush=True)


import_as_policies(FOLDER)
gc.set_threshold(200_000, 50, 100)  # what the policies read only becomes more
start()
