"""Env files and settings as one environment: what wins, what may be written twice, and what is refused in which words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from settings.problems import Problem, SettingsError
from settings.workloads import Job, Service
from tests.project import PROJECT as P
from tests.settings.reading import settings_of

Values = dict[str, Any]
DEV = ".env.development"


@pytest.fixture
def workloads(stage_values: Callable[[str], Values], tmp_path: Path) -> Callable[..., dict[str, Service | Job]]:
    """Reads dev with these env files (path below env/ to text) and a change of its values."""

    def run(files: dict[str, str], change: Callable[[Values], None] = lambda _: None) -> dict[str, Service | Job]:
        values = stage_values("dev")
        values[f"{P}:services"]["legacy-api"].pop("requires")
        change(values)
        for path, text in files.items():
            (tmp_path / "env" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "env" / path).write_text(text)
        settings = settings_of(values, root=tmp_path)
        return {workload.name: workload for workload in (*settings.services, *settings.jobs)}

    return run


@pytest.fixture
def problems(workloads: Callable[..., dict[str, Service | Job]]) -> Callable[..., tuple[Problem, ...]]:
    def run(files: dict[str, str], change: Callable[[Values], None] = lambda _: None) -> tuple[Problem, ...]:
        with pytest.raises(SettingsError) as caught:
            workloads(files, change)
        return caught.value.problems

    return run


def put(key: str, name: str, **settings: Any) -> Callable[[Values], None]:
    return lambda values: values.setdefault(f"{P}:{key}", {}).setdefault(name, {}).update(settings)


def test_an_env_file_wins_over_defaults_and_gives_way_to_catalogue_and_overrides(
    workloads: Callable[..., dict[str, Service | Job]],
) -> None:
    def change(values: Values) -> None:
        values[f"{P}:serviceDefaults"]["environment"] = {"A": "default", "B": "default"}
        put("services", "datalab-api", environment={"C": "catalogue", "D": "catalogue"})(values)
        put("serviceOverrides", "datalab-api", environment={"D": "override"})(values)

    datalab = workloads({f"datalab-api/{DEV}": "B=file\nC=file\nD=file\nE=file\n"}, change)["datalab-api"]
    assert datalab.environment == {"A": "default", "B": "file", "C": "catalogue", "D": "override", "E": "file"}
    assert {name: str(origin) for name, origin in datalab.places.variables.items()} == {
        "A": "Pulumi.dev.yaml serviceDefaults.environment.A",
        "B": f"env/datalab-api/{DEV}:1 B",
        "C": "Pulumi.yaml services.datalab-api.environment.C",
        "D": "Pulumi.dev.yaml serviceOverrides.datalab-api.environment.D",
        "E": f"env/datalab-api/{DEV}:4 E",
    }


def test_a_job_takes_the_file_of_the_service_whose_image_it_runs(
    workloads: Callable[..., dict[str, Service | Job]],
) -> None:
    text = "REGION_CODE=KR\nSERVICE=tracking-api\nPORT=3000\nDB_CONN_LIMIT=10\n"
    found = workloads({f"tracking-api/{DEV}": text})
    assert (found["ranking-batch"].environment, found["ranking-batch"].db_conn_limit) == ({"REGION_CODE": "KR"}, 2)
    assert (found["tracking-api"].environment, found["tracking-api"].db_conn_limit) == ({"REGION_CODE": "KR"}, 10)
    assert found["category-batch"].environment == {}


def test_a_limit_in_the_env_file_alone_is_the_setting(workloads: Callable[..., dict[str, Service | Job]]) -> None:
    def change(values: Values) -> None:
        del values[f"{P}:serviceOverrides"]["tracking-api"]
        del values[f"{P}:jobDefaults"]["dbConnLimit"]
        values[f"{P}:serviceDefaults"].pop("dbConnLimit")
        put("serviceOverrides", "legacy-api", dbConnLimit=4)(values)
        put("jobOverrides", "category-batch", dbConnLimit=3)(values)

    files = {f"tracking-api/{DEV}": "DB_CONN_LIMIT=7\nPORT=4000\n", f"datalab-api/{DEV}": "DB_CONN_LIMIT=6\n"}
    values = workloads(files, change)
    assert {name: w.db_conn_limit for name, w in values.items() if w.database} == {
        "category-batch": 3,
        "datalab-api": 6,
        "legacy-api": 4,
        "ranking-batch": 7,
        "tracking-api": 7,
    }
    tracking = values["tracking-api"]
    assert isinstance(tracking, Service)
    assert tracking.port == 4000


@pytest.mark.parametrize(
    ("service", "name", "value", "other", "place"),
    [
        ("tracking-api", "DB_CONN_LIMIT", "12", "10", "Pulumi.dev.yaml serviceOverrides.tracking-api.dbConnLimit"),
        ("datalab-api", "DB_CONN_LIMIT", "12", "5", "Pulumi.dev.yaml serviceDefaults.dbConnLimit"),
        ("gateway", "ENVIRONMENT", "production", "development", "Pulumi.dev.yaml stage.environment"),
        ("gateway", "STAGE", "prd", "dev", "the stage's name"),
        ("legacy-api", "DB_HOST", "db.prd.itemscout.internal", "db.dev.itemscout.internal", "the stage's database"),
    ],
)
def test_two_values_of_one_thing_are_refused_naming_both_places(
    problems: Callable[..., tuple[Problem, ...]], service: str, name: str, value: str, other: str, place: str
) -> None:
    (problem,) = problems({f"{service}/{DEV}": f"# head\n{name}={value}\n"})
    assert str(problem.at) == f"env/{service}/{DEV}:2 {name}"
    assert problem.found == f'{name} is "{value}" here, and {other} in {place}'
    assert problem.example == f"{name}={other}"


@pytest.mark.parametrize(
    ("name", "value"),
    [("DB_CONN_LIMIT", "5"), ("DB_CONN_LIMIT", "77"), ("SERVICE", "gateway"), ("STAGE", "prd")],
)
def test_a_default_of_all_that_one_contradicts_is_to_go(
    problems: Callable[..., tuple[Problem, ...]], name: str, value: str
) -> None:
    def change(values: Values) -> None:
        values[f"{P}:serviceDefaults"]["environment"] = {name: value}

    found = problems({}, change)
    assert {problem.key for problem in found} == {f"serviceDefaults.environment.{name}"}
    assert {problem.example for problem in found} == {f"remove {name}"}


def test_the_same_value_in_both_places_is_one(workloads: Callable[..., dict[str, Service | Job]]) -> None:
    text = "DB_CONN_LIMIT=10\nDB_HOST=db.dev.itemscout.internal\nSTAGE=dev\nSERVICE=tracking-api\n"
    tracking = workloads({f"tracking-api/{DEV}": text})["tracking-api"]
    assert (tracking.db_conn_limit, tracking.environment) == (10, {})


def test_a_limit_in_environment_is_held_against_the_setting_too(problems: Callable[..., tuple[Problem, ...]]) -> None:
    change = put("serviceOverrides", "tracking-api", environment={"DB_CONN_LIMIT": "99"})
    (problem,) = problems({}, change)
    assert (problem.file, problem.key, problem.found) == (
        "Pulumi.dev.yaml",
        "serviceOverrides.tracking-api.environment.DB_CONN_LIMIT",
        'DB_CONN_LIMIT is "99" here, and 10 in Pulumi.dev.yaml serviceOverrides.tracking-api.dbConnLimit',
    )


@pytest.mark.parametrize("value", ["0", "", "five", "-1", "1.5", "٥"])
def test_a_limit_that_drivers_would_read_as_none_is_refused(
    problems: Callable[..., tuple[Problem, ...]], value: str
) -> None:
    def change(values: Values) -> None:
        values[f"{P}:serviceDefaults"].pop("dbConnLimit")
        put("serviceOverrides", "legacy-api", dbConnLimit=4)(values)

    found = [
        p for p in problems({f"datalab-api/{DEV}": f"DB_CONN_LIMIT={value}\n"}, change) if p.file.startswith("env/")
    ]
    assert [(p.key, p.example) for p in found] == [("DB_CONN_LIMIT", "DB_CONN_LIMIT=5")]
    assert "DB_CONN_LIMIT, the size of one connection pool in one process" in found[0].allowed


def test_a_variable_that_is_a_secret_cannot_be_plain_as_well(problems: Callable[..., tuple[Problem, ...]]) -> None:
    found = problems({f"legacy-api/{DEV}": "MSI_API_KEY=\n"})
    assert [(str(p.at), p.found, p.example) for p in found] == [
        (
            f"env/legacy-api/{DEV}:1 MSI_API_KEY",
            "MSI_API_KEY, and MSI_API_KEY in Pulumi.yaml services.legacy-api.secrets.MSI_API_KEY",
            "remove MSI_API_KEY",
        )
    ]


def test_the_legacy_server_without_its_settings_is_refused(problems: Callable[..., tuple[Problem, ...]]) -> None:
    change = put("services", "legacy-api", requires=["MSI_API_URL", "MSI_API_KEY"], secrets=[])
    assert [(p.file, p.key, p.found) for p in problems({}, change)] == [
        ("Pulumi.dev.yaml", "serviceOverrides.legacy-api.secrets", "no MSI_API_KEY"),
        ("Pulumi.dev.yaml", "serviceOverrides.legacy-api.environment.MSI_API_URL", "no MSI_API_URL"),
    ]


def test_a_job_reads_the_secrets_of_its_service_and_has_a_database_account_of_its_own(
    workloads: Callable[..., dict[str, Service | Job]],
) -> None:
    def change(values: Values) -> None:
        put("services", "tracking-api", secrets=["MSI_API_KEY", "SMTP_PASSWORD"])(values)
        put("jobs", "ranking-batch", secrets=["SMTP_PASSWORD"])(values)

    assert workloads({}, change)["ranking-batch"].secret_parameters("dev") == {
        "DB_PASSWORD": "/dev/ranking-batch/DB_PASSWORD",
        "MSI_API_KEY": "/dev/tracking-api/MSI_API_KEY",
        "SMTP_PASSWORD": "/dev/ranking-batch/SMTP_PASSWORD",
    }
