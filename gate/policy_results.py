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
    named = _by_name(model)
    return tuple(_violation(item, texts.get(item.policy), places, named) for item in found)


def _violation(
    item: Reported, text: PolicyText | None, places: PlacesOf, named: Mapping[tuple[str, str], Resource]
) -> Violation:
    violation = Violation(
        policy=item.policy,
        level="mandatory" if stops(item) else "advisory",
        severity=item.severity or ("" if text is None else text.severity),
        undecided=_open(item),
        message=item.message,
        cause="" if text is None else text.what,
        resources=() if _about_stack(item.urn) else (resource_of(item.urn),),
        places=places(item.policy, item.urn, item.message),
    )
    parts = read_violation(item.message)
    return violation.model_copy(update=_split(item, text) if parts is None else _parted(parts, text, named))


def _parted(
    parts: ViolationText, text: PolicyText | None, named: Mapping[tuple[str, str], Resource]
) -> dict[str, object]:
    """The fields of a message that has parts."""
    causes = tuple(
        Cause(
            found=cause.found,
            required=cause.required,
            fix=cause.fix,
            table=cause.table,
            ways=cause.ways,
            resources=tuple(_resource(resource, named) for resource in cause.resources),
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
        "fix": fix or ("" if text is None else text.fix),
        "resources": tuple(dict.fromkeys(resource for cause in causes for resource in cause.resources)),
        "causes": causes,
        "joined": parts.joined,
    }


def _fix(cause: Cause) -> str:
    """How to fix one cause: its single changes where it has some, a line each."""
    return "\n".join(f"- {way}" for way in cause.ways) or cause.fix


def _resource(resource: NamedResource, named: Mapping[tuple[str, str], Resource]) -> Resource:
    """The resource that a message lists; by its name alone where the events have none of it."""
    return named.get((resource.type, resource.name), Resource(urn="", type=resource.type, name=resource.name))


def _by_name(model: RunModel) -> Mapping[tuple[str, str], Resource]:
    """By type as Pulumi shows it ("aws:ecs:Service") and logical name, as messages list resources; ambiguous ones are left out."""
    found: dict[tuple[str, str], Resource | None] = {}
    for urn in model.resources:
        resource = resource_of(urn)
        package, _, rest = resource.type.partition(":")
        module, _, member = rest.partition(":")
        shown = f"{package}:{module.split('/')[0]}:{member}" if member else resource.type
        key = (shown, resource.name)
        found[key] = resource if key not in found else None
    return {key: resource for key, resource in found.items() if resource is not None}


def _split(item: Reported, text: PolicyText | None) -> dict[str, object]:
    """The fields of a message in another form: what is required, as far as it says so."""
    rest = item.message
    if text is not None and rest.startswith(text.what):
        rest = rest[len(text.what) :].lstrip("\n")
    advice = "" if text is None else f"{text.why} {text.fix}"
    ending = bool(advice) and rest.rstrip().endswith(advice)
    if ending:
        rest = rest.rstrip()[: -len(advice)].rstrip()
    found, required = rest, ""
    if (split := _REQUIRED.search(found)) is not None:
        found, required = found[: split.start()].rstrip(), found[split.end() :].strip()
    return {
        "found": found.strip(),
        "required": required,
        "why": "" if text is None else text.why,
        "fix": "" if text is None else text.fix,
    }


def _open(item: Reported) -> bool:
    """Whether a policy could not decide: by the engine's word, or by that of this project's pack."""
    return undecided(item) or _UNDECIDED.search(item.message) is not None


def resource_of(urn: str) -> Resource:
    """A resource by its URN."""
    parts = urn.split("::", 3)  # a name may have colons itself
    return Resource(urn=urn, type=parts[-2].rpartition("$")[2] if len(parts) > 1 else "", name=parts[-1])


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
            "name": name, "pack": pack, "verdict": verdict,
            "level": levels.get(name) or (texts[name].level if name in texts else ""),
            "severity": texts[name].severity if name in texts else "",
            "description": texts[name].what if name in texts else "",
        })
        for (name, pack), verdict in sorted(verdicts.items())
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
