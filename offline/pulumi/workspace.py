"""A stage's folder for the real engine: its plugin, its copy of the project's files, Pulumi's state, the offline AWS's record.

`.state/<stage>.pulumi/` holds `backend/` (Pulumi's own file backend), `aws.jsonl` (what was asked of the offline AWS),
`home/` (PULUMI_HOME), `project/` (copies, so that the CLI writes nothing into the project) and `passphrase`.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shlex
import shutil
import stat
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from offline.engine.errors import StateError, UsageError
from offline.operation_log import OperationLog
from settings.files.stack_config import StackConfig
from settings.files.yaml_file import read_mapping

ROOT = Path(__file__).resolve().parents[2]
RECORD = "aws.jsonl"
"""The offline AWS's record in a stage's folder."""
_NOT_COPIED = frozenset({"encryptionsalt", "encryptedkey", "secretsprovider", "environment"})


class Workspace:
    """The folder of one stage, held under a lock until `close`. Raises StateError where another run holds it."""

    def __init__(self, state_dir: Path, stage: str) -> None:
        self.folder = folder_of(state_dir, stage)
        self.stage = stage
        self.record = self.folder / RECORD
        self.project = self.folder / "project"
        self.backend = self.folder / "backend"
        self.home = self.folder / "home"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise UsageError(
                f"The folder {self.folder} cannot be used for what `up` records ({error.strerror}). Nothing was started. "
                "Fix its rights, or name another one with --state."
            ) from error
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self.lock)
            raise StateError(
                f"Another run works on stage {stage!r} (lock {self.folder / 'lock'}). Wait until it has ended."
            ) from None

    def prepare(self, project_dir: Path, config: StackConfig, *, linked: bool = False) -> None:
        """Lay out what the CLI looks for. Values that are encrypted in the stage file are left out: the run sets them.

        `linked`: with links to the project's other files, for a CLI that runs the program itself.
        """
        for folder in (self.backend, self.project, self.home):
            folder.mkdir(mode=0o700, exist_ok=True)
        install_plugin(self.home)
        shutil.copyfile(project_dir / "Pulumi.yaml", self.project / "Pulumi.yaml")
        content = read_mapping(project_dir / f"Pulumi.{self.stage}.yaml")
        settings: dict[str, Any] = {key: value for key, value in content.items() if key not in _NOT_COPIED}
        section = settings.get("config") or {}
        settings["config"] = {key: value for key, value in section.items() if key not in config.secret_keys}
        own = self.project / f"Pulumi.{self.stage}.yaml"
        if own.is_file() and (salt := read_mapping(own).get("encryptionsalt")):
            settings["encryptionsalt"] = salt
        own.write_text(json.dumps(settings, indent=1), encoding="utf-8")  # JSON is YAML without a scalar to be misread
        for path in project_dir.iterdir() if linked else ():
            link = self.project / path.name
            if not link.is_symlink() and not path.name.startswith("Pulumi.") and path.resolve() != self.folder.parent:
                link.symlink_to(path)

    def has_stack(self, project: str) -> bool:
        """Whether the CLI has made the stage's stack, and its settings still say how to read the secrets in it."""
        made = self.backend / ".pulumi" / "stacks" / project / f"{self.stage}.json"
        return made.is_file() and "encryptionsalt" in read_mapping(self.project / f"Pulumi.{self.stage}.yaml")

    def has_locks(self) -> bool:
        """Whether a command of the CLI has the stack, or was killed while it had."""
        return any(path.is_file() for path in (self.backend / ".pulumi" / "locks").rglob("*"))

    def pack_launcher(self, pack: Path) -> Path:
        """An executable that starts the pack, for an engine without a language host; its version file stands beside it."""
        launcher = self.folder / "pack" / pack.name
        _write_program(launcher, "offline.pulumi.pack", f'"$1" {shlex.quote(str(pack))}')
        shutil.copyfile(pack / "PulumiPolicy.yaml", launcher.parent / "PulumiPolicy.yaml")
        return launcher

    def log(self, mode: Literal["read", "write"]) -> OperationLog:
        """What was asked of the offline AWS. Raises StateError while the plugin has it."""
        return OperationLog(self.record, stage=self.stage, mode=mode)

    def passphrase(self) -> str:
        """What this folder's secrets are encrypted with; made once, and no secret of the project's."""
        path = self.folder / "passphrase"
        if not path.is_file():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(descriptor, secrets.token_hex(32).encode())
            os.close(descriptor)
        return path.read_text("ascii")

    def clear(self) -> None:
        """Forget a stage of which nothing is left; the lock stays held."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != "lock":
                path.unlink()

    def close(self) -> None:
        """Let the next run in; a folder in which nothing is recorded goes."""
        if not holds_record(self.folder):
            shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self.lock)


def folder_of(state_dir: Path, stage: str) -> Path:
    """Where the real engine's record of a stage is."""
    return state_dir / f"{stage}.pulumi"


def holds_record(folder: Path) -> bool:
    """Whether the offline AWS holds, or held until an interruption, anything that this folder records."""
    record = folder / RECORD
    return record.is_file() and record.stat().st_size > 0


def install_plugin(home: Path) -> None:
    """The offline AWS as the provider that the CLI looks for in its home."""
    plugin = home / "plugins" / f"resource-aws-v{version('pulumi-aws')}" / "pulumi-resource-aws"
    _write_program(plugin, "offline.aws.plugin_process", '"$@"')


def _write_program(path: Path, module: str, arguments: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    python = shlex.quote(sys.executable)
    path.write_text(
        f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {python} -u -m {module} {arguments}\n", encoding="utf-8"
    )
    path.chmod(stat.S_IRWXU)
