"""What an engine is sent of many findings: a violation for each policy, one more for what it could not read, resources under causes.

The protocol has one text a violation, so its form is fixed, for people and for gate/violation_text.py, which reads the parts back:

    <what must hold>
    - <found>. Required: <required>.
        <a line of a table, as it is>
      Fix: <where this cause has a way of its own>
      * <a single change that is enough>
      aws:ecs:TaskDefinition: api (container "app"), worker
    Why: <why>
    Fix: <how to fix it>
    Undecided with it: <further policies that had to read the same>

Text without parts follows the first line as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from policies.facts.finding import Finding, Parts
from policies.resources.graph import grouped
from policies.resources.tokens import shown
from policies.resources.urns import type_and_name
from policies.rules.policy import Level, PolicySpec

UNREAD_WHY = "A policy that cannot read what it judges has not passed."
_LEVELS = (Level.MANDATORY, Level.ADVISORY)
_SEVERITIES = ("critical", "high", "medium", "low")
_ALIKE = 3
"""So many causes that differ by the names of resources only are reported as one."""
_OF_URN = re.compile(r" of urn:pulumi:\S+?::\S+?::(?:\S+\$)?(?P<type>[^\s:$]+:[^\s:$]+:[^\s:$]+)::\S+?(?=[,:]? |$)")
_SOURCE = re.compile(r"(?P<type>[a-z][\w-]*:[\w/-]+:\w+) [^,]+?(?=, [a-z][\w-]*:|(?: and [0-9]+ more)? gives? only)")
_URN = re.compile(
    r"urn:pulumi:[^\s:]+::[^\s:]+::(?:\S+\$)?(?P<type>[^\s:$]+(?::[^\s:$]+){1,2})::(?P<name>\S+?)(?=[.,:;)\]\"]*(?:\s|$))"
)
_TOKEN = re.compile(r"(?<![\w:/$.-])[a-z][\w-]*:[\w-]+/\w+:\w+\b")
_PLAIN = re.compile(r"[^\s,;:()\[\]\"]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What one policy found, at the level that holds for it."""

    spec: PolicySpec
    level: Level
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """What is sent behind what must hold. urn: the resource, empty for several or the stack. joined: policies it stands for, too."""

    spec: PolicySpec
    level: Level
    urn: str
    message: str
    joined: tuple[str, ...] = ()


def violations(judged: Sequence[Judged]) -> Iterator[Violation]:
    """In the order of the policies. What several could not read is sent once, by the strictest of them."""
    leads = _leads(judged)
    for one in judged:
        ours = grouped((joined, cause) for cause, (lead, joined) in leads.items() if lead is one)
        for joined, causes in ours.items():
            yield _unread(one, causes, joined)
        for finding in one.findings:
            if finding.parts is None and not finding.cause:
                yield Violation(spec=one.spec, level=one.level, urn=finding.urn, message=named(finding.message))
        if reported := [finding for finding in one.findings if finding.parts is not None and not finding.cause]:
            message = named("\n".join((*_listed(reported), *_advice(one.spec, reported))))
            yield Violation(spec=one.spec, level=one.level, urn=_urn(reported), message=message)


def named(text: str) -> str:
    """A text with resources named as people see them in a preview, "aws:rds:Instance prd", and not by URN."""
    text = _URN.sub(lambda match: f"{match['type']} {match['name']}", text)
    return _TOKEN.sub(lambda match: shown(match[0]), text)


def _leads(judged: Iterable[Judged]) -> Mapping[str, tuple[Judged, tuple[str, ...]]]:
    """By cause: the strictest policy that had to read it, and the names of the others."""
    by_cause: dict[str, list[Judged]] = {}
    for one in judged:
        for cause in dict.fromkeys(finding.cause for finding in one.findings if finding.cause):
            by_cause.setdefault(cause, []).append(one)
    leads: dict[str, tuple[Judged, tuple[str, ...]]] = {}
    for cause, found in by_cause.items():
        lead = min(found, key=lambda one: (_LEVELS.index(one.level), _SEVERITIES.index(one.spec.severity)))
        leads[cause] = lead, tuple(one.spec.name for one in found if one is not lead)
    return leads


def _unread(one: Judged, causes: Sequence[str], joined: tuple[str, ...]) -> Violation:
    """What one policy could not read, each cause on a line; joined: those that had to read the same."""
    lines = list[str]()
    alike = grouped((_without_names(cause), cause) for cause in causes)
    for shared, members in alike.items():
        # A factory that gives the same to each of its services has one cause, whatever its resources are called.
        for together in (members,) if len(members) >= _ALIKE else ([cause] for cause in members):
            findings = [finding for finding in one.findings if finding.cause in together]
            text = findings[0].message.removesuffix(f" {one.spec.why} {one.spec.how_to_fix}").removesuffix(".")
            if len(together) > 1:
                text = shared + text.partition(together[0])[2]
            lines += [f"- {_flat(text)}.", *_resources([(finding, "") for finding in findings])]
    lines.append(f"Why: {UNREAD_WHY}")
    if joined:
        lines.append(f"Undecided with it: {', '.join(joined)}")
    urn = _urn([finding for finding in one.findings if finding.cause in causes])
    return Violation(spec=one.spec, level=one.level, urn=urn, message=named("\n".join(lines)), joined=joined)


def _without_names(cause: str) -> str:
    """A cause as it is of all resources of its types."""
    text = _OF_URN.sub(lambda match: f" of {shown(match['type'])}", cause)
    return _SOURCE.sub(lambda match: shown(match["type"]), text)


def _listed(findings: Iterable[Finding]) -> Iterator[str]:
    """A line for each cause, and the resources it was found on."""
    causes: dict[Parts, list[tuple[Finding, str]]] = {}
    for finding in findings:
        parts = finding.parts
        assert parts is not None
        causes.setdefault(replace(parts, inside=""), []).append((finding, parts.inside))
    for parts, where in causes.items():
        needed = f" Required: {_flat(parts.required)}." if parts.required else ""
        yield f"- {_flat(parts.found)}.{needed}"
        yield from (f"    {line.rstrip()}" for line in parts.table)
        if parts.fix:
            yield f"  Fix: {_flat(parts.fix)}"
        yield from (f"  * {_flat(way)}" for way in parts.ways)
        yield from _resources(where)


def _resources(where: Iterable[tuple[Finding, str]]) -> Iterator[str]:
    by_type: dict[str, list[str]] = {}
    for finding, inside in where:
        if finding.urn:
            token, name = type_and_name(finding.urn)
            kind = shown(token)
            by_type.setdefault(kind, []).append(_quoted(name) + (f" ({_quoted_inside(inside)})" if inside else ""))
    for kind, names in sorted(by_type.items()):
        yield f"  {_quoted(kind, colons=True)}: {', '.join(sorted(set(names)))}"


def _advice(spec: PolicySpec, findings: Iterable[Finding]) -> Iterator[str]:
    yield f"Why: {_flat(spec.why)}"
    if any(finding.parts is not None and not finding.parts.fix for finding in findings):
        yield f"Fix: {_flat(spec.how_to_fix)}"


def _urn(findings: Iterable[Finding]) -> str:
    urns = {finding.urn for finding in findings}
    return urns.pop() if len(urns) == 1 else ""


def _flat(text: str) -> str:
    return " ".join(text.split())


def _quoted(text: str, *, colons: bool = False) -> str:
    plain = _PLAIN.fullmatch(text.replace(":", "") if colons else text)
    return text if plain else json.dumps(text)


def _quoted_inside(text: str) -> str:
    return _flat(text).replace("(", "[").replace(")", "]")
