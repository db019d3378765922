"""The gate's share is measured beside the preview that it is about, and everything is written."""

from __future__ import annotations

from pathlib import Path

from bench.catalogue import write_project
from bench.gate import judge
from tests.parity.engines import ROOT


def test_a_preview_and_what_the_gate_makes_of_it(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    write_project(ROOT, project, services=5)
    found = judge(ROOT, project, tmp_path / "out")
    assert found.resources > 200
    assert min(found.preview, found.seconds) > 0
    assert found.document == (tmp_path / "out/gate.json").stat().st_size > 100_000
    assert found.page == (tmp_path / "out/gate.html").stat().st_size > 50_000
