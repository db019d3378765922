"""`./run policies`: the catalogue of the policy pack, docs/policies.md made from it, and which resource types nobody looks at."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from cli.command import DONE, FAILED
from cli.connections.stage import preview_stage
from cli.project.policies_reference import markdown, shown
from offline.engine.errors import UsageError
from policies.resources.tokens import canonical
from policies.rules.discovery import looked_at
from policies.rules.policy import Level
from policies.serving.catalog import CATALOG
from settings.files.stack_config import stages_of
from settings.nearest import question

DOCUMENT = "docs/policies.md"


def policies(root: Path, *, stage: str, write: bool, check: bool, coverage: bool) -> int:
    """List the policies with their levels in a stage, write or check the document, or show the coverage of a stage."""
    if write or check:
        return _document(root, check=check)
    if coverage:
        return _coverage(root, stage)
    if stage not in (stages := stages_of(root)):
        raise UsageError(
            f"There is no stage {stage!r}. Stages that exist: {', '.join(stages)}.{question(stage, stages)}"
        )
    names = max(len(spec.name) for spec in CATALOG)
    for spec in CATALOG:
        level = spec.level(stage)
        print(f"{spec.name:{names}}  {shown(level):9}  {spec.severity:8}  {spec.what}")
    judged = sum(spec.level(stage) is not Level.DISABLED for spec in CATALOG)
    mandatory = sum(spec.level(stage) is Level.MANDATORY for spec in CATALOG)
    print(f"{len(CATALOG)} policies; in {stage} {judged} are judged, {mandatory} of them mandatory")
    return DONE


def _document(root: Path, *, check: bool) -> int:
    path = root / DOCUMENT
    written = path.read_text(encoding="utf-8") if path.is_file() else ""
    text = markdown(written)
    if not check:
        path.write_text(text, encoding="utf-8")
        print(DOCUMENT)
        return DONE
    if written == text:
        return DONE
    print(f"{DOCUMENT} is not what the catalogue says: ./run policies --write makes it.", file=sys.stderr)
    return FAILED


def _coverage(root: Path, stage: str) -> int:
    with tempfile.TemporaryDirectory() as state:
        graph = preview_stage(stage=stage, project_dir=root, state_dir=Path(state)).graph
    found = Counter(resource.type for resource in graph if resource.type.startswith("aws:"))
    known = looked_at()
    unseen = {kind: count for kind, count in found.items() if canonical(kind) not in known}
    seen, every = sum(found.values()) - sum(unseen.values()), sum(found.values())
    print(
        f"{stage}: policies of their own look at {len(found) - len(unseen)} of {len(found)} resource types, "
        f"{seen} of {every} resources ({100 * seen // max(every, 1)} %)."
    )
    if unseen:
        print("Looked at only by those that see everything (tags, credentials, isolation):")
    for kind in sorted(unseen):
        print(f"  {unseen[kind]:3}  {kind}")
    return DONE
