"""The JSON Schemas accept the real files, refuse what the reader refuses, and their copies for editors are current."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from settings.origins import PROJECT_KEYS
from settings.reader import STAGE_KEYS
from settings.schema import PROJECT_MODELS, STAGE_MODELS, project_schema, stage_schema
from tests.project import PROJECT

ROOT = Path(__file__).parents[2]


def refusals(schema: dict[str, object], document: Any) -> list[str]:
    return [error.json_path for error in jsonschema.Draft202012Validator(schema).iter_errors(document)]


def test_the_schemas_know_exactly_the_keys_of_the_reader() -> None:
    assert (tuple(PROJECT_MODELS), tuple(STAGE_MODELS)) == (PROJECT_KEYS, STAGE_KEYS)


def test_the_real_files_fit_their_schemas() -> None:
    assert refusals(project_schema(), yaml.safe_load((ROOT / "Pulumi.yaml").read_text())) == []
    for stage in ("dev", "prd"):
        assert refusals(stage_schema(PROJECT), yaml.safe_load((ROOT / f"Pulumi.{stage}.yaml").read_text())) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({f"{PROJECT}:databse": {}}, "$.config"),
        ({f"{PROJECT}:logs": {"retention": 30}}, f"$.config['{PROJECT}:logs']"),
        ({f"{PROJECT}:serviceOverrides": {"gateway": {"cpu": "256"}}}, f"$.config['{PROJECT}:serviceOverrides'].gateway"),
    ],
)  # fmt: skip
def test_a_wrong_stage_file_does_not_fit(change: dict[str, Any], path: str) -> None:
    document = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())
    document["config"] |= change
    assert [found for found in refusals(stage_schema(PROJECT), document) if found.startswith(path)]


def test_pulumis_own_keys_stay_allowed() -> None:
    document = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())
    document |= {"encryptionsalt": "v1:a:v1:b:c", "secretsprovider": "awskms://alias/x", "environment": ["team/dev"]}
    document["config"]["aws:profile"] = "team"
    assert refusals(stage_schema(PROJECT), document) == []


@pytest.mark.parametrize(("name", "schema"), [("project", project_schema()), ("stage", stage_schema(PROJECT))])
def test_the_copy_for_editors_is_current(name: str, schema: dict[str, object]) -> None:
    """`./run schema` writes it again."""
    assert json.loads((ROOT / "schema" / f"{name}.json").read_text()) == schema
