"""The resources of a run as a tree, the way Pulumi prints it: operation, type nested by parent, name, what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gate.run_model import Resource, RunModel

SIGNS = {"create": "+", "update": "~", "replace": "+-", "delete": "-", "same": "", "read": ">", "import": "="}
STYLES = {"create": "green", "update": "yellow", "replace": "magenta", "delete": "red"}
PAST = {"create": "created", "update": "updated", "replace": "replaced", "delete": "deleted", "same": "unchanged"}


_WHOLE = ("create", "delete")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the tree, not yet laid out."""

    sign: str
    label: str
    name: str
    status: str
    info: str
    style: str


def lines(model: RunModel, *, only: str | None = None, full: bool = False) -> list[Line]:
    """The rows of the tree. Unchanged cloud resources are counted at their component instead of listed.

    What is created or deleted together with its component is counted there, too, unless the tree is to be `full`.
    `only` names one component, of which alone the rows are given, each of them.
    """
    children = _children(model)
    folded = set[str]() if full or only is not None else _folded(model, children)
    return list(_rows(_roots(model, children, only), children, folded, prefix="", preview=model.planning, top=True))


def scope(model: RunModel, only: str | None) -> list[Resource]:
    """The resources that `lines` is about, whether it lists or counts them, parents first."""
    children = _children(model)
    found: list[Resource] = []
    waiting = _roots(model, children, only)
    while waiting:
        item = waiting.pop(0)
        found.append(item)
        waiting = [*children.get(item.urn, []), *waiting]
    return found


def _children(model: RunModel) -> dict[str, list[Resource]]:
    """Resources by the URN of their parent; those without one that is known by ""."""
    children: dict[str, list[Resource]] = {}
    for item in model.visible():
        children.setdefault(item.parent if item.parent in model.resources else "", []).append(item)
    return children


def _roots(model: RunModel, children: dict[str, list[Resource]], only: str | None) -> list[Resource]:
    if only is None:
        return list(children.get("", []))
    return [item for item in model.visible() if not item.custom and item.name == only]


def _folded(model: RunModel, children: dict[str, list[Resource]]) -> set[str]:
    """URNs that are only counted: everything below a component that comes or goes with it, as a whole."""
    folded: set[str] = set()

    def visit(item: Resource) -> bool:
        """Whether the resource and all below it come or go alike, and are over or only planned."""
        below = children.get(item.urn, [])
        visited = [visit(child) and child.op == item.op for child in below]
        alike = all(visited)
        if not item.custom and item.op in _WHOLE:
            folded.update(child.urn for child in below if child.op == item.op and child.urn in whole)
        if alike and item.op in _WHOLE and not item.failed and (item.done or model.planning):
            whole.add(item.urn)
            return True
        return False

    whole: set[str] = set()
    for root in children.get("", []):
        visit(root)
        # The components of the platform are what a reader looks for: each has its row.
        folded -= {child.urn for child in children.get(root.urn, []) if not child.custom}
    return folded


def _rows(
    items: Sequence[Resource],
    children: dict[str, list[Resource]],
    folded: set[str],
    *,
    prefix: str,
    preview: bool,
    top: bool,
) -> Iterator[Line]:
    shown = [item for item in items if item.urn not in folded and _is_shown(item, children)]
    for index, item in enumerate(shown):
        last = index == len(shown) - 1
        branch = "" if top else ("└─ " if last else "├─ ")
        below = children.get(item.urn, [])
        hidden = sum(1 for child in below if child.urn not in folded and not _is_shown(child, children))
        counted = sum(1 + _size(child, children) for child in below if child.urn in folded)
        yield Line(
            sign="!" if item.failed else SIGNS.get(item.op, "?"),
            label=f"{prefix}{branch}{item.short_type}",
            name=item.name,
            status=_status(item, preview),
            info=_info(item, hidden, counted, preview),
            style="bold red" if item.failed else STYLES.get(item.op, "dim"),
        )
        deeper = prefix if top else prefix + ("   " if last else "│  ")
        yield from _rows(below, children, folded, prefix=deeper, preview=preview, top=False)


def _is_shown(item: Resource, children: dict[str, list[Resource]]) -> bool:
    if item.op != "same" or item.failed or not item.custom:
        return True
    return any(_is_shown(child, children) for child in children.get(item.urn, ()))


def _status(item: Resource, preview: bool) -> str:
    if item.failed:
        return "failed"
    if item.op == "same":
        return ""
    if preview:
        return item.op
    return PAST.get(item.op, item.op) if item.done else f"{item.op} not finished"


def _size(item: Resource, children: dict[str, list[Resource]]) -> int:
    """How many resources are below one."""
    return sum(1 + _size(child, children) for child in children.get(item.urn, ()))


def _info(item: Resource, hidden: int, counted: int, preview: bool) -> str:
    parts: list[str] = []
    if item.diffs and item.op in ("update", "replace"):
        forcing = set(item.replace_keys)
        parts.append("[diff: " + ", ".join(f"{'+-' if key in forcing else '~'}{key}" for key in item.diffs) + "]")
    if counted:
        parts.append(f"{counted} {f'to {item.op}' if preview else PAST[item.op]}")
    if hidden:
        parts.append(f"{hidden} unchanged")
    return "; ".join(parts)
