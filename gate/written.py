"""Writes gate.json and the forms made of it into one folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gate.document import Document
from gate.gitlab_reports import codequality, junit, terraform
from gate.note.note import Note
from gate.page.page import page
from gate.sarif import sarif


def forms(document: Document, note: Note) -> Mapping[str, str]:
    """Every file of the folder, by its name: a new form is a new line here."""
    return {
        "gate.json": document.model_dump_json(indent=1) + "\n",
        "gate.md": note.within(),
        "gate.sarif": sarif(document),
        "gate.html": page(document),
        "codequality.json": codequality(document),
        "junit.xml": junit(document),
        **{f"terraform-{stage.name}.json": terraform(stage) for stage in document.stages},
    }


def write_all(document: Document, folder: Path, note: Note) -> list[Path]:
    """Write every form; the paths that were written. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = list[Path]()
    for name, text in forms(document, note).items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths
