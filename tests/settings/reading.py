"""A stage's values read as settings, or what is wrong with them."""

from pathlib import Path
from typing import Any

import pytest

from settings.merged import Settings
from settings.problems import Problem, SettingsError
from settings.reader import read
from tests.project import PROJECT

ROOT = Path(__file__).parents[2]


def settings_of(values: dict[str, Any], stage: str = "dev", root: Path = ROOT, **more: Any) -> Settings:
    """The settings of values that are right; `root` is the project's folder, with its env files."""
    return read(values, project=PROJECT, stage=stage, project_dir=root, **more)


def problems_of(values: dict[str, Any], stage: str = "dev", root: Path = ROOT, **more: Any) -> tuple[Problem, ...]:
    """What is wrong with values that are refused."""
    with pytest.raises(SettingsError) as refused:
        settings_of(values, stage, root, **more)
    return refused.value.problems


def reported(values: dict[str, Any], stage: str = "dev") -> list[tuple[str, str, str, str]]:
    """Of each problem the file, the key, what was found and what is allowed."""
    return [(problem.file, problem.key, problem.found, problem.allowed) for problem in problems_of(values, stage)]
