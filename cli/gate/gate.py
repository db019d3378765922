"""`./run gate -s STAGE...`: each stage previewed and judged, gate.json written, and every form that is made of it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from cli.command import DONE, FAILED, ROOT, USAGE
from cli.gate import previews
from cli.gate.edited_lines import EditedLines
from cli.gate.places import Places
from cli.gate.previews import Gate
from cli.gate.unreadable import unreadable, violations_of
from cli.project.policies_changes import compare, file_changes, pack_file_changes, read_pack, require_pack
from cli.stages.acceptance import accepting
from cli.stages.place import settings_of
from cli.stages.program import pack_of
from gate.assembly import Known, nowhere, stage_of
from gate.document import Document, GateChange, Stage, Violation, worst
from gate.hosts.ci import source_of
from gate.hosts.publish import show
from gate.note.note import drafted
from gate.policy_results import PolicyText
from gate.written import write_all
from offline.engine.errors import UsageError
from policies.rules.policy import Level
from policies.serving.catalog import CATALOG
from settings.files.stack_config import load
from settings.merged import Settings
from settings.problems import SettingsError


def gate(asked: Gate, *, write: Callable[[str], None] = print) -> int:
    """Judge the stages and write the files; exit code 0 ok, 1 refused or failed, 2 wrong settings or usage."""
    try:
        refused = _refused(asked)
        with accepting() if asked.accept_loss else contextlib.nullcontext():
            document = _document(asked, unreadable(asked, refused)) if refused else judged(asked)
    except (UsageError, SettingsError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    for text in dict.fromkeys(map(str, refused.values())):
        print(f"error: {text}", file=sys.stderr)
    note = drafted(document)
    paths = write_all(document, asked.out, note)
    show(document, os.environ, note, write=write)
    for path in paths:
        write(str(path))
    for stage in document.stages:
        write(f"{stage.name}: {stage.verdict}")
        for reason in stage.reasons:
            write(f"  {reason}")
    return USAGE if refused else DONE if document.verdict == "ok" else FAILED


def _refused(asked: Gate) -> dict[str, SettingsError | UsageError]:
    """Stages whose settings are wrong at a line of a file: said before a preview takes its time. Raises what no line is wrong with."""
    _check(asked)
    found: dict[str, SettingsError | UsageError] = {}
    for name in asked.stages:
        try:
            _settings(asked, name)
        except (SettingsError, UsageError) as error:
            if not violations_of(error):
                raise
            found[name] = error
    return found


def _project_name(asked: Gate) -> str:
    try:
        return load(asked.project_dir, asked.stages[0]).project
    except UsageError:
        return asked.project_dir.name


def judged(asked: Gate) -> Document:
    """The document. Raises UsageError, SettingsError and OSError for what a person has to fix before anything is judged."""
    pack = require_pack(pack_of(asked.project_dir, asked.policy_pack, confined=asked.confined))
    return _document(asked, (_stage(asked, name, pack) for name in dict.fromkeys(asked.stages)))


def _document(asked: Gate, stages: Iterable[Stage]) -> Document:
    changes = _gate_changes(asked)  # before a preview takes its time
    found = tuple(stages)
    return Document(
        project=_project_name(asked),
        verdict=worst(tuple(stage.verdict for stage in found)),
        source=source_of(os.environ),
        stages=found,
        gate_changes=changes,
    )


def _check(asked: Gate) -> None:
    if not asked.stages:
        raise UsageError("-s is required: which stages to judge, such as -s dev -s prd.")
    if asked.events is not None and len(asked.stages) != 1:
        raise UsageError("--events is the preview of one stage: say one -s.")


def _stage(asked: Gate, name: str, pack: Path) -> Stage:
    settings = _settings(asked, name)
    preview = previews.preview(asked, name, pack)
    budgets = preview.budgets or ()
    # A merge request's project stands beside the target branch's, from which this command runs.
    edited = EditedLines(project=asked.project_dir, base=ROOT if asked.confined else None)
    missing = "" if preview.budgets is not None else _missing(preview)
    known = Known(
        engine=preview.engine,
        texts=_texts(name),
        budgets=budgets,
        budget_missing=missing,
        places=nowhere if settings is None else Places(settings=settings, edited=edited, budgets=budgets),
        exit_code=preview.exit_code,
        errors=preview.errors,
    )
    stage = stage_of(name, preview.reported, known)
    if settings is None and preview.errors:  # it refuses its own settings, as the ones here do
        return stage.model_copy(update={"violations": (*stage.violations, *_own_problems(asked, name))})
    return stage


def _own_problems(asked: Gate, name: str) -> tuple[Violation, ...]:
    try:
        settings_of(asked.project_dir, name)
    except SettingsError as error:
        return violations_of(error)
    return ()


def _settings(asked: Gate, name: str) -> Settings | None:
    """The stage's settings. Those of a merge request may have keys that are new: its own program reads and judges them."""
    try:
        return settings_of(asked.project_dir, name)
    except SettingsError:
        if asked.confined:
            return None
        raise


def _missing(preview: previews.Preview) -> str:
    if preview.engine.kind == "recorded":
        return "A saved event stream has no budgets: only the pack that judged saw the whole stack."
    return "The pack that judged reported no budgets: it ended before the stack was judged, or it is too old to report them."


def _gate_changes(asked: Gate) -> tuple[GateChange, ...] | None:
    """What the change does to the pack, beside the one in force."""
    if asked.confined:  # nothing of the change is run to say what it changes
        own = asked.project_dir / "policies"
        found = [*pack_file_changes(ROOT / "policies", own), *file_changes(ROOT, asked.project_dir)]
    elif asked.against is None:
        return None
    else:
        own = pack_of(asked.project_dir, None, confined=False)
        found = list(compare(read_pack(asked.against), read_pack(own)))
    return tuple(GateChange(what=change.what, weaker=change.weaker) for change in found)


def _texts(stage: str) -> dict[str, PolicyText]:
    return {
        spec.name: PolicyText(
            what=spec.what,
            why=spec.why,
            fix=spec.how_to_fix,
            severity=spec.severity,
            level="" if level is Level.DISABLED else level.value,
        )
        for spec in CATALOG
        for level in (spec.level(stage),)
    }
