"""Starts the policy pack: the process serves it to the engine until it is stopped."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from datetime import UTC, datetime
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
    from policies.resources.baseline import BASELINE_VARIABLE, BaselineError, load_baseline, parse_export
    from policies.resources.exported import ExportError, export_of
    from policies.rules.change.losses import ACCEPT_VARIABLE
    from policies.serving.budget_report import REPORT_VARIABLE
    from policies.serving.catalog import CATALOG
    from policies.serving.exceptions import load_exceptions
    from policies.serving.pack import policies_for
    from policies.serving.server import serve

    uncompared, stage = "", pulumi.get_stack()
    try:
        if BASELINE_VARIABLE in os.environ:
            baseline = load_baseline(os.environ, stage=stage)
        else:
            name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{stage}"
            baseline = parse_export(export_of(name, os.environ), stage=stage)
    except BaselineError as error:
        sys.exit(f"The policy pack cannot start: {error}")
    except ExportError as error:
        baseline, uncompared = None, f"nobody said what runs now: {error}"
    exceptions = load_exceptions(
        FOLDER / "exceptions.yaml", known=frozenset(spec.name for spec in CATALOG), today=datetime.now(UTC).date()
    )
    asked = os.environ.get(REPORT_VARIABLE)
    serve(
        "category-analyzer",
        policies_for(
            stage,
            baseline,
            exceptions,
            report,
            Path(asked) if asked else None,
            loss_accepted=os.environ.get(ACCEPT_VARIABLE) == "yes",
            uncompared=uncompared,
        ),
    )


def report(line: str) -> None:
    """The engine shows what a pack prints among the diagnostics of the stack; one that does not listen changes no verdict."""
    with contextlib.suppress(OSError, ValueError):
        print(line, flush=True)


import_as_policies(FOLDER)
gc.set_threshold(200_000, 50, 100)  # what the policies read only becomes more
start()
