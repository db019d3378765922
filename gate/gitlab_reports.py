"""GitLab's own places: reports that it shows in the merge request's diff (codequality), widget (terraform) and tests (junit).

Sources: GitLab documentation, "Code Quality" (Code Quality report format), "Terraform integration in merge requests", "Unit
test reports" (the JUnit report format).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from gate import inert
from gate.document import Document, PolicyResult, Stage, Violation
from gate.marks import marks_of

_SEVERITIES = {"low": "minor", "medium": "major", "high": "critical", "critical": "blocker"}


def codequality(document: Document) -> str:
    """An issue for each mark of a violation (gate/marks.py)."""
    return json.dumps(list(_issues(document)), indent=1) + "\n"


def _issues(document: Document) -> Iterator[dict[str, Any]]:
    seen: dict[str, int] = {}
    for stage in document.stages:
        for violation in stage.violations:
            stops = violation.level == "mandatory" or violation.undecided
            for place in marks_of(stage, violation):
                about = (item.urn for item in violation.resources)
                subject = "\0".join((stage.name, violation.policy, *about, place.file, place.key))
                seen[subject] = seen.get(subject, 0) + 1
                yield {
                    "type": "issue",
                    "description": _described(stage, violation),
                    "check_name": inert.line(violation.policy),
                    "fingerprint": hashlib.sha256(f"{subject}\0{seen[subject]}".encode()).hexdigest(),
                    "severity": _SEVERITIES.get(violation.severity, "major") if stops else "info",
                    "location": {"path": place.file, "lines": {"begin": place.line}},
                }


def _described(stage: Stage, violation: Violation) -> str:
    """One line, as the diff shows it: what was found, what is required, how to fix it."""
    found = (violation.found or violation.message).partition("\n")[0]
    required = f" Required: {violation.required.partition(chr(10))[0]}" if violation.required else ""
    fix = f" Fix: {' '.join(violation.fix.split())}" if violation.fix else ""
    return inert.line(f"{stage.name}: {violation.policy} ({violation.level}): {found}{required}{fix}")


def terraform(stage: Stage) -> str:
    """The counts of one stage; a replacement is a creation and a deletion."""
    counts = stage.counts
    replaced = counts.get("replace", 0)
    return json.dumps({
        "create": counts.get("create", 0) + counts.get("import", 0) + replaced,
        "update": counts.get("update", 0),
        "delete": counts.get("delete", 0) + replaced,
    })  # fmt: skip


def junit(document: Document) -> str:
    """One suite a stage: a case for the verdict itself, and one for each policy."""
    root = ElementTree.Element("testsuites", name="policies")
    for stage in document.stages:
        cases = [_verdict(stage), *(_case(stage, result) for result in stage.policies)]
        failed = sum(case.find("failure") is not None for case in cases)
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            {"name": inert.line(stage.name), "tests": str(len(cases)), "failures": str(failed), "errors": "0"},
        )
        suite.extend(cases)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _verdict(stage: Stage) -> ElementTree.Element:
    case = ElementTree.Element("testcase", {"classname": inert.line(stage.name), "name": "the preview as a whole"})
    if stage.verdict != "ok":
        _fail(case, stage.verdict, "\n".join(stage.reasons))
    return case


def _case(stage: Stage, result: PolicyResult) -> ElementTree.Element:
    classname = inert.line(f"{stage.name}.{result.pack}")
    case = ElementTree.Element("testcase", {"classname": classname, "name": inert.line(result.name)})
    found = [item for item in stage.violations if item.policy == result.name]
    text = "\n\n".join(_text_of(item) for item in found)
    stops = result.verdict == "undecided" or any(item.level == "mandatory" or item.undecided for item in found)
    if stops or (result.verdict == "failed" and not found):
        _fail(case, result.description or result.verdict, text)
    elif text:
        ElementTree.SubElement(case, "system-out").text = inert.plain(f"advisory, stops nothing:\n{text}")
    return case


def _text_of(violation: Violation) -> str:
    places = "".join(f"\n{place.file}:{place.line} {place.key}" for place in violation.places)
    return f"{violation.message.strip()}{places}"


def _fail(case: ElementTree.Element, message: str, text: str) -> None:
    ElementTree.SubElement(case, "failure", {"message": inert.line(message), "type": "policy"}).text = inert.plain(text)
