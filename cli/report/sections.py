"""The parts of the closing report, each as styled lines: changes, policies, diagnostics, outputs, summary, next command."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from rich.text import Text

from cli.report.tree import PAST, SIGNS, STYLES, Line
from gate import diff
from gate.events import displayed
from gate.run_model import STACK_TYPE, Diagnostic, Resource, RunModel, Violation
from gate.violation_text import read_violation, shortened
from policies.resources.urns import type_and_name

OFFLINE = "offline AWS, nothing deployed"
_PACKAGE = re.compile(r"[\w-]+:[\w-]+:(?=\w+$)")
"""What stands before the name of a type."""
_MOST_RESOURCES = 12
"""Of one type under one cause; `--full` and the gate's report have all."""
_TABLE = "    "
"""What the lines of a table begin with in a message of this project's pack."""
_COUNTED = ("create", "update", "replace", "delete", "same")


def tree(rows: list[Line], *, width: int = 100_000) -> Iterator[Text]:
    """The tree in columns; on a screen of less width types go without the package in front."""
    if not rows:
        yield Text("  (nothing)", "dim")
        return
    if (
        max(len(row.label) for row in rows) + max(len(row.name) + len(row.status) + len(row.info) for row in rows) + 8
        > width
    ):
        rows = [replace(row, label=_PACKAGE.sub("", row.label)) for row in rows]
    type_width = max(len(row.label) for row in rows)
    name_width = max(len(row.name) for row in rows)
    status_width = max(len(row.status) for row in rows)
    for row in rows:
        text = f" {row.sign:<2} {row.label:<{type_width}}  {row.name:<{name_width}}  {row.status:<{status_width}}  {row.info}"
        yield Text(text.rstrip(), row.style)


def changed_properties(resources: Iterable[Resource]) -> Iterator[Text]:
    """What changes inside the resources that are updated or replaced."""
    for item in resources:
        if item.op not in ("update", "replace") or item.type_token == STACK_TYPE:
            continue
        before = (item.old or {}).get("inputs") or {}
        after = (item.new or {}).get("inputs") or {}
        yield Text(f" {SIGNS[item.op]:<2} {item.short_type}  {item.name}", STYLES[item.op])
        for change in diff.changes(before, after):
            yield Text(f"       {change}", {"+": "green", "-": "red"}.get(change.sign, ""))


def policies(model: RunModel, *, only: Container[str] | None = None, full: bool = False) -> Iterator[Text]:
    """Violations, the ones that stop the run first, each policy once with its resources.

    only: the URNs of the resources that are asked for; warnings about others are counted. full: every resource, however many.
    """
    warnings = [violation for violation in model.advisory if only is None or violation.urn in only]
    for heading, style, violations in (
        ("mandatory", "bold red", model.mandatory),
        ("advisory", "yellow", warnings),
    ):
        for policy, found in _by_policy(violations).items():
            yield Text(f"  [{heading}] {policy}  ({found[0].pack})", style)
            what, messages = _apart([violation.message for violation in found])
            yield from (Text(line) for line in _indented(what, "    "))
            for violation, message in zip(found, messages, strict=True):
                where, text = _resource_of(violation.urn), message if full else shortened(message, most=_MOST_RESOURCES)
                if read_violation(violation.message) is not None:  # it lists its resources itself
                    where, text = (
                        "",
                        text.replace(f"\n{_TABLE}", "\n"),
                    )  # 80 columns hold a table at the indentation of its message
                if where:
                    yield Text(f"    {where}")
                yield from (Text(line) for line in _indented(text, "      "))
    if others := len(model.advisory) - len(warnings):
        yield Text(f"  {others} more advisory, not of what is shown", "dim")
    for policy, urn in model.remediations:
        yield Text(f"  [remediated] {policy}: {_resource_of(urn)}", "cyan")


