"""A singleton in the settings: one task, whatever the stage's defaults say."""

from collections.abc import Callable
from typing import Any

from tests.project import PROJECT as P
from tests.settings.reading import problems_of, settings_of

Values = dict[str, Any]


def test_a_singleton_takes_no_tasks_from_the_defaults_of_the_stage(stage_values: Callable[[str], Values]) -> None:
    values = stage_values("prd")
    values[f"{P}:services"]["beat"] = {"singleton": True}
    settings = settings_of(values, "prd")
    [beat] = (service for service in settings.services if service.name == "beat")
    assert (beat.tasks.min, beat.tasks.max) == (1, 1)
    assert not [path for path in settings.origins if path.startswith("services.beat.tasks")]


def test_a_singleton_of_two_tasks_is_refused(stage_values: Callable[[str], Values]) -> None:
    values = stage_values("prd")
    values[f"{P}:services"]["beat"] = {"singleton": True, "tasks": {"min": 1, "max": 2}}
    [problem] = problems_of(values, "prd")
    assert (problem.key, problem.found, problem.allowed) == (
        "services.beat.tasks",
        "max 2 of a singleton",
        "max 1: a second task of a singleton may never start",
    )
