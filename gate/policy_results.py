"""What the policies said, from the events: each policy with its verdict, each violation taken apart, exceptions in use."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from gate.document import Cause, Excused, Pack, Place, PolicyResult, Resource, Violation
from gate.run_model import STACK_TYPE, RunModel
from gate.run_model import Violation as Reported
from gate.stream import Reported as Stream
from gate.verdict import stops, undecided
from gate.violation_text import NamedResource, ViolationText, read_violation
from policies.resources.tokens import shown
from policies.resources.urns import type_and_name

EXCEPTIONS_SHOWN = "exceptions-shown"
"""The policy of this project's pack that reports exceptions; each of its sentences is one."""
_EXCEPTION = re.compile(r"the exception (?P<text>(?P<policy>\S+) for .*) excuses (?P<what>.*)\.", re.DOTALL)
_REQUIRED = re.compile(r"(?<=[.\n] )Required: |\nRequired: |^Required: ", re.MULTILINE)
_UNDECIDED = re.compile(r"^(?:- )?(?:[^\n:]*: )?(?:its connection budget is )?undecided(?:[:,. ]|$)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyText:
    """What a pack says about one of its policies, as far as it is known here."""

    what: str
    why: str
    fix: str
    severity: str = ""
    level: str = ""


Texts = Mapping[str, PolicyText]
_UNKNOWN = PolicyText(what="", why="", fix="")
PlacesOf = Callable[[str, str, str], tuple[Place, ...]]
"""From the policy, the URN and the message of a violation to the settings that lead to it."""


def packs_of(model: RunModel) -> tuple[Pack, ...]:
    """The packs that judged, as the summary names them."""
    packs: Mapping[str, str] = (model.summary or {}).get("PolicyPacks") or {}
    return tuple(Pack(name=name.split("|", 1)[0], version=str(version)) for name, version in sorted(packs.items()))


def violations_of(model: RunModel, texts: Texts, places: PlacesOf) -> tuple[Violation, ...]:
    """Each violation, those that stop the run first."""
    found = [item for item in model.violations if item.policy != EXCEPTIONS_SHOWN]
    found.sort(key=lambda item: not (stops(item) or undecided(item)))
    known = _by_name(model)
    return tuple(_violation(item, texts.get(item.policy, _UNKNOWN), places, known) for item in found)


def _violation(
    item: Reported, text: PolicyText, places: PlacesOf, known: Mapping[tuple[str, str], Resource]
) -> Violation:
    violation = Violation(
        policy=item.policy,
        level="mandatory" if stops(item) else "advisory",
        severity=item.severity or text.severity,
        undecided=_open(item),
        message=item.message,
        cause=text.what,
        resources=() if _about_stack(item.urn) else (resource_of(item.urn),),
        places=places(item.policy, item.urn, item.message),
    )
    parts = read_violation(item.message)
    return violation.model_copy(update=_split(item, text) if parts is None else _parted(parts, text, known))


def _parted(parts: ViolationText, text: PolicyText, known: Mapping[tuple[str, str], Resource]) -> dict[str, object]:
    """The fields of a message that has parts."""
    causes = tuple(
        Cause(
            found=cause.found,
            required=cause.required,
            fix=cause.fix,
            table=cause.table,
            ways=cause.ways,
            resources=tuple(_resource(resource, known) for resource in cause.resources),
            inside=tuple(resource.inside for resource in cause.resources),
        )
        for cause in parts.causes
    )
    lines = ([cause.required for cause in causes], [_fix(cause) or parts.fix for cause in causes])
    required, fix = ("\n".join(dict.fromkeys(filter(None, texts))) for texts in lines)
    return {
        "cause": parts.what,
        "found": "\n".join(cause.found for cause in causes),
        "required": required,
        "why": parts.why,
        "fix": fix or text.fix,
        "resources": tuple(dict.fromkeys(resource for cause in causes for resource in cause.resources)),
        "causes": causes,
        "joined": parts.joined,
    }


def _fix(cause: Cause) -> str:
    """How to fix one cause: its single changes where it has some, a line each."""
    return "\n".join(f"- {way}" for way in cause.ways) or cause.fix


def _resource(resource: NamedResource, known: Mapping[tuple[str, str], Resource]) -> Resource:
    """The resource that a message lists; by its name alone where the events have none of it."""
    return known.get((resource.type, resource.name), Resource(urn="", type=resource.type, name=resource.name))


def _by_name(model: RunModel) -> Mapping[tuple[str, str], Resource]:
    """By type as Pulumi shows it ("aws:ecs:Service") and logical name, as messages list resources; ambiguous ones are left out."""
    found: dict[tuple[str, str], Resource | None] = {}
    for urn in model.resources:
        resource = resource_of(urn)
        key = (shown(resource.type), resource.name)
        found[key] = resource if key not in found else None
    return {key: resource for key, resource in found.items() if resource is not None}


def _split(item: Reported, text: PolicyText) -> dict[str, object]:
    """The fields of a message in another form: what is required, as far as it says so."""
    advice = f"{text.why} {text.fix}".strip()
    found = item.message.removeprefix(text.what).lstrip("\n").rstrip().removesuffix(advice).rstrip()
    required = ""
    if (split := _REQUIRED.search(found)) is not None:
        found, required = found[: split.start()].rstrip(), found[split.end() :].strip()
    return {"found": found.strip(), "required": required, "why": text.why, "fix": text.fix}


def _open(item: Reported) -> bool:
    """Whether a policy could not decide: by the engine's word, or by that of this project's pack."""
    return undecided(item) or _UNDECIDED.search(item.message) is not None


def resource_of(urn: str) -> Resource:
    """A resource by its URN."""
    type_, name = type_and_name(urn)
    return Resource(urn=urn, type=type_, name=name)


def results_of(stream: Stream, texts: Texts) -> tuple[PolicyResult, ...]:
    """Every policy of every pack that the events name, by name."""
    verdicts: dict[tuple[str, str], str] = {}
    for event in stream.events:
        if event.kind in ("policyAnalyzeSummaryEvent", "policyAnalyzeStackSummaryEvent"):
            pack = str(event.payload.get("policyPackName"))
            for name in event.payload.get("passed") or ():
                verdicts.setdefault((name, pack), "passed")
            verdicts |= {(str(name), pack): "failed" for name in event.payload.get("failed") or ()}
    levels: dict[str, str] = {}
    for item in stream.model.violations:
        key = (item.policy, item.pack)
        if item.policy == EXCEPTIONS_SHOWN and not stops(item):
            verdicts[key] = "passed"  # it reports, and finds nothing wrong
            continue
        verdicts[key] = "undecided" if _open(item) or verdicts.get(key) == "undecided" else "failed"
        levels[item.policy] = "mandatory" if stops(item) or levels.get(item.policy) == "mandatory" else "advisory"
    return tuple(
        PolicyResult.model_validate({
            "name": name, "pack": pack, "verdict": verdict, "level": levels.get(name) or text.level,
            "severity": text.severity, "description": text.what,
        })
        for (name, pack), verdict in sorted(verdicts.items())
        for text in (texts.get(name, _UNKNOWN),)
    )  # fmt: skip


def exceptions_of(violations: Iterable[Reported]) -> tuple[Excused, ...]:
    """The exceptions that hold, from the pack's own report and from the engine's."""
    found = list[Excused]()
    for item in violations:
        excuse = _EXCEPTION.search(item.message) if item.policy == EXCEPTIONS_SHOWN else None
        if excuse is not None:
            used = not excuse["what"].startswith("nothing")
            shown = f"{excuse['text']}: {excuse['what']}" if used else excuse["text"]
            found.append(Excused(policy=excuse["policy"], text=shown, used=used))
        elif item.excused:
            found.append(Excused(policy=item.policy, text="excused by the configuration of the pack", used=True))
    return tuple(found)


def _about_stack(urn: str) -> bool:
    return f"::{STACK_TYPE}::" in urn or "::" not in urn
