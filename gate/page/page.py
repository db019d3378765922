"""gate.html: verdict, platform, budget, changes, policies and exceptions of each stage, in one file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from gate.document import Change, Difference, Document, Stage, Value, Violation
from gate.inert import html
from gate.page.budgets import budget_section
from gate.page.drawing import drawing

_HERE = Path(__file__).parent
_MOST_BYTES = 1_000_000
"""Of changes on the page; what is more stands in gate.json."""
_SIGNS = {"create": "+", "update": "~", "replace": "±", "delete": "-", "import": "=", "forget": "-"}


def page(document: Document) -> str:
    """The page. Its policy of content lets nothing be loaded, and no script run but its own."""
    style, script = (_HERE / "page.css").read_text("utf-8"), (_HERE / "page.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'"
    title = html(f"{document.project}: {document.verdict}")
    body = "".join(_body(document))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{allowed}; form-action \'none\'">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head>'
        f"<body>{body}<script>{script}</script></body></html>\n"
    )


def _body(document: Document) -> Iterator[str]:
    yield '<a class="skip" href="#stages">To the stages</a><header>'
    yield f'<h1>{html(document.project)}: <span class="{document.verdict}">{document.verdict}</span></h1>'
    source = document.source
    if source.commit:
        yield f'<p class="soft">commit {html(source.commit)}, pipeline {source.pipeline}</p>'
    yield '<nav aria-label="Stages"><ul>'
    yield "".join(f'<li><a href="#s{at}">{html(s.name)}: {s.verdict}</a></li>' for at, s in enumerate(document.stages))
    yield '</ul></nav></header><main id="stages">'
    if document.gate_changes:
        yield '<section class="card"><h2>This change touches the gate itself</h2><ul>'
        for change in document.gate_changes:
            yield f"<li>{'<strong class=lost>weaker:</strong> ' if change.weaker else ''}{html(change.what)}</li>"
        yield "</ul></section>"
    for at, stage in enumerate(document.stages):
        yield from _stage(stage, at)
    yield "</main>"


def _stage(stage: Stage, at: int) -> Iterator[str]:
    name = html(stage.name)
    yield f'<section aria-labelledby="s{at}"><h2 id="s{at}">{name}: <span class="{stage.verdict}">{stage.verdict}</span></h2>'
    if stage.reasons:
        yield f"<ul>{''.join(f'<li>{html(reason)}</li>' for reason in stage.reasons)}</ul>"
    counts = ", ".join(f"{count} {op}" for op, count in stage.counts.items()) or "nothing counted"
    packs = ", ".join(f"{pack.name} {pack.version}" for pack in stage.packs) or "no pack"
    engine = html(f"{stage.engine.kind} {stage.engine.version}".strip())
    yield f'<p class="soft">{html(counts)}; {stage.seconds} s by {engine}; {html(packs)}</p>'
    lost = [change.lost for change in stage.changes if change.lost]
    if lost:
        yield f'<h3>What is lost</h3><ul class="lost">{"".join(f"<li>{html(text)}</li>" for text in lost)}</ul>'
    if stage.violations:
        yield f"<h3>Violations ({len(stage.violations)})</h3>"
        yield from map(_violation, stage.violations)
    yield "<h3>Connection budget</h3>"
    if stage.budget_missing or not stage.budgets:
        yield f"<p>{html(stage.budget_missing or 'There is no database in this stage.')}</p>"
    for number, entry in enumerate(stage.budgets):
        yield from budget_section(entry, f"b{at}-{number}")
    yield "<h3>Platform</h3>"
    yield from drawing(stage)
    yield f"<h3>Changes ({len(stage.changes)})</h3>"
    yield from _changes(stage)
    yield f"<h3>Policies ({len(stage.policies)})</h3>"
    yield from _policies(stage)
    yield f"<h3>Exceptions ({len(stage.exceptions)})</h3>"
    used = {True: "in use", False: "needed by nothing"}
    yield f"<ul>{''.join(f'<li>{used[item.used]}: {html(item.text)}</li>' for item in stage.exceptions)}</ul>"
    if stage.messages:
        yield "<details><summary>What the engine and the program said</summary>"
        yield from (f"<pre>{item.severity}: {html(item.text)}</pre>" for item in stage.messages[:200])
        yield "</details>"
    yield "</section>"


def _violation(item: Violation) -> str:
    kind = "undecided" if item.undecided else item.level
    places = "".join(
        f"<li><code>{html(f'{place.file}:{place.line}')}</code> {html(place.key)}</li>" for place in item.places
    )
    resources = ", ".join(html(resource.name) for resource in item.resources)
    parts = [
        f"<p><strong>{label}:</strong></p><pre>{html(text)}</pre>"
        for label, text in (
            ("Found", item.found or item.message),
            ("Required", item.required),
            ("Why", item.why),
            ("How to fix it", item.fix),
        )
        if text
    ]
    return (
        f'<section class="card"><h4>{html(item.policy)} <span class="{"failed" if kind != "advisory" else "soft"}">({kind}'
        f"{html(f', {item.severity}') if item.severity else ''})</span> {resources}</h4>{''.join(parts)}"
        f"{f'<p><strong>Where:</strong></p><ul>{places}</ul>' if places else ''}</section>"
    )


def _changes(stage: Stage) -> Iterator[str]:
    size, left = 0, len(stage.changes)
    for _, group in groupby(stage.changes, key=lambda change: change.component.urn):
        changes = list(group)
        component = changes[0].component
        head = f"{component.type.rpartition(':')[2]} {component.name}: {len(changes)} changes"
        text = f"<details><summary>{html(head)}</summary><ul>{''.join(map(_change, changes))}</ul></details>"
        size += len(text.encode())
        if size > _MOST_BYTES:
            yield f"<p>{left} more changes stand in gate.json: this page would be too large.</p>"
            return
        left -= len(changes)
        yield text


def _change(change: Change) -> str:
    shown = [item for item in change.differences if not item.churn]
    hidden = len(change.differences) - len(shown)
    diff = "".join(map(_difference, shown))
    churn = f"<p class=soft>{hidden} that change with every build are left out</p>" if hidden else ""
    module, _, kind = change.type.rpartition("/")
    label = f"{_SIGNS.get(change.operation, '')} {change.operation} {(kind or module).rpartition(':')[2]} {change.name}"
    return f"<li>{html(label)}{f'<pre>{diff}</pre>' if diff else ''}{churn}</li>"


def _difference(item: Difference) -> str:
    forces = " (forces replacement)" if item.forces_replacement else ""
    lines = [html(f"{item.path}{forces}")]
    if item.before is not None:
        lines.append(f'<span class="del">- {html(_text(item.before))}</span>')
    if item.after is not None:
        lines.append(f'<span class="ins">+ {html(_text(item.after))}</span>')
    return "\n".join(lines) + "\n"


def _text(value: Value) -> str:
    return value.text if value.kind == "known" else f"[{value.kind}]"


def _policies(stage: Stage) -> Iterator[str]:
    yield '<details><summary>Every policy with its verdict</summary><div class="scroll" tabindex="0" role="region" '
    yield f'aria-label="Policies of {html(stage.name)}"><table><thead><tr><th scope="col">policy</th>'
    yield '<th scope="col">verdict</th><th scope="col">level</th><th scope="col">severity</th><th scope="col">what</th>'
    yield "</tr></thead><tbody>"
    for item in stage.policies:
        yield f'<tr><th scope="row">{html(item.name)}</th><td class="{item.verdict}">{item.verdict}</td><td>{item.level}</td>'
        yield f"<td>{html(item.severity)}</td><td>{html(item.description)}</td></tr>"
    yield "</tbody></table></div></details>"
