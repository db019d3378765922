"""What the gate adds to a preview: seconds until all of its files are there, and their size."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Measurement, measure

TARGET_SHARE, TARGET_PAGE = 50, 2_000_000
"""Percent of the preview's own time, and bytes of the page, at 6,800 resources (150 services)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The gate as a command, on the events of a preview; document, note, page: bytes of what it wrote."""

    run: Measurement
    document: int
    note: int
    page: int


def judge(root: Path, project: Path, preview: Measurement, folder: Path, *, stage: str = "dev") -> Written:
    """Judge what `./run preview --json` printed. Raises OSError where nothing was written."""
    events, out = folder / "events.jsonl", folder / "report"
    events.write_text("".join(f"{line}\n" for line in preview.output.splitlines() if line.startswith("{")), "utf-8")
    command = [sys.executable, str(root / "cli" / "__main__.py"), "gate", "-s", stage, "--project", str(project)]
    run = measure([*command, "--events", str(events), "--out", str(out)], cwd=root)
    document, note, page = ((out / name).stat().st_size for name in ("gate.json", "gate.md", "gate.html"))
    return Written(run=run, document=document, note=note, page=page)
