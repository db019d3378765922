"""Writes gate.json and the forms made of it into one folder: a form is a file's name and what makes its text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from gate.document import Document
from gate.note.note import note
from gate.sarif import sarif

FORMS: Mapping[str, Callable[[Document], str]] = {
    "gate.md": note,
    "gate.sarif": sarif,
    "gate.json": lambda document: document.model_dump_json(indent=1) + "\n",
}
"""Every file of the folder: a new form is a new line here."""


def write_all(document: Document, folder: Path) -> list[Path]:
    """Write every form; the paths that were written. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = list[Path]()
    for name, form in FORMS.items():
        path = folder / name
        path.write_text(form(document), encoding="utf-8")
        paths.append(path)
    return paths
