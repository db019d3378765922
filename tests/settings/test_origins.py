"""Every effective value of a stage has the file, line and key it is written at, and a place to change it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.stages.place import settings_of
from settings.files.key_lines import KeyLines
from settings.merged import Settings
from settings.origins import CATALOGUE, Written

PROJECT_FILE = """\
name: shop
config:
  platform:
    default: {project: p, owner: o}
  shop:services:
    value:
      api:
        path: /api*
  logs: {value: {retentionDays: 14}}
  cluster:
    value: {name: a, namespace: n}
"""
STAGE_FILE = """\
config:
  shop:cluster:
    name: b
  other:services: {api: {port: 1}}
"""


@pytest.fixture
def written(tmp_path: Path) -> Written:
    (tmp_path / CATALOGUE).write_text(PROJECT_FILE)
    (tmp_path / "Pulumi.dev.yaml").write_text(STAGE_FILE)
    return Written(tmp_path, "shop", "Pulumi.dev.yaml")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("services", "api", "path"), "Pulumi.yaml:8 services.api.path"),
        (("services", "api", "port"), "Pulumi.yaml:7 services.api.port"),
        (("platform", "owner"), "Pulumi.yaml:4 platform.owner"),
        (("logs", "retentionDays"), "Pulumi.yaml:9 logs.retentionDays"),
        (("cluster", "name"), "Pulumi.dev.yaml:3 cluster.name"),
        (("cluster", "namespace"), "Pulumi.dev.yaml:2 cluster.namespace"),
        (("jobs",), "Pulumi.yaml jobs"),
        (("database", "port"), "Pulumi.dev.yaml database.port"),
    ],
)
def test_a_key_is_where_pulumi_reads_it_from(written: Written, path: tuple[str, ...], place: str) -> None:
    """A stage file replaces a key whole, whichever file the key is meant for."""
    assert str(written.at(*path)) == place


@pytest.fixture
def real(project_root: Path) -> Callable[[str], Settings]:
    return lambda stage: settings_of(project_root, stage)


@pytest.mark.parametrize("stage", ["dev", "prd"])
def test_every_value_of_the_real_stages_stands_in_the_line_that_is_named(
    real: Callable[[str], Settings], project_root: Path, stage: str
) -> None:
    settings = real(stage)
    origins = {
        path: origin for path, origin in settings.origins.items() if not path.partition(".")[0].endswith("Overrides")
    }
    assert len(origins) > 90
    for path, origin in origins.items():
        assert origin.line is not None, path
        line = (project_root / origin.file).read_text().splitlines()[origin.line - 1]
        assert origin.key.rpartition(".")[2] in line, path


def test_values_of_workloads_come_from_defaults_catalogue_overrides_and_env_files(
    real: Callable[[str], Settings],
) -> None:
    origins = real("dev").origins
    assert {path: str(origins[path]) for path in origins if path.startswith("services.tracking-api.d")} == {
        "services.tracking-api.database": "Pulumi.yaml:40 services.tracking-api.database",
        "services.tracking-api.dbConnLimit": "Pulumi.dev.yaml:35 serviceOverrides.tracking-api.dbConnLimit",
        "services.tracking-api.docs": "Pulumi.yaml:37 services.tracking-api.docs",
        "services.tracking-api.docsLoginPath": "Pulumi.yaml:39 services.tracking-api.docsLoginPath",
        "services.tracking-api.docsLoginVia": "Pulumi.yaml:38 services.tracking-api.docsLoginVia",
    }
    assert str(origins["services.legacy-api.tasks.max"]) == "Pulumi.dev.yaml:32 serviceDefaults.tasks.max"
    assert str(origins["services.legacy-api.secrets.MSI_API_KEY"]) == (
        "Pulumi.yaml:46 services.legacy-api.secrets.MSI_API_KEY"
    )
    assert str(origins["jobs.ranking-batch.environment.LOG_LEVEL"]) == "env/tracking-api/.env.development:2 LOG_LEVEL"
    assert "services.tracking-api.processes" not in origins


def test_keys_of_a_file_that_is_not_there_have_no_line(tmp_path: Path) -> None:
    assert str(Written(tmp_path, "shop", "Pulumi.dev.yaml").at("stage", "environment")) == (
        "Pulumi.dev.yaml stage.environment"
    )
    assert KeyLines(tmp_path).found(("config",)) == (0, None)
