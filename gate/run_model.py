"""What a run has shown so far, gathered from engine events alone: resources, violations, diagnostics, outputs, summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gate.events import FITTING, Event, ParsedEvent, parse
from policies.resources.tokens import shown
from policies.resources.urns import type_and_name

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"

# The steps of a replacement come one by one; together they are one row of a tree.
REPLACEMENT_STEPS = frozenset({"create-replacement", "delete-replaced", "discard-replaced", "replace"})

# The engine's last words of a failed run; the summary says it.
_CLOSING = frozenset({"preview failed", "update failed"})


@dataclass(slots=True, kw_only=True)
class Resource:
    """One resource of the run, by its latest step."""

    urn: str
    type_token: str
    parent: str
    custom: bool
    op: str
    old: Event | None = None
    new: Event | None = None
    diffs: tuple[str, ...] = ()
    replace_keys: tuple[str, ...] = ()
    done: bool = False
    failed: bool = False

    @property
    def name(self) -> str:
        """The logical name."""
        return type_and_name(self.urn)[1]

    @property
    def short_type(self) -> str:
        """The type as Pulumi displays it."""
        return shown(self.type_token)

    @property
    def inputs(self) -> Event:
        """The inputs it ends with; of a deleted resource, those it had."""
        state = self.new or self.old or {}
        inputs: Event = state.get("inputs") or {}
        return inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A policy that a resource or the whole stack does not keep, or that could not decide."""

    policy: str
    pack: str
    level: str
    message: str
    urn: str
    severity: str = ""
    excused: bool = False
    """By an exception of the engine itself, in the pack's configuration; those of this project's pack report nothing at all."""

    @property
    def mandatory(self) -> bool:
        """Whether it stops the run."""
        return self.level == "mandatory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """A message of the engine or the program, for people."""

    severity: str
    message: str
    urn: str = ""


@dataclass(slots=True)
class RunModel:
    """Feeds on events, in order, and answers questions about the run."""

    resources: dict[str, Resource] = field(default_factory=dict[str, Resource])
    violations: list[Violation] = field(default_factory=list[Violation])
    remediations: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    budgets: list[str] = field(default_factory=list[str])
    """The connection budgets that hold, as the pack printed them: for each database a line and the lines of its table."""
    summary: Event | None = None
    _reported: set[Violation] = field(default_factory=set[Violation])
    planning: bool = False
    """Whether the events are of a preview; `up` ends with its preview's where that fails."""

    def apply(self, event: Mapping[str, Any]) -> None:
        """Take in the next event. Kinds that say nothing to people are passed over."""
        self.take(parse(event))

    def take(self, parsed: ParsedEvent) -> None:
        """The same for an event that is already taken apart."""
        match parsed.kind:
            case "resourcePreEvent" | "resOutputsEvent" | "resOpFailedEvent":
                self.planning = bool(parsed.payload.get("planning"))
                self._step(parsed.kind, parsed.payload["metadata"])
            case "policyEvent":
                self._violation(parsed.payload)
            case "policyRemediationEvent":
                self.remediations.append((parsed.payload.get("policyName", ""), parsed.payload.get("resourceUrn", "")))
            case "diagnosticEvent":
                self._diagnostic(parsed.payload)
            case "summaryEvent":
                self.summary = parsed.payload
                self.planning = bool(parsed.payload.get("isPreview"))
            case _:
                pass

    @property
    def outputs(self) -> Event:
        """The stack's outputs."""
        stack = next((item for item in self.resources.values() if item.type_token == STACK_TYPE), None)
        outputs: Event = ((stack.new or {}).get("outputs") or {}) if stack else {}
        return outputs

    @property
    def mandatory(self) -> list[Violation]:
        """The violations that stop the run."""
        return [violation for violation in self.violations if violation.mandatory]

    @property
    def advisory(self) -> list[Violation]:
        """The violations that only warn."""
        return [violation for violation in self.violations if not violation.mandatory]

    @property
    def errors(self) -> list[Diagnostic]:
        """Diagnostics that say what failed."""
        return [diagnostic for diagnostic in self.diagnostics if diagnostic.severity == "error"]

    def visible(self) -> Iterator[Resource]:
        """Every resource for people, in the order of the run; providers are the engine's own business."""
        return (item for item in self.resources.values() if not item.type_token.startswith(PROVIDER_PREFIX))

    def changes(self) -> Counter[str]:
        """How many resources each operation concerns: the engine's count where the run ended, else the rows so far."""
        if self.summary is not None:
            return Counter({op: int(count) for op, count in (self.summary.get("resourceChanges") or {}).items()})
        return Counter(item.op for item in self.visible())

    def _step(self, kind: str, metadata: Event) -> None:
        urn, op = str(metadata["urn"]), str(metadata["op"])
        old, new = metadata.get("old"), metadata.get("new")
        state: Event = new or old or {}
        known = self.resources.get(urn)
        if op in REPLACEMENT_STEPS or (known is not None and known.op == "replace"):
            op = "replace"
        resource = Resource(
            urn=urn,
            type_token=str(metadata["type"]),
            parent=str(state.get("parent") or ""),
            custom=bool(state.get("custom")),
            op=op,
            old=old or (known.old if known else None),
            new=new or (known.new if known and op == "replace" else None),
            diffs=tuple(metadata.get("diffs") or (known.diffs if known else ())),
            replace_keys=tuple(metadata.get("keys") or (known.replace_keys if known else ())),
            done=kind != "resourcePreEvent",
            failed=kind == "resOpFailedEvent",
        )
        self.resources[urn] = resource

    def _violation(self, payload: Event) -> None:
        violation = Violation(
            policy=str(payload.get("policyName", "")),
            pack=str(payload.get("policyPackName", "")),
            level=str(payload.get("enforcementLevel", "mandatory")),
            message=str(payload.get("message", "")).strip(),
            urn=str(payload.get("resourceUrn", "")),
            severity=str(payload.get("severity", "")),
            excused=bool(payload.get("exceptions")),
        )
        if violation not in self._reported:  # a resource is judged again at `up` after its preview
            self._reported.add(violation)
            self.violations.append(violation)

    def _diagnostic(self, payload: Event) -> None:
        message = str(payload.get("message", "")).rstrip()
        severity = str(payload.get("severity", "info"))
        if severity == "info" and (message.startswith(FITTING) or (self.budgets and message.startswith("  "))):
            self.budgets.append(message.removeprefix(FITTING).removesuffix(".").removeprefix("  "))
            return
        if message and severity != "debug" and not payload.get("ephemeral") and message not in _CLOSING:
            self.diagnostics.append(Diagnostic(severity=severity, message=message, urn=str(payload.get("urn", ""))))
