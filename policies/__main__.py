"""Starts the policy pack: the process serves it to the engine until it is stopped."""

from __future__ import annotations

import contextlib
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pulumi

from pack.baseline import BaselineError, load_baseline
from pack.catalog import CATALOG
from pack.exceptions import load_exceptions
from pack.policies import policies_for
from pack.serving import serve

try:
    baseline = load_baseline(os.environ, stage=pulumi.get_stack())
except BaselineError as error:
    sys.exit(f"The policy pack cannot start: {error}")

exceptions = load_exceptions(
    Path(__file__).with_name("exceptions.yaml"),
    known=frozenset(spec.name for spec in CATALOG),
    today=datetime.now(UTC).date(),
)


def tell(line: str) -> None:
    """The engine shows what a pack prints among the diagnostics of the stack; one that does not listen changes no verdict."""
    with contextlib.suppress(OSError, ValueError):
        print(line, flush=True)


serve("category-analyzer", policies_for(pulumi.get_stack(), baseline, exceptions, tell))
