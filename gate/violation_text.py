"""The parts of a violation's message, in the form that the pack writes it in (policies/serving/violations.py)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from policies.resources.json_text import read_json

_NAME = r'(?:"(?:[^"\\]|\\.)*"|[^\s,;()\[\]"]+)'
_RESOURCES = re.compile(rf"  (?P<type>{_NAME}): (?P<names>\S.*)")
_RESOURCE = re.compile(rf"(?P<name>{_NAME})(?: \((?P<inside>[^()]*)\))?(?:, |$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedResource:
    """A resource of a message: type as Pulumi shows it ("aws:ecs:Service"), logical name, and the part that it is about."""

    type: str
    name: str
    inside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What is wrong, and where. required, fix: empty where the message has none. ways: changes of which each alone is enough."""

    found: str
    required: str = ""
    fix: str = ""
    table: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    resources: tuple[NamedResource, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationText:
    """A message taken apart. what: what must hold. joined: further policies that are undecided for the same cause."""

    what: str
    causes: tuple[Cause, ...]
    why: str
    fix: str = ""
    joined: tuple[str, ...] = ()


def read_violation(message: str) -> ViolationText | None:
    """The parts of a message; None where it is written in another form, by this pack or another."""
    what, *lines = message.strip().splitlines() or [""]
    tail = {"Why": "", "Fix": "", "Undecided with it": ""}
    while lines and (label := lines[-1].partition(": ")[0]) in tail:
        tail[label] = lines.pop().partition(": ")[2]
    if not lines or not tail["Why"]:
        return None
    causes = list(_causes(lines))
    if None in causes:
        return None
    return ViolationText(
        what=what,
        causes=tuple(cause for cause in causes if cause is not None),
        why=tail["Why"],
        fix=tail["Fix"],
        joined=tuple(filter(None, tail["Undecided with it"].split(", "))),
    )


def shortened(message: str, *, most: int) -> str:
    """The message with at most `most` resources of a type under a cause; the others are counted."""
    return "\n".join(_shortened(line, most) for line in message.splitlines())


def _shortened(line: str, most: int) -> str:
    match = None if line.startswith("  Fix: ") else _RESOURCES.fullmatch(line)
    names = [found[0] for found in _RESOURCE.finditer(match["names"])] if match else []
    if match is None or len(names) <= most:
        return line
    return f"  {match['type']}: {''.join(names[:most])}and {len(names) - most} more"


def _causes(lines: list[str]) -> Iterator[Cause | None]:
    """The causes of a message; None for a line that is of no cause."""
    starts = [number for number, line in enumerate(lines) if line.startswith("- ")]
    if starts[:1] != [0]:
        yield None
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        found, _, required = lines[start].removeprefix("- ").removesuffix(".").partition(". Required: ")
        fix, resources, table, ways = "", list[NamedResource](), list[str](), list[str]()
        for line in lines[start + 1 : end]:
            if line.startswith("    ") and not (fix or ways or resources):
                table.append(line[4:])
            elif line.startswith("  Fix: ") and not resources:
                fix = line.removeprefix("  Fix: ")
            elif line.startswith("  * ") and not resources:
                ways.append(line.removeprefix("  * "))
            elif match := _RESOURCES.fullmatch(line):
                resources += _resources(_plain(match["type"]), match["names"])
            else:
                yield None
        yield Cause(
            found=found, required=required, fix=fix, table=tuple(table), ways=tuple(ways), resources=tuple(resources)
        )


def _resources(kind: str, names: str) -> Iterator[NamedResource]:
    for match in _RESOURCE.finditer(names):
        yield NamedResource(type=kind, name=_plain(match["name"]), inside=match["inside"] or "")


def _plain(text: str) -> str:
    return str(read_json(text)) if text.startswith('"') else text
