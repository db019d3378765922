"""A copy of the real project in which services and jobs are renamed as a person would: catalogue, env folder and addresses."""

from __future__ import annotations

import re
from pathlib import Path


def rename(project: Path, old: str, new: str, *, formerly: bool) -> None:
    """Rename a service or job; `formerly` says whether the catalogue tells of it."""
    for path in [*project.glob("Pulumi*.yaml"), *project.glob("env/*/.env*")]:
        text = path.read_text("utf-8")
        told = rf"\n\g<1>  formerly: {old}" if formerly and path.name == "Pulumi.yaml" else ""
        text = re.sub(rf"^( +){old}:(.*)$", rf"\g<1>{new}:\g<2>{told}", text, flags=re.MULTILINE)
        text = re.sub(rf"(docsLoginVia: |image: |//){old}\b(?!-)", rf"\g<1>{new}", text)
        path.write_text(text, "utf-8")
    if (folder := project / "env" / old).is_dir():
        folder.rename(folder.with_name(new))
