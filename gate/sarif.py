"""gate.json as SARIF 2.1.0, for GitHub's code scanning and for editors: each violation at the line that leads to it."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

from gate.document import Document, Place, Stage, Violation
from gate.inert import line, message
from gate.marks import marks_of

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0"}
"""What GitHub reads as critical, high, medium and low (docs.github.com, "SARIF support for code scanning")."""
_MOST_RESULTS = 5_000
"""GitHub keeps so many results of a file."""


def sarif(document: Document) -> str:
    """The file's text. What no setting leads to stands at the stage's file: code scanning shows nothing without a place."""
    found = [(stage, violation) for stage in document.stages for violation in stage.violations]
    described = {policy.name: policy.description for stage in document.stages for policy in stage.policies}
    rules: dict[str, dict[str, Any]] = {}
    for _, violation in found:
        rules.setdefault(violation.policy, _rule(violation, described.get(violation.policy, "")))
    places = {name: number for number, name in enumerate(rules)}
    results = [
        _result(stage, violation, places[violation.policy], mark)
        for stage, violation in found
        for mark in marks_of(stage, violation)
    ][:_MOST_RESULTS]
    run = {
        "tool": {"driver": {"name": "category-analyzer gate", "rules": list(rules.values())}},
        "automationDetails": {"id": f"gate/{line(document.project)}/"},
        "columnKind": "unicodeCodePoints",
        "results": [*results, *(_undecided(stage) for stage in document.stages if stage.verdict == "failed")],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1) + "\n"


def _rule(violation: Violation, description: str) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": line(violation.policy),
        "name": line(violation.policy),
        "shortDescription": {"text": _said(description, violation.policy)},
        "help": {"text": _said(violation.why, description, violation.policy)},
    }
    if violation.severity in _SCORES:
        rule["properties"] = {"tags": ["security"], "security-severity": _SCORES[violation.severity]}
    return rule


def _result(stage: Stage, violation: Violation, rule: int, mark: Place) -> dict[str, Any]:
    names = ", ".join(resource.name for resource in violation.resources)
    # A fingerprint that stays while numbers in the message and lines in the files move.
    identity = "\0".join((stage.name, violation.policy, *(resource.urn for resource in violation.resources)))
    if mark in violation.places[1:]:
        identity = f"{identity}\0{mark.file}\0{mark.key}"
    others = [place for place in violation.places if place != mark]
    return {
        "ruleId": line(violation.policy),
        "ruleIndex": rule,
        "level": "error" if violation.level == "mandatory" else "warning",
        "message": {
            "text": message(f"{stage.name}{f' ({names})' if names else ''}: {violation.message or violation.policy}")
        },
        "locations": [_location(mark)],
        "relatedLocations": [_location(place, number) for number, place in enumerate(others, start=1)],
        "partialFingerprints": {"gate/v1": hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()},
    }


def _undecided(stage: Stage) -> dict[str, Any]:
    """A stage of which nothing was decided is no clean one."""
    reasons = " ".join(stage.reasons) or "nothing was decided"
    return {
        "ruleId": "gate-failed",
        "level": "error",
        "message": {"text": message(f"{stage.name}: {reasons}")},
        "locations": [_location(Place(file=f"Pulumi.{stage.name}.yaml", line=1, key=""))],
        "partialFingerprints": {"gate/v1": hashlib.sha256(stage.name.encode("utf-8", "replace")).hexdigest()},
    }


def _said(*texts: str) -> str:
    """The first that is not blank: a message of SARIF is never empty."""
    return next((said for text in texts if (said := message(text)).strip()), "(no text)")


def _location(place: Place, number: int | None = None) -> dict[str, Any]:
    physical = {"artifactLocation": {"uri": quote(line(place.file), safe="/")}, "region": {"startLine": place.line}}
    identified = {} if number is None else {"id": number, "message": {"text": _said(place.key, place.file)}}
    return {**identified, "physicalLocation": physical}
