"""`./run schema`: the JSON Schemas of settings and gate.json, printed, or written with docs/settings.md to where they belong."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cli.command import DONE
from cli.project.settings_reference import markdown
from gate.document import document_schema
from offline.aws.planned import outputs_document
from settings.files.yaml_file import read_mapping
from settings.schema import project_schema, stage_schema

_FILES = {"project": "schema/project.json", "stage": "schema/stage.json", "gate": "schema/gate.schema.json"}
_DOCUMENT = "docs/settings.md"


def documents(root: Path) -> dict[str, str]:
    """Everything that is made from models and from pulumi-aws: path below the project to content."""
    project = str(read_mapping(root / "Pulumi.yaml")["name"])
    schemas = {"project": project_schema(), "stage": stage_schema(project), "gate": document_schema()}
    made = {_FILES[name]: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in schemas.items()}
    path = root / _DOCUMENT
    written = path.read_text("utf-8") if path.is_file() else ""
    return {**made, _DOCUMENT: markdown(project, written), "offline/aws/outputs.json": outputs_document()}


def schema(root: Path, *, which: str, write: bool) -> int:
    """Print one schema ("stage", "project" or "gate"), or write all documents."""
    made = documents(root)
    if not write:
        sys.stdout.write(made[_FILES[which]])
        return DONE
    for name, text in made.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(name)
    return DONE
