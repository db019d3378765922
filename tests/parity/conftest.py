"""The CLI of the real engine: without one these tests say so and are skipped; CI builds it first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from offline.engine.errors import EngineError
from offline.pulumi.executable import find_cli
from tests.parity.engines import Pair, pair


@pytest.fixture(scope="session")
def cli() -> Path:
    """The CLI that `--engine pulumi` takes."""
    try:
        return find_cli(os.environ).path
    except EngineError as error:
        pytest.skip(f"no Pulumi CLI: ./run engine ({error})")


@pytest.fixture
def both(cli: Path, tmp_path: Path) -> Pair:
    """A new small project on both engines."""
    return pair(tmp_path, cli)
