"""The gate's share is measured beside the preview that it is about, and everything is written."""

import sys
from pathlib import Path

from bench.catalogue import write_project
from bench.gate import judge
from bench.measure import measure
from tests.parity.engines import ROOT


def test_a_preview_and_what_the_gate_makes_of_it(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    write_project(ROOT, project, services=5)
    preview = measure(
        [sys.executable, "cli/__main__.py", "preview", "--json", "-s", "dev", "--project", str(project)], cwd=ROOT
    )
    found = judge(ROOT, project, preview, tmp_path)
    assert (preview.exit_code, found.run.exit_code) == (0, 0), found.run.output
    assert found.document == (tmp_path / "report/gate.json").stat().st_size > 100_000
    assert min(found.note, found.page) > 20_000
