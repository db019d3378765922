"""What a run changes: one Change a resource, by component, with each changed path, and what is lost for good."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any, get_args

from gate import diff
from gate.document import Change, Component, Difference, Operation, Value
from gate.run_model import STACK_TYPE, Resource, RunModel
from policies.resources.contents import CONTENTS
from policies.resources.tokens import canonical
from policies.resources.urns import type_and_name

_GONE = {"delete": "deleted", "replace": "replaced"}
_CHURN = ("image", "imageUri", "taskDefinition", "revision", "s3Key", "sourceHash", "lastModified")
_OPERATIONS = frozenset(get_args(Operation))


def changes_of(model: RunModel) -> tuple[Change, ...]:
    """Every resource that does not stay as it is, those of one component together, in the order of the run."""
    found: dict[str, list[Change]] = {}
    for item in model.visible():
        if item.op in ("same", "read", "refresh") or item.type_token == STACK_TYPE:
            continue
        component = _component(item, model.resources)
        found.setdefault(component.urn, []).append(_change(item, component))
    return tuple(chain.from_iterable(found.values()))


def operation_of(item: Resource) -> Operation:
    """The operation as the document has it; one that it does not know counts as an update."""
    return item.op if item.op in _OPERATIONS else "update"  # type: ignore[return-value]


def _change(item: Resource, component: Component) -> Change:
    before: Mapping[str, Any] = (item.old or {}).get("inputs") or {}
    after: Mapping[str, Any] = (item.new or {}).get("inputs") or {}
    differs = diff.changes(before, after) if item.op in ("update", "replace") and item.new is not None else ()
    return Change(
        urn=item.urn,
        type=item.type_token,
        name=item.name,
        operation=operation_of(item),
        component=component,
        lost=_lost(item, before),
        differences=tuple(_difference(change, item) for change in differs),
    )


def _lost(item: Resource, before: Mapping[str, Any]) -> str:
    """What goes with it, in a sentence; empty where nothing does, or where the program said that it may go."""
    contents = CONTENTS.get(canonical(item.type_token))
    if (
        contents is None
        or item.op not in _GONE
        or (item.old or {}).get("retainOnDelete")
        or before.get(contents.given_up) is True
    ):
        return ""
    return contents.sentence.format(name=item.name, how=_GONE[item.op])


def _difference(change: diff.Change, item: Resource) -> Difference:
    head, last = change.path.partition(".")[0], change.path.rpartition(".")[2]
    return Difference(
        path=change.path,
        before=None if change.sign == "+" else _value(change.before),
        after=None if change.sign == "-" else _value(change.after),
        forces_replacement=any(head == key.partition(".")[0].partition("[")[0] for key in item.replace_keys),
        churn=last in _CHURN,
    )


def _value(text: str) -> Value:
    match text:
        case "[secret]":
            return Value(kind="secret")
        case "[unknown]":
            return Value(kind="unknown")
        case _:
            return Value(kind="known", text=text)


def _component(item: Resource, resources: Mapping[str, Resource]) -> Component:
    """The nearest resource above that is a component, or the stack."""
    parent = item.parent
    while (above := resources.get(parent)) is not None and above.custom:
        parent = above.parent
    type_, name = type_and_name(urn := parent or item.urn)
    return Component(urn=urn, type=type_, name=name)