def _apart(messages: list[str]) -> tuple[str, list[str]]:
    """What every message of a policy begins with, which is the policy's own description, and what is left of each."""
    heads = {message.partition("\n")[0] for message in messages}
    rests = [message.partition("\n")[2] for message in messages]
    return (heads.pop(), rests) if len(heads) == 1 and all(rests) else ("", messages)


def diagnostics(found: list[Diagnostic]) -> Iterator[Text]:
    """Messages of the program and the engine."""
    styles = {"error": "red", "warning": "yellow"}
    for item in found:
        where = _resource_of(item.urn)
        if where:
            yield Text(f"  {where}")
        head = f"{item.severity}: " if item.severity in styles else ""
        yield from (Text(line, styles.get(item.severity, "")) for line in _indented(head + item.message, "    "))


def outputs(values: Mapping[str, Any], *, only: str | None = None) -> Iterator[Text]:
    """The stack's outputs, one line each; members of a mapping below it. only: those of one service or job."""
    known: dict[str, Any] = displayed(dict(values))
    if only is not None:
        known = {key: {only: value[only]} for key, value in known.items() if isinstance(value, dict) and only in value}
    yield from (Text(line) for line in _listed(known, "  "))


def _listed(values: Mapping[str, Any], indent: str) -> Iterator[str]:
    width = max((len(key) for key in values), default=0)
    for key, value in sorted(values.items()):
        if isinstance(value, dict) and value:
            yield f"{indent}{key}:"
            yield from _listed(value, indent + "  ")
        elif isinstance(value, list) and value:
            yield f"{indent}{key}:"
            yield from (
                f"{indent}  - {each if isinstance(each, str) else json.dumps(each, ensure_ascii=False)}"
                for each in value
            )
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            yield f"{indent}{key:<{width}} : {text}"


def summary(model: RunModel, *, kind: str, seconds: float, failed: bool) -> Text:
    """The one closing line: counts, time, violations, and that nothing was deployed."""
    counts = model.changes()
    if model.planning:
        parts = [f"{counts[op]} {'unchanged' if op == 'same' else 'to ' + op}" for op in _COUNTED if counts[op]]
    else:
        parts = [f"{counts[op]} {PAST[op]}" for op in _COUNTED if counts[op]]
    if not parts:
        parts = ["no resources"]
    verdict = f"{kind} {'failed' if failed else 'succeeded'}"
    if failed and model.planning and kind != "preview":
        verdict += " in its preview, nothing was changed"
    violations = f"{len(model.mandatory)} mandatory, {len(model.advisory)} advisory violations"
    line = f"{verdict}: {', '.join(parts)}; {violations}; {seconds:.1f} s ({OFFLINE})"
    return Text(line, "bold red" if failed else "bold green")


def next_command(model: RunModel, *, kind: str, target: str, interrupted: bool) -> str:
    """After a failure: the one command to try, and why. `target` is what names the stage: "-s dev"."""
    again = f"./run {kind} {target}"
    if interrupted:
        return f"{again}   (finishes what was interrupted; what was done is recorded)"
    if model.mandatory:
        return f"./run preview {target}   (after fixing what the policies name)"
    if kind == "destroy":
        return f"./run preview {target}   (shows what is recorded for this stage)"
    return f"{again}   (after fixing the error above; it goes on from what is recorded)"


def _by_policy(violations: list[Violation]) -> dict[str, list[Violation]]:
    grouped: dict[str, list[Violation]] = {}
    for violation in violations:
        grouped.setdefault(violation.policy, []).append(violation)
    return grouped


def _resource_of(urn: str) -> str:
    """ "aws:ecs/service:Service dev-gateway" for a URN; nothing for the stack, which the whole run is about."""
    type_token, name = type_and_name(urn)
    return "" if type_token in ("", STACK_TYPE) else f"{type_token} {name}"


def _indented(text: str, indent: str) -> list[str]:
    return textwrap.indent(text, indent).splitlines()
