"""Configuration of the real stages, as Pulumi hands it to the program: full keys to JSON documents."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from offline.engine.deployment import run
from offline.engine.outcome import Outcome
from settings.merged import Settings
from settings.reader import read

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
    return lambda stage: read(stage_values(stage), project=PROJECT, stage=stage, project_dir=ROOT)


@pytest.fixture(scope="session")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Outcome]:
    """Preview a real stage in the embedded engine, without the pack; overrides replace whole configuration keys.

    A stage as it is gets previewed once a session.
    """
    done: dict[str, Outcome] = {}

    def run_preview(
        stage: str, overrides: dict[str, Any] | None = None, program: Callable[[], None] | None = None
    ) -> Outcome:
        if overrides is None and program is None and stage in done:
            return done[stage]
        outcome = run(
            kind="preview",
            stage=stage,
            project_dir=ROOT,
            state_dir=tmp_path_factory.mktemp("state"),
            pack_dir=None,
            on_event=lambda event: None,
            program=program,
            config_overrides={f"{PROJECT}:{key}": value for key, value in (overrides or {}).items()},
        )
        if overrides is None and program is None:
            done[stage] = outcome
        return outcome

    return run_preview
