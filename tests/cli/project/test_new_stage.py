"""A new stage is one command and a list; what must differ in a copied file is reported; another project's name just works."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from cli.main import main
from cli.project.new_stage import new_stage, prefix
from cli.stages.place import settings_of
from offline.engine.errors import UsageError
from settings.files.yaml_file import read_mapping
from settings.problems import SettingsError
from tests.commands import programs_here
from tests.project import PROJECT


@pytest.fixture
def project(project_root: Path, tmp_path: Path) -> Iterator[Path]:
    for name in ("env", "components", "settings", "policies", "delivery", "schema"):
        shutil.copytree(project_root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prd.yaml", "__main__.py", ".gitlab-ci.yml"):
        shutil.copy(project_root / name, tmp_path / name)
    with programs_here():
        yield tmp_path


def test_staging_from_prd_passes_the_policies_and_ci_knows_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["stage", "new", "staging", "--from", "prd", "--project", str(project)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[3:8]] == [
        ["Pulumi.staging.yaml:5", "stage.environment", "production", "staging"],
        ["Pulumi.staging.yaml:16", "cluster.name", "prd-item", "staging-item"],
        ["Pulumi.staging.yaml:17", "cluster.namespace", "prd-itemscout-ns", "staging-itemscout-ns"],
        ["Pulumi.staging.yaml:7", "network.cidr", "10.20.0.0/16", "10.30.0.0/16"],
        ["Pulumi.staging.yaml:11", "loadBalancer.domain", "api.example.com", "staging.api.example.com"],
    ]
    assert main(["preview", "-s", "staging", "--project", str(project)]) == 0
    assert "preview succeeded" in capsys.readouterr().out

    pipeline = yaml.safe_load((project / ".gitlab-ci.yml").read_text())
    assert pipeline["preview"]["parallel"]["matrix"] == [{"STAGE": ["dev", "prd", "staging"]}]
    assert pipeline["offline-preview"]["parallel"]["matrix"] == [{"STAGE": ["dev", "prd", "staging"]}]
    gates = {
        name: [line for line in job["script"] if "run gate" in line]
        for name, job in pipeline.items()
        if isinstance(job, dict) and name.startswith(("gate", "up-"))
    }
    assert [" -s dev -s prd -s staging " in line for line in gates.pop("gate")] == [True]
    assert gates == {
        "gate-prd": ["./run gate -s prd"],
        "gate-staging": ["./run gate -s staging"],
        "up-dev": [],
        "up-prd": ["./run gate -s prd"],
        "up-staging": ["./run gate -s staging"],
    }
    assert (pipeline["up-staging"]["resource_group"], pipeline["up-staging"]["script"][-2:]) == (
        "staging",
        ["pulumi up -s staging --yes --non-interactive", "./run verify -s staging --target aws --note"],
    )
    options = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", str(project / ".gitlab-ci.yml")]
    assert subprocess.run([sys.executable, "-m", "check_jsonschema", *options], check=False).returncode == 0
    schema = ["--schemafile", str(project / "schema/stage.json"), str(project / "Pulumi.staging.yaml")]
    assert subprocess.run([sys.executable, "-m", "check_jsonschema", *schema], check=False).returncode == 0


def test_a_copied_file_is_one_list_of_what_must_differ_and_the_original_is_left_alone(project: Path) -> None:
    shutil.copy(project / "Pulumi.prd.yaml", project / "Pulumi.qa.yaml")
    with pytest.raises(SettingsError) as caught:
        settings_of(project, "qa")
    assert [(str(problem.at), problem.example) for problem in caught.value.problems] == [
        ("Pulumi.qa.yaml:16 cluster.name", "name: qa-item"),
        ("Pulumi.qa.yaml:17 cluster.namespace", "namespace: qa-itemscout-ns"),
        ("Pulumi.qa.yaml:7 network.cidr", "cidr: 10.30.0.0/16"),
        ("Pulumi.qa.yaml:11 loadBalancer.domain", "domain: qa.api.example.com"),
        ("Pulumi.qa.yaml:5 stage.environment", "environment: staging"),
    ]
    assert settings_of(project, "prd").name == "prd"
    assert settings_of(project, "dev").name == "dev"


def test_networks_that_overlap_are_reported_in_the_stage_farther_from_production(project: Path) -> None:
    path = project / "Pulumi.dev.yaml"
    path.write_text(path.read_text().replace("10.10.0.0/16", "10.20.8.0/22"))
    with pytest.raises(SettingsError) as caught:
        settings_of(project, "dev")
    assert [str(problem.at) for problem in caught.value.problems] == ["Pulumi.dev.yaml:7 network.cidr"]
    assert settings_of(project, "prd").name == "prd"


def test_secrets_of_the_other_stage_are_not_taken_over(project: Path) -> None:
    path = project / "Pulumi.prd.yaml"
    text = path.read_text().replace("email: oncall@example.com", "email:\n      secure: v1:abc:def")
    path.write_text("encryptionsalt: v1:x:v1:y\n" + text)
    lines: list[str] = []
    assert new_stage(project, "qa", "prd", write=lines.append) == 0
    new = read_mapping(project / "Pulumi.qa.yaml")
    assert ("encryptionsalt" in new, new["config"][f"{PROJECT}:cluster"]["name"]) == (False, "qa-item")
    assert "Encrypted in prd, so not taken over: secure" in lines


@pytest.mark.parametrize(
    ("name", "origin", "why"),
    [
        ("prd", "dev", "There is a stage 'prd'"),
        ("qa", "prod", "There is no stage 'prod' to start from; there are: dev, prd."),
        ("../x", "prd", "not usable in resource names"),
        ("sg", "prd", "cannot be named 'sg'"),
    ],
)
def test_a_stage_that_cannot_be_made_leaves_everything_as_it_is(
    project: Path, name: str, origin: str, why: str
) -> None:
    before = sorted(path.name for path in project.iterdir())
    with pytest.raises(UsageError, match=why):
        new_stage(project, name, origin)
    assert sorted(path.name for path in project.iterdir()) == before


def test_another_project_name_is_one_problem_and_one_command_and_then_both_stages_pass(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project / "Pulumi.yaml"
    path.write_text(path.read_text().replace(f"name: {PROJECT}", "name: shop"))
    with pytest.raises(SettingsError) as caught:
        settings_of(project, "dev")
    assert [(str(problem.at), problem.found) for problem in caught.value.problems] == [
        ("Pulumi.dev.yaml config", f"keys of {PROJECT}, such as {PROJECT}:stage")
    ]
    lines: list[str] = []
    assert prefix(project, write=lines.append) == 0
    assert lines == ["Pulumi.dev.yaml: keys of shop", "Pulumi.prd.yaml: keys of shop", "Next: ./run schema --write"]
    for stage in ("dev", "prd"):
        assert main(["preview", "-s", stage, "--project", str(project)]) == 0
        assert "0 mandatory" in capsys.readouterr().out
