"""The note's changes: what is lost, and the differences by component, without what changes with every build."""

from __future__ import annotations

from collections.abc import Iterator

from gate.document import Change, Difference, Document, Stage, Value
from gate.inert import code, line, prose
from gate.note.parts import Section, count, diff_block, folded, word
from policies.resources.tokens import shown

_MOST_RESOURCES = 50
"""In one section: a component that is larger becomes several, so that a cut never takes all of it."""


def only_churn(change: Change) -> bool:
    """Whether nothing of it is more than a new build: an image's digest, a revision."""
    return bool(change.differences) and not change.lost and all(difference.churn for difference in change.differences)


def lost(document: Document) -> Iterator[Section]:
    """What is gone afterwards, for all stages."""
    rows = [
        f"- **{word(stage.name)}**, {code(change.name)} ({change.operation}): {prose(change.lost)}"
        for stage in document.stages
        for change in stage.changes
        if change.lost
    ]
    for start in range(0, len(rows), _MOST_RESOURCES):
        title = ["### ⚠ What is lost", ""] if start == 0 else []
        yield Section("\n".join((*title, *rows[start : start + _MOST_RESOURCES])), "what is lost")


def change_sections(document: Document) -> Iterator[Section]:
    """Each component's differences, folded; first those that lose something."""
    for stage in document.stages:
        components: dict[str, list[Change]] = {}
        for change in stage.changes:
            components.setdefault(change.component.urn, []).append(change)
        for changes in sorted(components.values(), key=lambda changes: not any(change.lost for change in changes)):
            yield from _component(stage, changes)


def _component(stage: Stage, changes: list[Change]) -> Iterator[Section]:
    changed = [change for change in changes if not only_churn(change)]
    component = changes[0].component
    title = f"{stage.name}: {shown(component.type)} {component.name}"
    hidden = len(changes) - len(changed)
    if not changed:
        return
    left_out = f", and {count(hidden, 'resource')} only with the build" if hidden else ""
    for start in range(0, len(changed), _MOST_RESOURCES):
        part = changed[start : start + _MOST_RESOURCES]
        rows = [row for change in part for row in _rows(change)]
        said = f"{count(len(part), 'resource')}{left_out if start == 0 else ''}"
        yield Section(folded(f"{title}: {said}", diff_block(rows)), "changes of a component")


def _rows(change: Change) -> Iterator[str]:
    name = "" if change.urn == change.component.urn else f" {change.name}"
    yield f"@@ {change.operation} {shown(change.type)}{name} @@"
    if change.lost:
        yield f"- {change.lost}"
    churn = 0
    for difference in change.differences:
        churn += difference.churn
        if not difference.churn:
            yield from _sides(difference)
    if churn:
        yield f"  {count(churn, 'value')} more only with the build"


def _sides(difference: Difference) -> Iterator[str]:
    forced = "  (forces the replacement)" if difference.forces_replacement else ""
    if difference.before is not None:
        yield f"- {line(difference.path)}: {_shown(difference.before)}{'' if difference.after else forced}"
    if difference.after is not None:
        yield f"+ {line(difference.path)}: {_shown(difference.after)}{forced}"


def _shown(value: Value) -> str:
    match value.kind:
        case "known":
            return value.text
        case "secret":
            return "[secret]"
        case "unknown":
            return "[unknown until it is deployed]"
