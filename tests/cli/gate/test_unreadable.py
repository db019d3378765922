"""Settings that cannot be used: each problem once, at its file and line, in every report; nothing is previewed for it."""

import json
from pathlib import Path

import pytest

from cli.gate.gate import Gate, gate
from tests.platform.renaming import edit, project_to_edit

PRIORITY = ("priority: 200", "priority: 100")
CPU = ("cpu: 512", "cpu: 500")


def lines_of(project: Path, file: str, text: str) -> int:
    [number] = [number for number, line in enumerate((project / file).read_text().splitlines(), 1) if text in line]
    return number


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return project_to_edit(tmp_path / "project")


def judged(project: Path, *stages: str) -> Path:
    out = project.parent / "out"
    asked = Gate(stages=stages, project_dir=project, state_dir=project.parent / "state", out=out)
    assert gate(asked, write=lambda _: None) == 2
    return out


def test_each_problem_is_marked_once_in_every_report(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(project / "Pulumi.yaml", ("cron(0 * * * ? *)", "cron(0 * *)"), PRIORITY)
    edit(project / "Pulumi.dev.yaml", CPU)
    out = judged(project, "dev", "prd")
    places = {
        ("Pulumi.yaml", lines_of(project, "Pulumi.yaml", "cron(0 * *)")),
        ("Pulumi.yaml", lines_of(project, "Pulumi.yaml", "      tracking-api:") + 2),
        ("Pulumi.dev.yaml", lines_of(project, "Pulumi.dev.yaml", "cpu: 500")),
    }
    issues = json.loads((out / "codequality.json").read_text())
    marked = [(issue["location"]["path"], issue["location"]["lines"]["begin"]) for issue in issues]
    assert (len(marked), set(marked)) == (3, places)
    [run] = json.loads((out / "gate.sarif").read_text())["runs"]
    physical = [each["locations"][0]["physicalLocation"] for each in run["results"] if each["ruleId"] == "settings"]
    found = [(each["artifactLocation"]["uri"], each["region"]["startLine"]) for each in physical]
    assert (len(found), set(found)) == (3, places)
    document = json.loads((out / "gate.json").read_text())
    assert (document["verdict"], [stage["verdict"] for stage in document["stages"]]) == ("failed", ["failed", "failed"])
    assert "serviceDefaults.cpu" in (out / "gate.md").read_text()
    assert capsys.readouterr().err.count("Pulumi.dev.yaml:") == 1


def test_one_stage_that_is_wrong_leaves_the_other_unjudged(project: Path) -> None:
    edit(project / "Pulumi.dev.yaml", CPU)
    stages = json.loads((judged(project, "dev", "prd") / "gate.json").read_text())["stages"]
    assert [(stage["name"], len(stage["violations"]), stage["reasons"]) for stage in stages] == [
        ("dev", 1, ["The settings have 1 problem; nothing was created."]),
        ("prd", 0, ["Nothing was judged: the settings of dev cannot be used."]),
    ]


def test_a_file_that_is_no_yaml_is_marked_at_its_line(project: Path) -> None:
    edit(project / "Pulumi.dev.yaml", ("    cpu: 512\n", "    cpu: 512\n    cpu: 256\n"))
    [issue] = json.loads((judged(project, "dev") / "codequality.json").read_text())
    place = (issue["location"]["path"], issue["location"]["lines"]["begin"])
    assert place == ("Pulumi.dev.yaml", lines_of(project, "Pulumi.dev.yaml", "cpu: 256"))


def test_what_is_wrong_with_no_file_is_usage_without_reports(project: Path) -> None:
    assert not judged(project, "nowhere").exists()
