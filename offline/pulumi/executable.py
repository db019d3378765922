"""Which Pulumi CLI runs the real engine: the one on PATH, else this project's own build."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from offline.engine.errors import EngineError
from offline.pulumi.build import ROOT, own_build
from offline.pulumi.versions import OLDEST_CLI, at_least, cli_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Cli:
    """A CLI that is new enough. `passed_over` says why the one on PATH is not it, or is empty."""

    path: Path
    version: str
    source: Literal["PATH", "this project's build"]
    passed_over: str = ""


def find_cli(environment: Mapping[str, str], *, root: Path = ROOT) -> Cli:
    """The CLI to run. Raises EngineError with how to get one, where none is new enough and answers."""
    path = shutil.which("pulumi", path=environment.get("PATH", ""))
    wrong = ""
    if path is not None:
        try:
            version = cli_version(path, environment)
        except EngineError as error:
            wrong = str(error)
        else:
            if at_least(version, OLDEST_CLI):
                return Cli(path=Path(path), version=version, source="PATH")
            wrong = (
                f"The Pulumi CLI {path} is too old: found {version}, required {OLDEST_CLI} or newer. "
                "Update it (https://www.pulumi.com/docs/install/)."
            )
    own = own_build(root)
    if own is not None:
        return Cli(path=own.path, version=own.version, source="this project's build", passed_over=wrong)
    missing = f"No Pulumi CLI is on PATH. Install {OLDEST_CLI} or newer (https://www.pulumi.com/docs/install/)."
    raise EngineError(f"{wrong or missing} Or build this project's own with Go: ./run engine.")
