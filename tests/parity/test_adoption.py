"""The adoption profile on the real engine: the same violations at the same levels, own stage names included."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.policies.test_adoption import PROFILE, ROOT, levels, previewed

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("stage", ["staging", "canary"])
def test_the_profile_decides_the_same_on_both_engines(cli: Path, tmp_path: Path, stage: str) -> None:
    project = shutil.copytree(ROOT / "examples/web-shop", tmp_path / "web-shop")
    if stage != "staging":
        shutil.copyfile(project / "Pulumi.staging.yaml", project / f"Pulumi.{stage}.yaml")
    asked = ("--json", "--policy-pack-config", str(PROFILE))
    embedded, real = (
        previewed(project, stage, *asked, "--engine", engine, "--state", str(tmp_path / engine))
        for engine in ("embedded", "pulumi")
    )
    assert levels(embedded) == levels(real)
    assert "connection-budget" in levels(real)
    assert (embedded.returncode, real.returncode) == (1, 1)
