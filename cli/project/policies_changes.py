"""`./run policies --against DIR`: what a change of the policy pack does to the gate, beside the pack that is in force."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.command import DONE
from offline.engine.errors import UsageError
from offline.process import dying_with_parent
from policies.resources.json_text import read_json

CHANGED = 3
"""The exit code for a gate that differs: CI shows it as a warning."""

_TRUSTED_FOLDERS = ("gate", "offline", "cli", "settings", "delivery", "components/calc", ".ci")
_TRUSTED_FILES = ("run", ".gitlab-ci.yml", "requirements.txt", "requirements-dev.txt")
"""What judges beside the pack, with all that it imports."""
_LEVELS = ("disabled", "advisory", "mandatory")
_IGNORED = frozenset({".pyc", ".pyo"})
# Two packs cannot be imported into one process: both are called `policies`.
_DESCRIBE = """
import json, sys
from datetime import date
from pathlib import Path
from types import ModuleType
folder = Path(sys.argv[1])
sys.modules["policies"] = package = ModuleType("policies")
package.__path__ = [str(folder)]
from policies.serving.catalog import CATALOG
from policies.serving.exceptions import load_exceptions
found = load_exceptions(folder / "exceptions.yaml", known=frozenset(spec.name for spec in CATALOG), today=date.min)
json.dump({
    "policies": {spec.name: {
        "levels": {stage: level.value for stage, level in spec.levels.items()},
        "severity": spec.severity,
        "settings": {setting.name: dict(setting.defaults) for setting in spec.settings},
    } for spec in CATALOG},
    "exceptions": [{
        "policy": entry.policy, "resource": entry.resource, "reason": entry.reason, "owner": entry.owner,
        "expires": entry.expires.isoformat(),
    } for entry in found.entries],
    "problems": list(found.problems),
}, sys.stdout)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A pack as it can be compared. policies: levels, severity and settings by name; exceptions by policy and pattern; files: digests."""

    policies: Mapping[str, Mapping[str, Any]]
    exceptions: Mapping[tuple[str, str], Mapping[str, str]]
    files: Mapping[str, str]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference. weaker: it lets something through that was refused, as far as catalogue and exceptions show."""

    what: str
    weaker: bool = field(default=False)


def file_changes(before: Path, after: Path) -> list[Change]:
    """The files outside of the pack that have a part in the judgement: engine, gate, commands, pipeline and their packages."""
    return list(_file_changes(_trusted(before), _trusted(after)))


def pack_file_changes(before: Path, after: Path) -> list[Change]:
    """The files of a pack that differ, found without running any of it."""
    return list(_file_changes(dict(_digests(before)), dict(_digests(after))))


def _trusted(root: Path) -> dict[str, str]:
    found = {name: _digest(root / name) for name in _TRUSTED_FILES if (root / name).is_file()}
    for name in _TRUSTED_FOLDERS:
        found |= {f"{name}/{below}": digest for below, digest in _digests(root / name)}
    return found


def show_changes(own: Path, against: Path, *, more: Sequence[Change] = ()) -> int:
    """Print what the pack in `own` changes of the gate in `against`; 3 where anything differs. Raises UsageError as `read_pack`."""
    changes = [*compare(read_pack(against), read_pack(own)), *more]
    if not changes:
        print(f"The policy pack is that of {against}: no change.")
        return DONE
    weaker = [change for change in changes if change.weaker]
    for title, listed in (("Weaker", weaker), ("Changed", [change for change in changes if not change.weaker])):
        if listed:
            print(f"{title}:")
            for change in listed:
                print(f"  {change.what}")
    print(f"This change touches the gate: {len(changes)} differences, {len(weaker)} of them make it weaker.")
    return CHANGED


def require_pack(folder: Path) -> Path:
    """The folder of a pack, absolute. Raises UsageError where there is none in it."""
    folder = folder.resolve()
    if not (folder / "PulumiPolicy.yaml").is_file():
        raise UsageError(f"There is no policy pack in {folder}: it has no PulumiPolicy.yaml.")
    return folder


def read_pack(folder: Path) -> Pack:
    """The pack in a folder. Raises UsageError where there is none or it cannot be read."""
    folder = require_pack(folder)
    files = dict(_digests(folder))  # before any line of it runs
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        dying_with_parent([sys.executable, "-B", "-I", "-c", _DESCRIBE, str(folder)], apart=True),
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        raise UsageError(f"The policy pack in {folder} cannot be read: {last}")
    found: dict[str, Any] = read_json(done.stdout)
    return Pack(
        policies=found["policies"],
        exceptions={(entry["policy"], entry["resource"]): entry for entry in found["exceptions"]},
        files=files,
        problems=tuple(found["problems"]),
    )


def compare(before: Pack, after: Pack) -> Iterator[Change]:
    """Every difference of the gate, from one pack to the next."""
    for name in sorted(before.policies.keys() | after.policies.keys()):
        yield from _policy_changes(name, before.policies.get(name), after.policies.get(name))
    for key in sorted(before.exceptions.keys() | after.exceptions.keys()):
        yield from _exception_changes(before.exceptions.get(key), after.exceptions.get(key))
    for problem in sorted(set(after.problems) - set(before.problems)):
        yield Change(what=f"exceptions  {problem}")
    yield from _file_changes(before.files, after.files)


def _file_changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    """The catalogue does not show what the code of a file judges: people have to read it."""
    for name in sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)):
        how = "new" if name not in before else "removed" if name not in after else "differs"
        yield Change(what=f"file        {name} {how}: read it")


def _policy_changes(name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Iterator[Change]:
    if before is None or after is None:
        levels = ", ".join(f"{stage} {level}" for stage, level in (before or after or {})["levels"].items())
        yield Change(
            what=f"policy      {name} {'added' if before is None else 'removed'} ({levels})", weaker=after is None
        )
        return
    for stage, old, new in _differences(before["levels"], after["levels"]):
        lower = old is not None and (new is None or _LEVELS.index(new) < _LEVELS.index(old))
        yield Change(what=f"level       {name} in {stage}: {old} -> {new}", weaker=lower)
    if before["severity"] != after["severity"]:
        yield Change(what=f"severity    {name}: {before['severity']} -> {after['severity']}")
    for setting, old, new in _differences(before["settings"], after["settings"]):
        yield Change(what=f"setting     {name} {setting}: {json.dumps(old)} -> {json.dumps(new)}")


def _exception_changes(before: Mapping[str, str] | None, after: Mapping[str, str] | None) -> Iterator[Change]:
    entry = after or before or {}
    subject = f"exception   {entry['policy']} for {entry['resource']}"
    if before is None:
        yield Change(
            what=f"{subject} added ({entry['reason']}; {entry['owner']}, until {entry['expires']})", weaker=True
        )
    elif after is None:
        yield Change(what=f"{subject} removed")
    else:
        for key, old, new in _differences(before, after):
            yield Change(what=f"{subject}: {key} {old} -> {new}", weaker=key == "expires" and str(new) > str(old))


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    keys = dict.fromkeys((*before, *after))
    return ((key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key))


def _digests(folder: Path) -> Iterable[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in _IGNORED and path.name != "exceptions.yaml":
            yield path.relative_to(folder).as_posix(), _digest(path)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
