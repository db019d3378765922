"""What docs/policies.md has from the catalogue: every policy by concern, its settings, and how it maps to other rule sets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from cli.project.made_parts import filled
from policies.budget.declarations import DECLARATIONS
from policies.resources.documents import read_yaml
from policies.rules.discovery import concerns
from policies.rules.policy import Level, PolicySpec
from policies.serving.catalog import CATALOG

_LEFT_OUT = Path(__file__).resolve().parents[2] / "docs/policies-left-out.yaml"
_SERVED = "Registration and exceptions"


def markdown(written: str = "") -> str:
    """The document with what the catalogue says. written: as it stands, with what people wrote."""
    return filled(written, declarations=_declarations(), policies=chain(_policies(), _mapping(), _left_out()))


def _declarations() -> Iterator[str]:
    yield "| tag | on | meaning |\n| --- | --- | --- |"
    yield from (f"| `{row.tag}` | {row.on} | {row.meaning} |" for row in DECLARATIONS)
    yield ""


def _policies() -> Iterator[str]:
    by_concern = {heading: [rule.spec for rule in rules] for heading, rules in concerns().items()}
    listed = {spec.name for specs in by_concern.values() for spec in specs}
    yield f"## The {len(CATALOG)} policies\n"
    for heading, specs in {**by_concern, _SERVED: [spec for spec in CATALOG if spec.name not in listed]}.items():
        yield f"### {heading}\n"
        for spec in specs:
            yield from _policy(spec)


def _policy(spec: PolicySpec) -> Iterator[str]:
    yield f"#### {spec.name}\n"
    yield f"{spec.what} {spec.why}\n"
    levels = ", ".join(f"{stage} {shown(spec.level(stage))}" for stage in ("dev", "prd"))
    yield f"- Level: {levels}. Severity: {spec.severity}."
    yield f"- Fix: {spec.how_to_fix} [More]({spec.url})"
    if spec.references:
        yield f"- Also asked by: {', '.join(sorted(spec.references.split(), key=_order))}."
    for item in spec.settings:
        values = {stage: _value(item.default(stage)) for stage in ("dev", "prd")}
        defaults = values["prd"] if values["dev"] == values["prd"] else f"dev {values['dev']}, prd {values['prd']}"
        bounds = "" if item.maximum is None else f" At most {item.maximum}."
        yield f"- Setting `{item.name}` ({defaults}): {item.what}{bounds}"
    yield ""


def _mapping() -> Iterator[str]:
    yield "## By rule of Checkov, cdk-nag and AWS Security Hub (Foundational Security Best Practices)\n"
    yield "| rule | policy |\n| --- | --- |"
    found = [(reference, spec.name) for spec in CATALOG for reference in spec.references.split()]
    for reference in sorted({reference for reference, _ in found}, key=_order):
        yield f"| {reference} | {', '.join(name for other, name in found if other == reference)} |"
    yield ""


def _left_out() -> Iterator[str]:
    yield "## Left out, and why\n"
    yield "Rules about services that are no part of such a platform, such as Lambda, DynamoDB, EKS or CloudFront, are not listed.\n"
    yield "| rules | reason |\n| --- | --- |"
    left_out: Any = read_yaml(_LEFT_OUT.read_text(encoding="utf-8"))
    for entry in left_out:
        yield f"| {', '.join(sorted(entry['rules'].split(), key=_order))} | {entry['reason']} |"
    yield ""


def _order(reference: str) -> tuple[str, int]:
    match = re.fullmatch(r"(.*?)(\d+)", reference)
    return (match[1], int(match[2])) if match else (reference, 0)


def shown(level: Level) -> str:
    """A level as people read it."""
    return "off" if level is Level.DISABLED else level.value


def _value(value: int | str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return str(value) or "none"
