"""`./run bench --peers`: the same platform as an AWS CDK app, synthesized in turn with previews of this one."""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.catalogue import write_bare_program, write_project
from bench.measure import Measurement, measure

PEERS = Path(__file__).with_name("peers")
SIZES = (4, 50, 150)
TARGETS: Mapping[str, Mapping[int, float]] = {
    "CDK": {4: 0.5, 50: 0.6, 150: 0.8},
    "cdk-nag alone": {4: 1.0, 50: 1.2},
}
"""Of our seconds to theirs. CDK: its own validation and cdk-nag, the default."""
_FLOOR = "bare program"
"""As many plain resources and the same modules of pulumi_aws in the same engine: what the SDK alone takes, of the CDK app's time."""
_ENVIRONMENTS = {"CDK": {}, "cdk-nag alone": {"CDK_VALIDATION": "false"}}


def compare(root: Path, *, runs: int, sizes: Sequence[int] = SIZES) -> int:
    """Print a line for each size and peer; 1 where a run of ours failed, or the CDK app wrote no templates."""
    if (missing := _missing()) is not None:
        print(f"Peers: skipped, {missing}.")
        return 0
    print(f"Seconds and peak memory of ours to theirs, {runs} runs of each in turn: median (smallest to largest).")
    print(f"The {_FLOOR}: as many plain resources in the same engine, to the CDK app.")
    for services in sizes:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            failure = _size(root, Path(folder), services, runs)
        if failure is not None:
            print(failure, file=sys.stderr)
            return 1
    return 0


def _size(root: Path, folder: Path, services: int, runs: int) -> str | None:
    project, bare = folder / "project", folder / "bare"
    project.mkdir()
    bare.mkdir()
    write_project(root, project, services=services)
    ours, floor = _preview(root, project), _preview(root, bare)
    first = measure(ours, cwd=root)  # leaves compiled modules and a warm file cache behind
    if (created := re.search(r"succeeded: (\d+) to create", first.output)) is None:
        return f"a run failed:\n{first.output}"
    write_bare_program(root, project, bare, resources=int(created[1]))
    pairs: dict[str, list[tuple[Measurement, Measurement]]] = {name: [] for name in (*_ENVIRONMENTS, _FLOOR)}
    for number in range(runs):
        for name, environment in _ENVIRONMENTS.items():
            mine = measure(ours, cwd=root)
            out = folder / f"{name}-{number}"
            theirs = _synthesized(out, services, environment)
            if not (out / "manifest.json").is_file() or mine.exit_code:
                return f"a run failed:\n{mine.output if mine.exit_code else theirs.output}"
            pairs[name].append((mine, theirs))
        plain = measure(floor, cwd=root)
        if plain.exit_code:
            return f"a run failed:\n{plain.output}"
        pairs[_FLOOR].append((plain, pairs["CDK"][-1][1]))
    for name, measured in pairs.items():
        target = TARGETS.get(name, {}).get(services)
        print(
            f"  {services:>4} services, {name:<14}{_spread([a.seconds / b.seconds for a, b in measured])}"
            f"{'' if target is None else f', target {target}'}; memory {_spread([_ratio(a, b) for a, b in measured])}"
        )
    return None


def _preview(root: Path, project: Path) -> list[str]:
    return [sys.executable, str(root / "cli" / "__main__.py"), "preview", "-s", "dev", "--project", str(project)]


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
