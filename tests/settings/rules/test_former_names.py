"""`formerly`: a name of one workload alone, in the catalogue, and everything in AWS stays under the first."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.project import PROJECT
from tests.settings.reading import problems_of, settings_of

Values = dict[str, Any]
StageValues = Callable[[str], Values]


def put(values: Values, document: str, name: str, **change: object) -> Values:
    """The values with a change of one entry."""
    values.setdefault(f"{PROJECT}:{document}", {}).setdefault(name, {}).update(change)
    return values


@pytest.mark.parametrize(
    ("formerly", "former_names", "aws_name"),
    [
        ("tracker", ("tracker",), "tracker"),
        (["tracker"], ("tracker",), "tracker"),
        (["rank-api", "tracker"], ("rank-api", "tracker"), "tracker"),
    ],
)
def test_aws_keeps_the_first_name(
    stage_values: StageValues, formerly: object, former_names: tuple[str, ...], aws_name: str
) -> None:
    settings = settings_of(put(stage_values("dev"), "services", "tracking-api", formerly=formerly, secrets=["API_KEY"]))
    [service] = (each for each in settings.services if each.name == "tracking-api")
    [job] = (each for each in settings.jobs if each.image == "tracking-api")
    assert (service.former_names, service.aws_name, service.source_repository) == (former_names, aws_name, aws_name)
    assert service.secret_parameters("dev")["API_KEY"] == f"/dev/{aws_name}/API_KEY"
    assert job.secret_parameters("dev") == {
        "API_KEY": f"/dev/{aws_name}/API_KEY",
        "DB_PASSWORD": "/dev/ranking-batch/DB_PASSWORD",
    }


@pytest.mark.parametrize(
    ("document", "name", "formerly", "key", "allowed", "example"),
    [
        ("services", "gateway", "gateway", "services.gateway", "another name than gateway, ", "remove formerly"),
        ("jobs", "ranking-batch", "ranking-batch", "jobs.ranking-batch", "another name than ranking-batch", "remove formerly"),
        ("services", "gateway", "legacy-api", "services.gateway", "legacy-api is a service of the catalogue", "remove formerly"),
        ("services", "gateway", "ranking-batch", "services.gateway", "ranking-batch is a job of the catalogue", "remove formerly"),
        ("services", "gateway", ["front", "front"], "services.gateway", "each name once", "formerly: front"),
        ("services", "gateway", ["front", "gateway"], "services.gateway", "another name than gateway", "formerly: front"),
        ("serviceOverrides", "gateway", "front", "serviceOverrides.gateway", "in Pulumi.yaml beside the new name", "remove formerly"),
        ("jobOverrides", "ranking-batch", "rank", "jobOverrides.ranking-batch", "under jobs.ranking-batch.formerly", "remove formerly"),
        ("services", "gateway", "db", "services.gateway", "cannot be named 'db'", "remove formerly"),
    ],
)  # fmt: skip
def test_a_name_that_it_cannot_have_had(
    stage_values: StageValues, document: str, name: str, formerly: object, key: str, allowed: str, example: str
) -> None:
    [problem] = problems_of(put(stage_values("dev"), document, name, formerly=formerly))
    assert (problem.key, problem.example) == (f"{key}.formerly", example)
    assert allowed in problem.allowed


def test_two_cannot_have_had_one_name(stage_values: StageValues) -> None:
    values = put(stage_values("dev"), "services", "gateway", formerly="front")
    [problem] = problems_of(put(values, "jobs", "ranking-batch", formerly="front"))
    assert (problem.key, problem.found) == ("jobs.ranking-batch.formerly", '"front"')
    assert problem.allowed == "a name of one alone: gateway was front, too, and AWS has one of that name"


def test_names_are_not_exchanged(stage_values: StageValues) -> None:
    values = put(stage_values("dev"), "services", "gateway", formerly="legacy-api")
    problems = problems_of(put(values, "services", "legacy-api", formerly="gateway"))
    assert [problem.key for problem in problems] == ["services.gateway.formerly", "services.legacy-api.formerly"]
    assert all("Names are neither exchanged nor passed on" in problem.allowed for problem in problems)


def test_a_default_renames_nobody(stage_values: StageValues) -> None:
    values = stage_values("dev")
    values[f"{PROJECT}:jobDefaults"]["formerly"] = "front"
    assert [problem.key for problem in problems_of(values)] == ["jobDefaults.formerly"]


def test_rds_keeps_the_schema_that_it_created(stage_values: StageValues) -> None:
    values = stage_values("dev")
    values[f"{PROJECT}:database"] |= {"name": "market", "formerly": "itemscout"}
    database = settings_of(values).database
    assert (database.name, database.first_name) == ("market", "itemscout")
    values[f"{PROJECT}:database"]["name"] = "itemscout"
    [problem] = problems_of(values)
    assert (problem.key, problem.example) == ("database.formerly", "remove formerly")
