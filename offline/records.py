"""Which engine recorded a stage, and what it asked of the offline AWS: each engine refuses what the other one recorded."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from pathlib import Path
from typing import Any, Literal

from offline.engine.errors import StateError
from offline.engine.state import Journal
from offline.operation_log import OperationLog
from offline.properties import plain
from offline.pulumi.workspace import RECORD, Workspace, folder_of, holds_record
from policies.resources.json_text import read_json

EngineName = Literal["embedded", "pulumi"]


def recorded_by(state_dir: Path, stage: str) -> EngineName | None:
    """The engine that a stage is up with; None where nothing is recorded. Raises StateError for a file that is damaged."""
    if holds_record(folder_of(state_dir, stage)):
        return "pulumi"
    with contextlib.closing(Journal(state_dir, stage, mode="read")) as journal:
        return "embedded" if journal.is_up() else None


def refuse_other_engine(state_dir: Path, stage: str, engine: EngineName) -> None:
    """StateError where the other engine recorded the stage, before anything is started."""
    found = recorded_by(state_dir, stage)
    if found in (None, engine):
        return
    option = " --engine pulumi" if found == "pulumi" else ""
    names: dict[EngineName, str] = {"embedded": "the embedded engine", "pulumi": "the real engine"}
    raise StateError(
        f"Stage {stage} is up with {names[found]}, whose record {names[engine]} cannot read. Nothing was started and "
        f"nothing is lost. Go on with the same engine (./run up -s {stage}{option}), take the stage down first (./run "
        f"destroy -s {stage}{option}), or name another folder with --state."
    )


@contextlib.contextmanager
def open_record(state_dir: Path, stage: str, *, mode: Literal["read", "write"]) -> Generator[OperationLog]:
    """What was asked of the stage's AWS, by whichever engine; empty where the stage is not up. "write" keeps runs out.

    Raises StateError for a stage that is in use or whose record is damaged.
    """
    folder = folder_of(state_dir, stage)
    with contextlib.ExitStack() as stack:
        if not holds_record(folder):
            yield stack.enter_context(contextlib.closing(Journal(state_dir, stage, mode=mode)))
            return
        if mode == "write":
            stack.enter_context(contextlib.closing(Workspace(state_dir, stage)))
        yield stack.enter_context(contextlib.closing(OperationLog(folder / RECORD, stage=stage, mode=mode)))


def recorded_resources(state_dir: Path, stage: str) -> list[dict[str, Any]]:
    """What a stage is up with, by whichever engine, as Graph.from_records takes it; nothing where it is not up.

    Raises StateError for a record that is damaged.
    """
    folder = folder_of(state_dir, stage)
    if not holds_record(folder):
        with contextlib.closing(Journal(state_dir, stage, mode="read")) as journal:
            return [
                {"urn": each.urn, "type": each.type, "inputs": plain(each.inputs), "outputs": plain(each.outputs)}
                for each in journal.live()
                if each.custom
            ]
    try:
        [path] = (folder / "backend" / ".pulumi" / "stacks").glob(f"*/{stage}.json")
        latest = read_json(path.read_bytes())["checkpoint"]["latest"] or {}
        return [each for each in latest.get("resources") or () if each.get("custom") and not each.get("delete")]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateError(
            f"Pulumi's state of stage {stage} in {folder} cannot be read ({error}). It is kept."
        ) from error
