"""One problem a place: what several workloads take from one line is wrong in that line, once."""

from collections.abc import Callable
from typing import Any

import pytest

from settings.origins import Origin
from settings.problems import Problem, SettingsError, put, put_at, remove_at
from tests.project import PROJECT
from tests.settings.reading import problems_of


@pytest.mark.parametrize(
    ("key", "setting", "value", "place"),
    [
        ("serviceDefaults", "cpu", 500, "Pulumi.dev.yaml:29 serviceDefaults.cpu"),
        ("serviceDefaults", "memory", 600, "Pulumi.dev.yaml:30 serviceDefaults.memory"),
        ("serviceDefaults", "dbConnLimit", 0, "Pulumi.dev.yaml:31 serviceDefaults.dbConnLimit"),
        ("serviceDefaults", "dbPoolIdleMs", 90_000, "Pulumi.dev.yaml:28 serviceDefaults.dbPoolIdleMs"),
        ("serviceDefaults", "stopTimeoutSeconds", 30, "Pulumi.dev.yaml:28 serviceDefaults.stopTimeoutSeconds"),
        ("serviceDefaults", "tasks", {"min": 2, "max": 1}, "Pulumi.dev.yaml:32 serviceDefaults.tasks"),
        ("serviceDefaults", "secrets", ["STAGE"], "Pulumi.dev.yaml:28 serviceDefaults.secrets.STAGE"),
        ("jobDefaults", "memory", 100, "Pulumi.dev.yaml:36 jobDefaults.memory"),
        ("jobDefaults", "timezone", "Asia/Seol", "Pulumi.dev.yaml:36 jobDefaults.timezone"),
        ("database", "waitTimeoutSeconds", 30, "Pulumi.dev.yaml:18 database.waitTimeoutSeconds"),
    ],
)
def test_a_shared_value_is_wrong_once_and_where_it_is_written(
    stage_values: Callable[[str], dict[str, Any]], key: str, setting: str, value: object, place: str
) -> None:
    values = stage_values("dev")
    values[f"{PROJECT}:{key}"][setting] = value
    assert [str(problem.at) for problem in problems_of(values)] == [place]


def test_the_same_place_is_reported_once_but_every_line_of_an_env_file() -> None:
    def problem(file: str, line: int) -> Problem:
        return Problem(at=Origin(file=file, key="A", line=line), found="1", allowed="2", example="A=2")

    assert len(SettingsError([problem("Pulumi.yaml", 1), problem("Pulumi.yaml", 1)]).problems) == 1
    assert len(SettingsError([problem("env/a/.env.development", n) for n in (1, 2, 2)]).problems) == 2


def test_examples_are_as_they_are_written_in_the_file() -> None:
    assert put(schedule="cron(0 2 * * ? *)", tasks={"min": 1, "max": 2}) == (
        "schedule: 'cron(0 2 * * ? *)', tasks: {min: 1, max: 2}"
    )
    assert put_at(Origin(file="Pulumi.dev.yaml", key="database.port"), 3306) == "port: 3306"
    assert put_at(Origin(file="env/a/.env.development", key="PORT", line=3), 3000) == "PORT=3000"
    assert remove_at(Origin(file="Pulumi.yaml", key="services.a.secrets.STAGE")) == "remove STAGE"
