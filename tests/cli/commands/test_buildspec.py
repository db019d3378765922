"""`./run buildspec` on a copy of the real settings."""

import shutil
from pathlib import Path

import pytest
import yaml

from cli import main
from components.delivery.buildspecs import image_build
from settings.workloads import Service
from tests.project import PROJECT


@pytest.fixture
def project(tmp_path: Path, project_root: Path) -> Path:
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prd.yaml"):
        shutil.copy(project_root / name, tmp_path)
    shutil.copytree(project_root / "env", tmp_path / "env")
    return tmp_path


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_it_prints_what_the_project_of_the_pipeline_gets(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["buildspec", "datalab-api", "--project", str(project)]) == 0
    printed = capsys.readouterr().out
    assert printed == image_build(Service(name="datalab-api", owner="team"))
    assert yaml.safe_load(printed)["artifacts"] == {"files": ["imagedefinitions.json"]}


def test_it_follows_the_settings_of_the_service(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(
        project / "Pulumi.yaml",
        "path: /datalab*",
        "path: /datalab*\n        architecture: X86_64\n        bakeEnv: true",
    )
    assert main.main(["buildspec", "datalab-api", "-s", "prd", "--project", str(project)]) == 0
    service = Service(name="datalab-api", owner="team", architecture="X86_64", bake_env=True)
    assert capsys.readouterr().out == image_build(service)


def test_an_unknown_service_and_an_unknown_stage(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["buildspec", "datalab", "--project", str(project)]) == 2
    found = capsys.readouterr()
    assert (found.out, found.err) == (
        "",
        "error: There is no service 'datalab' in Pulumi.yaml; there are: datalab-api, gateway, legacy-api, "
        "tracking-api. Did you mean datalab-api?\n",
    )
    assert main.main(["buildspec", "datalab-api", "-s", "stg", "--project", str(project)]) == 2
    assert "stg" in capsys.readouterr().err


def test_wrong_settings_are_reported_in_full(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(project / "Pulumi.yaml", "path: /datalab*", "path: /datalab*\n        bakeEnv: yes please")
    assert main.main(["buildspec", "datalab-api", "--project", str(project)]) == 2
    assert "Pulumi.yaml:31 services.datalab-api.bakeEnv" in capsys.readouterr().err


def test_a_promoted_service_is_not_built(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(project / "Pulumi.yaml", "path: /datalab*", "path: /datalab*\n        promote: true")
    stage_file = project / "Pulumi.prd.yaml"
    document = yaml.safe_load(stage_file.read_text("utf-8"))
    document["config"][f"{PROJECT}:pipeline"] = {"enabled": True, "branch": "main", "promoteFrom": "dev"}
    stage_file.write_text(yaml.safe_dump(document), "utf-8")
    assert main.main(["buildspec", "datalab-api", "-s", "prd", "--project", str(project)]) == 2
    assert capsys.readouterr().err == (
        "error: datalab-api is not built in prd: its pipeline deploys the image that dev verified (promote: true). "
        "The build is: ./run buildspec datalab-api -s dev\n"
    )
