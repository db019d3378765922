"""A project without a build, and a Go that builds in no time."""

from pathlib import Path

import pytest

from tests.offline.pulumi.fake_go import FakeGo


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty project."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def go(tmp_path: Path) -> FakeGo:
    """A Go that is new enough and builds."""
    return FakeGo(tmp_path / "bin")
