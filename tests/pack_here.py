"""The policy pack in the process of the tests, where its own process is not what a test is about: without the start of one each time."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any

import pulumi_policy.policy as sdk
import pytest
from pulumi_policy import EnforcementLevel

from offline.engine import deployment
from offline.engine.judging.pack_process import PackProcess, pack_environment
from policies.serving.pack import NAME, policies_of_run
from policies.serving.server import one_pass_servicer

PACK = Path(__file__).parents[1] / "policies"


class _Servicer(sdk._PolicyAnalyzerServicer):
    """The SDK's, but that the runtime of this process is the program's, which may run here, too."""

    def _configure_runtime_settings(self) -> None:
        """The pack asks it for nothing."""


def pack_of_run(directory: Path, environment: Mapping[str, str], report: Callable[[str], None] = print) -> Any:
    """The project's pack as a servicer of Pulumi's analyzer protocol; environment: what an engine starts it with."""
    stack = "/".join(environment[f"PULUMI_{part}"] for part in ("ORGANIZATION", "PROJECT", "STACK"))
    dry_run = environment["PULUMI_DRY_RUN"] == "true"
    policies = policies_of_run(directory, {**os.environ, **environment}, stack=stack, dry_run=dry_run, report=report)
    return one_pass_servicer(_Servicer, policies)(NAME, "0.0.1", policies, EnforcementLevel.ADVISORY)


class PackHere:
    """Stands in for PackProcess: the same policies, made and served by the same code, asked without a connection."""

    def __init__(self, directory: Path, *, config: Any, dry_run: bool, baseline: Path | None) -> None:
        self.directory = directory
        self.printed: list[str] = []
        environment = pack_environment(config, dry_run=dry_run, baseline=baseline)
        self._servicer = pack_of_run(directory, environment, self.printed.append)

    def connect(self) -> None:
        """There is nothing to wait for."""

    def close(self) -> None:
        """There is nothing to stop."""

    def call(self, method: str, request: Any) -> Any:
        """Answer as the pack does, by the same messages."""
        return getattr(self._servicer, method)(request, None)


def pack(directory: Path, **how: Any) -> PackHere | PackProcess:
    """The project's own pack here; another one as a process."""
    directory = directory.resolve()
    return (PackHere if directory == PACK else PackProcess)(directory, **how)


@contextlib.contextmanager
def packs_here() -> Generator[None]:
    """Runs of the embedded engine start no process for the project's own pack."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deployment, "PackProcess", pack)
        yield
