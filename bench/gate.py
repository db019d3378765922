"""What the gate adds to a preview: seconds until gate.json and the note are there, and the size of what is written."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

TARGET_SHARE, TARGET_PAGE = 50, 2_000_000
"""Percent of the preview's own time, and bytes of the page, at 6,800 resources (150 services)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """preview, seconds: of the preview, and of everything behind it; document, page: bytes of gate.json and gate.html."""

    resources: int
    preview: float
    seconds: float
    document: int
    page: int


def judge(root: Path, project: Path, out: Path, *, stage: str = "dev") -> Written:
    """Preview a stage of a project by the embedded engine, judge it and write every file into `out`."""
    from cli.gate import previews
    from cli.gate.gate import Gate, described
    from gate.note.note import drafted
    from gate.written import write_all

    asked = Gate(stages=(stage,), project_dir=project, state_dir=out / "state", out=out, engine="embedded")
    started = time.perf_counter()
    preview = previews.offline(
        previews.Asked(stage=stage, project_dir=project, state_dir=asked.state_dir, pack_dir=root / "policies")
    )
    previewed = time.perf_counter()
    document = described(asked, {stage: preview})
    write_all(document, out, drafted(document))
    return Written(
        resources=len(preview.told.model.resources),
        preview=previewed - started,
        seconds=time.perf_counter() - previewed,
        document=(out / "gate.json").stat().st_size,
        page=(out / "gate.html").stat().st_size,
    )
