"""`./run bench --peers`: the same platform as an AWS CDK app, synthesized in turn with previews of this one."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.catalogue import write_project
from bench.measure import Measurement, measure

PEERS = Path(__file__).with_name("peers")
SIZES = (4, 50, 150)
TARGETS: Mapping[str, Mapping[int, float]] = {
    "CDK": {4: 0.5, 50: 0.6, 150: 0.8},
    "cdk-nag alone": {4: 1.0, 50: 1.2},
}
"""Of our seconds to theirs. CDK: its own validation and cdk-nag, the default."""
_ENVIRONMENTS = {"CDK": {}, "cdk-nag alone": {"CDK_VALIDATION": "false"}}


def compare(root: Path, *, runs: int, sizes: Sequence[int] = SIZES) -> int:
    """Print a line for each size and peer; 1 where a run of ours failed, or the CDK app wrote no templates."""
    if (missing := _missing()) is not None:
        print(f"Peers: skipped, {missing}.")
        return 0
    print(f"Seconds and peak memory of ours to theirs, {runs} runs of each in turn: median (smallest to largest).")
    for services in sizes:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            failure = _size(root, Path(folder), services, runs)
        if failure is not None:
            print(failure, file=sys.stderr)
            return 1
    return 0


def _size(root: Path, folder: Path, services: int, runs: int) -> str | None:
    project = folder / "project"
    project.mkdir()
    write_project(root, project, services=services)
    preview = [sys.executable, str(root / "cli" / "__main__.py"), "preview", "-s", "dev", "--project", str(project)]
    measure(preview, cwd=root)  # leaves compiled modules and a warm file cache behind
    ours: dict[str, list[Measurement]] = {name: [] for name in _ENVIRONMENTS}
    theirs: dict[str, list[Measurement]] = {name: [] for name in _ENVIRONMENTS}
    for number in range(runs):
        for name, environment in _ENVIRONMENTS.items():
            ours[name].append(measure(preview, cwd=root))
            out = folder / f"{name}-{number}"
            theirs[name].append(_synthesized(out, services, environment))
            if not (out / "manifest.json").is_file() or ours[name][-1].exit_code:
                return (
                    f"a run failed:\n{ours[name][-1].output if ours[name][-1].exit_code else theirs[name][-1].output}"
                )
    for name in _ENVIRONMENTS:
        pairs = list(zip(ours[name], theirs[name], strict=True))
        target = TARGETS[name].get(services)
        print(
            f"  {services:>4} services, {name:<14}{_spread([a.seconds / b.seconds for a, b in pairs])}"
            f"{'' if target is None else f', target {target}'}; memory {_spread([_ratio(a, b) for a, b in pairs])}"
        )
    return None


def _synthesized(out: Path, services: int, environment: Mapping[str, str]) -> Measurement:
    """A run of the CDK app. Its findings end it with 1, after it has written its templates."""
    variables = {**os.environ, **environment, "N": str(services), "CDK_OUTDIR": str(out)}
    return measure(["node", "app.js"], cwd=PEERS, environment=variables)


def _missing() -> str | None:
    """Why the CDK app cannot run here; installs its packages, by their lock file, into the ignored folder node_modules."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            return f"{program} is not on PATH"
    if not (PEERS / "node_modules" / "aws-cdk-lib").is_dir():
        command = ["npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(PEERS)]
        if subprocess.run(command, check=False).returncode:
            return f"npm ci --prefix {PEERS} failed"
    return None


def _ratio(ours: Measurement, theirs: Measurement) -> float:
    return (ours.peak_mib or 0.0) / theirs.peak_mib if theirs.peak_mib else float("nan")


def _spread(ratios: Sequence[float]) -> str:
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
