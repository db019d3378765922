"""What all parts of one pass know: configuration, record, cloud, and where its events go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offline.engine.events import Stream
from offline.engine.state import Journal, Plan
from settings.files.stack_config import StackConfig

if TYPE_CHECKING:
    from offline.aws.provider import AwsProvider


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One pass; nothing is created or changed in a dry run, and its journal is a plan: it records nothing."""

    config: StackConfig
    project_dir: Path
    journal: Journal | Plan
    provider: AwsProvider
    stream: Stream
    interrupted: Callable[[], bool]
    dry_run: bool

    @property
    def order(self) -> dict[str, Any]:
        """What the process of the program is given to run: arguments of `program/host.py`."""
        return {
            "config": dict(self.config.values),
            "secret_keys": sorted(self.config.secret_keys),
            "project": self.config.project,
            "stack": self.config.stage,
            "dry_run": self.dry_run,
            "root_directory": str(self.project_dir),
        }
