"""A secret under the name of a variable that the platform sets is refused, and the list of those is what containers get."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from offline.engine.outcome import Outcome
from settings.merged import Settings
from settings.rules.variable_rules import platform_variables
from tests.project import PROJECT as P
from tests.settings.reading import problems_of, settings_of

Values = Callable[[str], dict[str, Any]]


@pytest.mark.parametrize(
    ("kind", "name", "change", "variable"),
    [
        ("services", "gateway", {"secrets": ["STAGE"]}, "STAGE"),
        ("services", "gateway", {"secrets": ["OTEL_SERVICE_NAME"]}, "OTEL_SERVICE_NAME"),
        ("services", "gateway", {"secrets": ["KEEP_ALIVE_TIMEOUT_MS"]}, "KEEP_ALIVE_TIMEOUT_MS"),
        ("services", "datalab-api", {"secrets": ["DB_USER"]}, "DB_USER"),
        ("jobs", "ranking-batch", {"secrets": ["DB_HOST"]}, "DB_HOST"),
    ],
)
def test_a_secret_under_a_name_of_the_platform(
    stage_values: Values, kind: str, name: str, change: dict[str, Any], variable: str
) -> None:
    values = stage_values("dev")
    values[f"{P}:{kind}"][name] |= change
    (problem, *_) = [p for p in problems_of(values) if p.key == f"{kind}.{name}.secrets.{variable}"]
    assert problem.found == f'"{variable}"'
    assert "the platform sets these for " in problem.allowed


def test_a_name_that_the_workload_is_not_given_is_free(stage_values: Values) -> None:
    values = stage_values("dev")
    values[f"{P}:services"]["gateway"]["secrets"] = ["DB_HOST"]
    values[f"{P}:jobs"]["ranking-batch"]["secrets"] = ["PORT", "OTEL_SERVICE_NAME"]
    assert settings_of(values)


@pytest.mark.parametrize("stage", ["dev", "prd"])
def test_the_list_is_what_containers_get(
    preview: Callable[..., Outcome], stage_settings: Callable[[str], Settings], stage: str
) -> None:
    settings = stage_settings(stage)
    given = {
        container["name"]: {variable["name"] for variable in container["environment"]}
        for resource in preview(stage).resources
        if resource.type == "aws:ecs/taskDefinition:TaskDefinition"
        for container in json.loads(resource.inputs["containerDefinitions"])
    }
    for workload in (*settings.services, *settings.jobs):
        assert given[workload.name] - set(workload.environment) == platform_variables(workload, telemetry=True)
