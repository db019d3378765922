"""What an engine that was killed left half done: Pulumi's pending operations, and what of them reached the offline AWS.

Pulumi notes each operation before it begins and takes the note away when its result is recorded. An operation whose
note is still there never took effect for the program: it is taken out of the offline AWS's record, too.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from offline.engine.errors import StateError
from offline.pulumi.command import Cli
from offline.pulumi.workspace import Workspace
from policies.resources.json_text import read_json

_STARTED = "started"
"""Holds how many operations were recorded when the last run that may change something began."""
_VERSION = 3
"""Of checkpoints and exports (sdk/go/common/apitype/deployments.go of pulumi/pulumi)."""
_DONE_BY = {"creating": "create", "updating": "update", "deleting": "delete"}


def restore_checkpoint(workspace: Workspace) -> None:
    """Make readable again what an engine was killed in writing.

    Seen: an empty `.attrs` file beside a whole checkpoint, which the backend's store (gocloud.dev/blob/fileblob) writes in
    place and refuses with "EOF"; it holds a content type only, and may be absent. A checkpoint that is broken itself gives
    way to Pulumi's own copy, one write older: what that has pending is settled as after any other interruption. Raises
    StateError where neither can be read.
    """
    for attributes in (workspace.backend / ".pulumi").rglob("*.attrs"):
        if not _is_json(attributes):
            attributes.unlink()
    for path in _checkpoints(workspace):
        if _is_json(path):
            continue
        copy = path.with_name(f"{path.name}.bak")
        if not _is_json(copy):
            raise StateError(
                f"Pulumi's state of stage {workspace.stage} cannot be read ({path}), nor its copy beside it. Nothing was "
                f"started and both are kept. Move {workspace.folder} away to start the stage from nothing."
            )
        path.write_bytes(copy.read_bytes())


def _checkpoints(workspace: Workspace) -> Iterable[Path]:
    return (workspace.backend / ".pulumi" / "stacks").glob(f"*/{workspace.stage}.json")


def _is_json(path: Path) -> bool:
    try:
        read_json(path.read_bytes())
    except (OSError, ValueError):
        return False
    return True


def note_start(workspace: Workspace) -> None:
    """Remember how much was recorded before a run, so that `settle` takes out nothing older."""
    count = 0
    if workspace.record.is_file():
        with contextlib.closing(workspace.log("read")) as log:
            count = len(log.operations())
    (workspace.folder / _STARTED).write_text(str(count), encoding="ascii")


def settle(workspace: Workspace, cli: Cli) -> Mapping[str, Any]:
    """Bring state and AWS back to one truth after an interruption; what is deployed after that, as an export says it."""
    deployment = _deployment(workspace, cli)
    pending: list[Mapping[str, Any]] = deployment.get("pending_operations") or []
    if not pending:
        return deployment
    started = workspace.folder / _STARTED
    first = int(started.read_text("ascii")) if started.is_file() else 0
    with contextlib.closing(workspace.log("write")) as log:
        log.withdraw(_unfinished(pending), since=first)
    settled = {**deployment, "pending_operations": []}
    cli.ask("stack", "import", "--force", stdin=json.dumps(exported(settled)))
    return _deployment(workspace, cli)


def exported(deployment: Mapping[str, Any]) -> Mapping[str, Any]:
    """What `pulumi stack export` writes of a deployment."""
    return {"version": _VERSION, "deployment": deployment}


def _deployment(workspace: Workspace, cli: Cli) -> Mapping[str, Any]:
    """What is deployed: out of the checkpoint, without a start of the CLI, where it has the form that is known here."""
    for path in _checkpoints(workspace):
        match read_json(path.read_bytes()):
            case {"version": int() as version, "checkpoint": {**checkpoint}} if version == _VERSION:
                return checkpoint.get("latest") or {}
            case _:
                pass
    return read_json(cli.ask("stack", "export")).get("deployment") or {}


def _unfinished(pending: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """URN to the kind of operation that was under way."""
    return {str(item["resource"]["urn"]): _DONE_BY.get(str(item["type"]), "") for item in pending}
