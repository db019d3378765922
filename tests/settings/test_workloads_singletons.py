"""A singleton in the settings: one task, whatever the stage's defaults say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from settings.problems import SettingsError
from settings.reader import read
from tests.project import PROJECT as P

Values = dict[str, Any]
ROOT = Path(__file__).parents[2]


def test_a_singleton_takes_no_tasks_from_the_defaults_of_the_stage(stage_values: Callable[[str], Values]) -> None:
    values = stage_values("prd")
    values[f"{P}:services"]["beat"] = {"singleton": True}
    settings = read(values, project=P, stage="prd", project_dir=ROOT)
    [beat] = (service for service in settings.services if service.name == "beat")
    assert (beat.tasks.min, beat.tasks.max) == (1, 1)
    assert not [path for path in settings.origins if path.startswith("services.beat.tasks")]


def test_a_singleton_of_two_tasks_is_refused(stage_values: Callable[[str], Values]) -> None:
    values = stage_values("prd")
    values[f"{P}:services"]["beat"] = {"singleton": True, "tasks": {"min": 1, "max": 2}}
    with pytest.raises(SettingsError) as caught:
        read(values, project=P, stage="prd", project_dir=ROOT)
    [problem] = caught.value.problems
    assert (problem.key, problem.found, problem.allowed) == (
        "services.beat.tasks",
        "max 2 of a singleton",
        "max 1: a second task of a singleton may never start",
    )
