"""`./run bench`: previews with the pack as a person runs them, their time and memory beside the targets."""

from __future__ import annotations

import itertools
import statistics
import sys
import tempfile
from pathlib import Path

from bench import gate, history, pack, resources
from bench.catalogue import write_project
from bench.measure import Measurement, measure

TARGET_SECONDS, TARGET_MIB = 2.5, 250
TARGET_SECONDS_MANY = 20.0
TARGET_RATIO = 1.3
"""Of an `up` with nothing to do to a preview."""


def bench(root: Path, *, runs: int, services: int) -> int:
    """Print a line for each measurement; 1 only when a run itself failed, since a target missed is no failure."""
    calibrated = history.calibration()
    print("Both processes counted: the engine with the program, and the policy pack. Targets are for 2 cores.")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        empty = Path(folder) / "state"
        dev = [*_command(root), "-s", "dev", "--state", str(empty)]
        cold = measure(dev, cwd=root)  # leaves compiled modules and a warm file cache behind
        warm = [measure(dev, cwd=root) for _ in range(max(1, runs))]
        first, pairs = _again(root, Path(folder) / "up", runs=max(1, runs))
        project = Path(folder) / "project"
        project.mkdir()
        write_project(root, project, services=services)
        many = measure([*_command(root), "--json", "-s", "dev", "--project", str(project)], cwd=root)
        written = gate.judge(root, project, many, Path(folder)) if not many.exit_code else None
    failed = next((run for run in (cold, *warm, first, *itertools.chain(*pairs), many) if run.exit_code), None)
    if failed is not None:
        print(f"a run failed with exit code {failed.exit_code}:\n{failed.output}", file=sys.stderr)
        return 1
    seconds = statistics.median(run.seconds for run in warm)
    spread = f"{min(run.seconds for run in warm):.2f}-{max(run.seconds for run in warm):.2f}"
    print(f"  preview of dev, first run        {cold.seconds:6.2f} s   {_memory(cold)}")
    print(
        f"  preview of dev, warm, {len(warm):>2} runs   {seconds:6.2f} s   {_memory(max(warm, key=_peak))}"
        f"   (median, {spread}; target {TARGET_SECONDS} s, {TARGET_MIB} MiB)"
    )
    print(
        f"  preview with {services:>4} services       {many.seconds:6.2f} s   {_memory(many)}"
        f"   (target for 150: {TARGET_SECONDS_MANY:.0f} s)"
    )
    before, again = (statistics.median(run.seconds for run in side) for side in zip(*pairs, strict=True))
    print(
        f"  up of dev, nothing to do        {again:6.2f} s              "
        f"({again / before:.2f} times the preview beside it, {before:.2f} s; target {TARGET_RATIO})"
    )
    if written is not None:
        _print_gate(written, many)
    judged = pack.judge(root)
    _print_judged(f"the pack over {pack.RESOURCES} resources", judged.everything, pack.TARGET_SECONDS)
    _print_judged(f"the verdict of {pack.WORKLOADS} workloads", judged.verdict, pack.TARGET_SECONDS_VERDICT)
    print(f"  {'the same, read from resources':<31}{judged.budget:7.2f} s")
    resources.print_counts(root)
    history.record(
        root,
        {
            "preview of dev": seconds,
            f"preview with {services} services": many.seconds,
            "up of dev, nothing to do": again,
            f"the pack over {pack.RESOURCES} resources": judged.everything,
            f"the verdict of {pack.WORKLOADS} workloads": judged.verdict,
        },
        calibrated,
    )
    return 0


def _again(root: Path, state: Path, *, runs: int) -> tuple[Measurement, list[tuple[Measurement, Measurement]]]:
    """The first `up`, and then previews and `up`s with nothing to do in turn."""

    def run(kind: str) -> Measurement:
        return measure([*_command(root, kind), "-s", "dev", "--state", str(state)], cwd=root)

    return run("up"), [(run("preview"), run("up")) for _ in range(runs)]


def _print_gate(written: gate.Written, preview: Measurement) -> None:
    share = 100 * written.run.seconds / preview.seconds
    print(
        f"  the gate on those events         {written.run.seconds:6.2f} s   {_memory(written.run)}"
        f"   ({share:.0f} % of the preview; target {gate.TARGET_SHARE} %)"
    )
    sizes = (("gate.json", written.document), ("gate.md", written.note), ("gate.html", written.page))
    said = ", ".join(f"{name} {size / 1e6:.2f} MB" for name, size in sizes)
    print(f"  {'what it writes':<31}{said} (target of the page {gate.TARGET_PAGE / 1e6:.0f} MB)")


def _print_judged(what: str, seconds: float, target: float) -> None:
    print(f"  {what:<31}{seconds:7.2f} s              (target {target} s)")


def _command(root: Path, kind: str = "preview") -> list[str]:
    return [sys.executable, str(root / "cli" / "__main__.py"), kind]


def _peak(run: Measurement) -> float:
    return run.peak_mib or 0.0


def _memory(run: Measurement) -> str:
    return f"{run.peak_mib:5.0f} MiB" if run.peak_mib is not None else "memory unknown"
