"""`./run schema`: the JSON Schemas of the settings, printed, or written to where editors find them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from components.settings.schema import project_schema, stage_schema
from tools.engine.yaml_file import read_mapping

FOLDER = "schema"


def documents(root: Path) -> dict[str, str]:
    """Both schemas as text, by name ("project", "stage")."""
    schemas = {"project": project_schema(), "stage": stage_schema(str(read_mapping(root / "Pulumi.yaml")["name"]))}
    return {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in schemas.items()}


def schema(root: Path, *, which: str, write: bool) -> int:
    """Print one schema, or write both to schema/."""
    found = documents(root)
    if not write:
        sys.stdout.write(found[which])
        return 0
    for name, text in found.items():
        path = root / FOLDER / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(root))
    return 0
