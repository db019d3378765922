"""`./run bench --against COMMIT`: the pack of this tree and that of another commit, asked in turn about the same resources."""

from __future__ import annotations

import io
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measure import Used, used_by
from bench.pack import RESOURCES, request_of

TARGET_RATIO = 1.0
"""Of this tree's seconds to the other's, over `RESOURCES` resources."""
_STAGE = "prd"
_TICK = 0.01
"""Seconds by which CPU is counted in /proc."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One process of a pack. start, answer: seconds of CPU until it is ready, and for the whole stack; of wall time without /proc.

    peak_mib: of its memory, None without /proc. violations: how many it reported.
    """

    start: float
    answer: float
    peak_mib: float | None
    violations: int


def compare(root: Path, commit: str, *, runs: int, resources: int = RESOURCES) -> int:
    """Print minimum, median and maximum of both, and their ratio; 1 where a pack could not be asked."""
    from offline.engine.errors import PackError

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        if (failure := _unpacked(root, commit, Path(folder))) is not None:
            print(failure, file=sys.stderr)
            return 1
        request = request_of(root, resources)
        packs = {"this tree": root / "policies", commit[:12]: Path(folder) / "policies"}
        found: dict[str, list[Asked]] = {name: [] for name in packs}
        try:
            for number in range(runs + 1):
                for name, pack in packs.items():
                    asked = _asked(pack, request)
                    if number:  # the first of each leaves compiled modules and a warm file cache behind
                        found[name].append(asked)
        except PackError as error:
            print(error, file=sys.stderr)
            return 1
    print(f"The pack of {_STAGE} in a process of its own, {runs} runs of each in turn: minimum, median, maximum.")
    for name, asked in found.items():
        peak = max((one.peak_mib or 0.0 for one in asked), default=0.0)
        print(
            f"  {name:<14}start {_spread([one.start for one in asked])} s   {resources} resources "
            f"{_spread([one.answer for one in asked])} s   peak {peak:4.0f} MiB   {asked[0].violations} violations"
        )
    ours, theirs = found.values()
    ratios = [one.answer / other.answer for one, other in zip(ours, theirs, strict=True)]
    print(f"  ratio of the answers {_spread(ratios)}   (target {TARGET_RATIO})")
    return 0


def _unpacked(root: Path, commit: str, target: Path) -> str | None:
    """Unpack the pack of a commit, which needs nothing else of its tree; why that cannot be done."""
    command = ["git", "-C", str(root), "archive", "--format=zip", commit, "policies"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        return f"git has no pack of {commit}: {done.stderr.decode(errors='replace').strip()}"
    with zipfile.ZipFile(io.BytesIO(done.stdout)) as archive:  # tarfile extracts safely from Python 3.11.4 on
        archive.extractall(target)
    return None


def _asked(pack: Path, request: Any) -> Asked:
    from pulumi.runtime.proto import analyzer_pb2

    from offline.engine.judging.pack_process import PackProcess
    from settings.files.stack_config import StackConfig

    config = StackConfig(project="category-analyzer", stage=_STAGE, values={})
    begun = time.perf_counter()
    process = PackProcess(pack, config=config, dry_run=True)
    try:
        process.connect()
        stack = analyzer_pb2.AnalyzerStackConfigureRequest(stack=_STAGE, project=config.project, dry_run=True)
        process.call("ConfigureStack", stack)
        ready, started = time.perf_counter(), used_by(process.pid)
        answer = process.call("AnalyzeStack", request)
        done, ended = time.perf_counter(), used_by(process.pid)
    finally:
        process.close()
    if started is None or ended is None:
        started, ended = Used(cpu=ready - begun, peak_mib=None), Used(cpu=done - begun, peak_mib=None)
    return Asked(
        start=started.cpu,
        answer=max(ended.cpu - started.cpu, _TICK),
        peak_mib=ended.peak_mib,
        violations=len(answer.diagnostics),
    )


def _spread(values: Sequence[float]) -> str:
    return f"{min(values):.2f} {statistics.median(values):.2f} {max(values):.2f}"
