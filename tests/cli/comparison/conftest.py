"""A copy of the project, whose settings can be changed."""

import shutil
from pathlib import Path

import pytest

from cli.stages.place import Place


@pytest.fixture
def place(project_root: Path, tmp_path: Path) -> Place:
    """A copy of the real settings, to change."""
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prd.yaml", "__main__.py"):
        shutil.copyfile(project_root / name, tmp_path / name)
    shutil.copytree(project_root / "env", tmp_path / "env")
    return Place(stage="dev", project_dir=tmp_path, state_dir=tmp_path / ".state")
