"""Configuration of the real stages, as Pulumi hands it to the program: full keys to JSON documents."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.settings import Settings, read

ROOT = Path(__file__).parents[2]
PROJECT = "category-analyzer"


def _stage_values(stage: str) -> dict[str, Any]:
    catalogue = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    values = {f"{PROJECT}:{key}": entry["value"] for key, entry in catalogue.items() if isinstance(entry, dict)}
    return values | yaml.safe_load((ROOT / f"Pulumi.{stage}.yaml").read_text())["config"]


@pytest.fixture
def stage_values() -> Callable[[str], dict[str, Any]]:
    """The configuration of a real stage; each call gives a copy to change."""
    return lambda stage: copy.deepcopy(_stage_values(stage))


@pytest.fixture
def stage_settings(stage_values: Callable[[str], dict[str, Any]]) -> Callable[[str], Settings]:
    """The settings of a real stage."""
    return lambda stage: read(stage_values(stage), project=PROJECT, stage=stage)
