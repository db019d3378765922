"""The platform drawn from its resources: a column for each kind of part, a line where one needs another, changes marked."""

from __future__ import annotations

from collections.abc import Iterator

from gate.document import Node, Stage
from gate.inert import html

_COLUMNS = (("pipeline",), ("load-balancer",), ("service",), ("job", "mesh"), ("database",))
_TITLES = ("pipelines", "load balancer", "services", "jobs and mesh", "databases")
_MOST = 40
_STEP, _BOX, _HIGH, _ROW, _TOP = 200, 160, 34, 48, 40


def drawing(stage: Stage) -> Iterator[str]:
    """An SVG with a text for those who do not see it."""
    columns = [[node for node in stage.platform if node.kind in kinds] for kinds in _COLUMNS]
    if not any(columns):
        yield "<p>No part of a platform is in this run.</p>"
        return
    rows = max(len(column[:_MOST]) for column in columns)
    width, height = _STEP * len(columns), _TOP + _ROW * rows + 10
    changed = sum(node.operation not in ("same", "read", "refresh") for node in stage.platform)
    summary = f"The platform of {stage.name}: {len(stage.platform)} parts, {changed} of them change. The list below names them."
    yield f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{html(summary)}">'
    places = {
        node.urn: (_STEP * x, _TOP + _ROW * y)
        for x, column in enumerate(columns)
        for y, node in enumerate(column[:_MOST])
    }
    for column in columns:
        for node in column[:_MOST]:
            yield from (_edge(places[node.urn], places[other]) for other in node.uses if other in places)
    for x, (title, column) in enumerate(zip(_TITLES, columns, strict=True)):
        more = f" ({len(column) - _MOST} more not drawn)" if len(column) > _MOST else ""
        yield f'<text x="{_STEP * x}" y="20">{title}{more}</text>'
        yield from (_box(node, *places[node.urn]) for node in column[:_MOST])
    yield "</svg><details><summary>The parts as a list</summary><ul>"
    names = {node.urn: node.name for node in stage.platform}
    for node in stage.platform:
        uses = ", ".join(names[urn] for urn in node.uses if urn in names)
        yield f"<li>{node.kind} {html(node.name)}: {node.operation}{html(f', uses {uses}') if uses else ''}</li>"
    yield "</ul></details>"


def _box(node: Node, x: int, y: int) -> str:
    mark = {"same": "", "read": "", "refresh": "", "delete": " gone"}.get(node.operation, " changed")
    short = node.name if len(node.name) <= 20 else f"{node.name[:19]}…"
    sign = "" if not mark else f" ({node.operation})"
    return (
        f'<rect class="box{mark}" x="{x + 2}" y="{y}" width="{_BOX}" height="{_HIGH}" rx="6"><title>{html(node.name)}: '
        f'{node.operation}</title></rect><text x="{x + 10}" y="{y + (15 if sign else 22)}">{html(short)}</text>'
        + (f'<text x="{x + 10}" y="{y + 30}">{sign.strip()}</text>' if sign else "")
    )


def _edge(start: tuple[int, int], end: tuple[int, int]) -> str:
    (left, top), (right, bottom) = sorted((start, end))
    first, last = (left + _BOX + 2, top + _HIGH // 2), (right + 2, bottom + _HIGH // 2)
    middle = (first[0] + last[0]) // 2
    return (
        f'<path class="edge" d="M{first[0]} {first[1]} C{middle} {first[1]} {middle} {last[1]} {last[0]} {last[1]}"/>'
    )
