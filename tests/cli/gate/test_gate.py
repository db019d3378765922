"""`./run gate` end to end: the stages as shipped, and violations marked on the line that a person has to change."""

import json
import shutil
from pathlib import Path

import jsonschema
import pytest

from cli.gate.gate import Gate, gate
from gate.document import Document, Violation
from tests.parity.engines import ROOT, project_copy

STREAMS = ROOT / "tests/gate/inputs/streams"


def asked(project: Path, out: Path, *stages: str, events: Path | None = None) -> Gate:
    return Gate(stages=stages, project_dir=project, state_dir=out / "state", out=out, engine="embedded", events=events)


def written(out: Path) -> Document:
    return Document.model_validate_json((out / "gate.json").read_bytes())


def violation(document: Document, policy: str) -> Violation:
    return next(item for item in document.stages[0].violations if item.policy == policy)


def marks(out: Path, policy: str) -> list[tuple[str, int]]:
    """Where GitLab marks a policy's violations; GitHub marks the same lines."""
    issues = [item for item in json.loads((out / "codequality.json").read_text()) if item["check_name"] == policy]
    found = [(item["location"]["path"], item["location"]["lines"]["begin"]) for item in issues]
    [run] = json.loads((out / "gate.sarif").read_text())["runs"]
    places = [item["locations"][0]["physicalLocation"] for item in run["results"] if item["ruleId"] == policy]
    assert [(place["artifactLocation"]["uri"], place["region"]["startLine"]) for place in places] == found
    return found


def line_of(path: Path, text: str) -> int:
    return next(number for number, line in enumerate(path.read_text().splitlines(), start=1) if text in line)


def test_both_stages_as_shipped_pass(tmp_path: Path) -> None:
    said: list[str] = []
    assert gate(asked(ROOT, tmp_path, "dev", "prd"), write=said.append) == 0
    document = written(tmp_path)
    assert [(stage.name, stage.verdict) for stage in document.stages] == [("dev", "ok"), ("prd", "ok")]
    assert said[-2:] == ["dev: ok", "prd: ok"]
    schema = json.loads((ROOT / "schema/gate.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(json.loads((tmp_path / "gate.json").read_text()))
    for stage in document.stages:
        [budget] = stage.budgets
        assert (budget.verdict, budget.before, budget.after is not None) == ("fits", None, True)
        assert len(stage.policies) > 95
        assert all(item.used for item in stage.exceptions)
        assert {node.kind for node in stage.platform} >= {"load-balancer", "service", "job", "database", "mesh"}
        assert any(budget.urn in node.uses for node in stage.platform)


@pytest.mark.parametrize(
    ("edit", "place"),
    [
        (("Pulumi.prd.yaml", "tasks: {min: 2, max: 4}", "tasks: {min: 2, max: 90}"), "serviceOverrides.legacy-api.tasks"),
        (("Pulumi.prd.yaml", "    tasks: {min: 2, max: 6}", "    tasks: {min: 2, max: 90}"), "serviceDefaults.tasks"),
        (("Pulumi.prd.yaml", "maxConnections: 2540", "maxConnections: 900"), "database.maxConnections"),
    ],
)  # fmt: skip
def test_a_broken_budget_is_marked_where_it_was_written(tmp_path: Path, edit: tuple[str, str, str], place: str) -> None:
    project = project_copy(tmp_path / "project")
    file, old, new = edit
    text = (project / file).read_text()
    assert old in text
    (project / file).write_text(text.replace(old, new, 1))
    assert gate(asked(project, tmp_path / "out", "prd"), write=lambda line: None) == 1
    found = violation(written(tmp_path / "out"), "connection-budget")
    assert (found.level, found.fix.startswith("- prd-")) == ("mandatory", True)
    assert any(item.file == file and item.line == line_of(project / file, new.strip()) for item in found.places)
    assert any(item.key.startswith(place) for item in found.places)
    assert marks(tmp_path / "out", "connection-budget") == [(found.places[0].file, found.places[0].line)]


def test_a_value_of_an_env_file_is_marked_there(tmp_path: Path) -> None:
    project = project_copy(tmp_path / "project")
    (project / "env").unlink()
    shutil.copytree(ROOT / "env", project / "env")
    path = project / "env/tracking-api/.env.production"
    path.write_text(f"{path.read_text()}WEB_CONCURRENCY=64\n")
    assert gate(asked(project, tmp_path / "out", "prd"), write=lambda line: None) == 1
    violations = [item for item in written(tmp_path / "out").stages[0].violations if "WEB_CONCURRENCY" in item.message]
    for item in violations:
        assert ("env/tracking-api/.env.production", line_of(path, "WEB_CONCURRENCY")) in marks(
            tmp_path / "out", item.policy
        )
    assert {(item.places[0].file, item.places[0].line) for item in violations} == {
        ("env/tracking-api/.env.production", line_of(path, "WEB_CONCURRENCY"))
    }


def test_a_saved_stream_is_judged(tmp_path: Path) -> None:
    stream = STREAMS / "recorded-refused.jsonl"
    assert gate(asked(ROOT, tmp_path, "dev", events=stream), write=lambda line: None) == 1
    stage = written(tmp_path).stages[0]
    assert (stage.verdict, stage.engine.kind, stage.budget_missing != "") == ("refused", "recorded", True)
    assert [(item.policy, item.undecided) for item in stage.violations] == [
        ("rds-safe", False),
        ("db-connections", True),
    ]
    assert stage.counts == {"create": 45}


@pytest.mark.parametrize(("stages", "events"), [((), None), (("dev", "prd"), Path("x")), (("no-such",), None)])
def test_what_cannot_be_asked_is_usage(tmp_path: Path, stages: tuple[str, ...], events: Path | None) -> None:
    assert gate(asked(ROOT, tmp_path, *stages, events=events), write=lambda line: None) == 2
    assert not (tmp_path / "gate.json").exists()
