"""Where a command on one stage looks: the settings of the stage, and its AWS, recorded here or in an account."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cli.report.screens import header
from delivery.aws import Account, Aws
from settings.files.stack_config import StackConfig, load
from settings.merged import Settings
from settings.reader import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a command looks: a stage of a project, recorded on this machine or in an account."""

    stage: str
    project_dir: Path
    state_dir: Path
    target: Literal["offline", "aws"] = "offline"
    account: Callable[[StackConfig], Aws] | None = None
    """Stands in for the account, for tests."""

    def settings(self) -> Settings:
        """The stage's settings. Raises UsageError and SettingsError."""
        return settings_of(self.project_dir, self.stage)

    def aws(self, mode: Literal["read", "write"] = "read") -> AbstractContextManager[Aws]:
        """The stage's AWS; "write" keeps other runs on the offline one out."""
        if self.target == "offline":
            from offline.stage import offline_stage  # a quarter of a second, which an account does not need

            return offline_stage(project_dir=self.project_dir, state_dir=self.state_dir, stage=self.stage, mode=mode)
        return contextlib.nullcontext((self.account or _account)(load(self.project_dir, self.stage)))

    def header(self, what: str) -> str:
        """The first line of a command."""
        return f"AWS: {what} of stage {self.stage}" if self.target == "aws" else header(what, self.stage)


def settings_of(project_dir: Path, stage: str) -> Settings:
    """The settings of a stage of a project. Raises UsageError and SettingsError."""
    config = load(project_dir, stage)
    return read(
        config.values,
        project=config.project,
        stage=stage,
        project_dir=project_dir,
        secret_keys=config.secret_keys,
    )


def changing(aws: Aws, actor: str) -> AbstractContextManager[None]:
    """Requests that change AWS: the offline one records them, an account needs nothing."""
    change = getattr(aws, "change", None)
    return contextlib.nullcontext() if change is None else change(actor)


def _account(config: StackConfig) -> Aws:
    return Account(region=config.values["aws:region"], profile=config.values.get("aws:profile"))
