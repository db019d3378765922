"""What earlier runs of the benchmark measured: a line a run in history.jsonl, as ratios to a calibration loop."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from policies.resources.json_text import read_json

HISTORY = Path(__file__).with_name("history.jsonl")
SLIP = 1.15
"""From this many times the figure before on, a figure is pointed at; two runs of one commit differ by less."""
_ROUNDS = 2_000_000


def calibration() -> float:
    """Seconds that this machine takes for a fixed piece of work, the best of three: what a figure is divided by."""

    def once() -> float:
        started = time.perf_counter()
        total, texts = 0, dict[str, int]()
        for number in range(_ROUNDS):
            total = (total * 31 + number) % 1_000_003
            if not number % 64:
                texts[str(total)] = number
        return time.perf_counter() - started

    return min(once() for _ in range(3))


def machine() -> str:
    """What figures are comparable on."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def compared(ratios: Mapping[str, float], before: Mapping[str, float]) -> dict[str, str]:
    """What to say of each figure beside the one of the run before; nothing of one that is new."""
    said = {}
    for name, ratio in ratios.items():
        if name in before and before[name] > 0:
            times = ratio / before[name]
            said[name] = f"{times:.2f} times the run before" + (", slower" if times >= SLIP else "")
    return said


def last(path: Path, machine: str) -> dict[str, Any] | None:
    """The newest line of this machine; a line that cannot be read is passed over."""
    found = None
    for line in path.read_text("utf-8", errors="replace").splitlines() if path.is_file() else []:
        try:
            entry: Any = read_json(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("machine") == machine and isinstance(entry.get("ratios"), dict):
            found = entry
    return found


def record(root: Path, seconds: Mapping[str, float], calibrated: float, path: Path = HISTORY) -> None:
    """Append this run's figures, and print how they compare with the run before on this machine."""
    ratios = {name: round(value / calibrated, 3) for name, value in seconds.items()}
    here = machine()
    before = last(path, here)
    entry = {
        "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": _commit(root),
        "machine": here,
        "calibration": round(calibrated, 4),
        "ratios": ratios,
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
    if before is None:
        print(f"History: the first run on this machine ({here}) is in {path.name}.")
        return
    print(f"History, in units of the calibration loop ({calibrated:.3f} s), beside {before.get('commit')}:")
    for name, said in compared(ratios, before["ratios"]).items():
        print(f"  {name:<34}{ratios[name]:8.2f}  {said}")


def _commit(root: Path) -> str:
    """The commit, with a plus where the tree differs from it; `unknown` outside of a repository."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    commit = git("rev-parse", "--short", "HEAD") or "unknown"
    return commit + ("+" if git("status", "--porcelain", "--untracked-files=no") else "")
