"""`formerly`: a name of one workload alone, in the catalogue, and everything in AWS stays under the first."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from settings.merged import Settings
from settings.problems import SettingsError
from settings.reader import read
from tests.project import PROJECT

Values = dict[str, Any]
StageValues = Callable[[str], Values]


def settings_with(values: Values, root: Path, document: str, name: str, change: Values) -> Settings:
    values.setdefault(f"{PROJECT}:{document}", {}).setdefault(name, {}).update(change)
    return read(values, project=PROJECT, stage="dev", project_dir=root)


@pytest.mark.parametrize(
    ("formerly", "former_names", "aws_name"),
    [
        ("tracker", ("tracker",), "tracker"),
        (["tracker"], ("tracker",), "tracker"),
        (["rank-api", "tracker"], ("rank-api", "tracker"), "tracker"),
    ],
)
def test_aws_keeps_the_first_name(
    stage_values: StageValues, project_root: Path, formerly: object, former_names: tuple[str, ...], aws_name: str
) -> None:
    settings = settings_with(
        stage_values("dev"), project_root, "services", "tracking-api", {"formerly": formerly, "secrets": ["API_KEY"]}
    )
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
    stage_values: StageValues,
    project_root: Path,
    document: str,
    name: str,
    formerly: object,
    key: str,
    allowed: str,
    example: str,
) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_with(stage_values("dev"), project_root, document, name, {"formerly": formerly})
    [problem] = caught.value.problems
    assert (problem.key, problem.example) == (f"{key}.formerly", example)
    assert allowed in problem.allowed


def test_two_cannot_have_had_one_name(stage_values: StageValues, project_root: Path) -> None:
    values = stage_values("dev")
    values[f"{PROJECT}:services"]["gateway"]["formerly"] = "front"
    with pytest.raises(SettingsError) as caught:
        settings_with(values, project_root, "jobs", "ranking-batch", {"formerly": "front"})
    [problem] = caught.value.problems
    assert (problem.key, problem.found) == ("jobs.ranking-batch.formerly", '"front"')
    assert problem.allowed == "a name of one alone: gateway was front, too, and AWS has one of that name"


def test_names_are_not_exchanged(stage_values: StageValues, project_root: Path) -> None:
    values = stage_values("dev")
    values[f"{PROJECT}:services"]["gateway"]["formerly"] = "legacy-api"
    with pytest.raises(SettingsError) as caught:
        settings_with(values, project_root, "services", "legacy-api", {"formerly": "gateway"})
    assert [problem.key for problem in caught.value.problems] == [
        "services.gateway.formerly",
        "services.legacy-api.formerly",
    ]
    assert all("Names are neither exchanged nor passed on" in problem.allowed for problem in caught.value.problems)


def test_a_default_renames_nobody(stage_values: StageValues, project_root: Path) -> None:
    values = stage_values("dev")
    values[f"{PROJECT}:jobDefaults"]["formerly"] = "front"
    with pytest.raises(SettingsError) as caught:
        read(values, project=PROJECT, stage="dev", project_dir=project_root)
    assert [problem.key for problem in caught.value.problems] == ["jobDefaults.formerly"]


def test_rds_keeps_the_schema_that_it_created(stage_values: StageValues, project_root: Path) -> None:
    values = stage_values("dev")
    values[f"{PROJECT}:database"] |= {"name": "market", "formerly": "itemscout"}
    database = read(values, project=PROJECT, stage="dev", project_dir=project_root).database
    assert (database.name, database.first_name) == ("market", "itemscout")
    values[f"{PROJECT}:database"]["name"] = "itemscout"
    with pytest.raises(SettingsError) as caught:
        read(values, project=PROJECT, stage="dev", project_dir=project_root)
    assert [(problem.key, problem.example) for problem in caught.value.problems] == [
        ("database.formerly", "remove formerly")
    ]
