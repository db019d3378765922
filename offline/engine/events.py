"""The events that this engine sends, in the form that gate/events.py reads: a constructor a kind, and the stream.

Source of the form: Pulumi's apitype.EngineEvent and recordings of Pulumi 3.260. Fields that Pulumi omits when empty
are omitted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gate.events import Event

Severity: TypeAlias = Literal["debug", "info", "info#err", "warning", "error"]
OnEvent: TypeAlias = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The policy pack named in policy events."""

    name: str
    version: str

    def fields(self) -> Event:
        """The three fields that every policy event carries."""
        return {
            "policyPackName": self.name,
            "policyPackVersion": self.version,
            "policyPackVersionTag": self.version,
        }


def policy_load() -> Event:
    """The policy pack is being loaded."""
    return {"policyLoadEvent": {}}


def prelude(config: Mapping[str, str]) -> Event:
    """The start of a run: full configuration keys and values, secrets already blinded."""
    return {"preludeEvent": {"config": dict(sorted(config.items()))}}


def state(
    *,
    type_token: str,
    urn: str,
    custom: bool,
    id_: str,
    parent: str,
    protect: bool,
    retain_on_delete: bool,
    delete: bool,
    inputs: Event,
    outputs: Event,
    provider: str,
) -> Event:
    """One side (`old` or `new`) of a step; inputs and outputs come with secrets already blinded."""
    return {
        "type": type_token,
        "urn": urn,
        **({"custom": True} if custom else {}),
        **({"delete": True} if delete else {}),
        "id": id_,
        "parent": parent,
        **({"protect": True} if protect else {}),
        **({"retainOnDelete": True} if retain_on_delete else {}),
        "inputs": inputs,
        "outputs": outputs,
        "provider": provider,
    }


def step(
    *,
    op: str,
    urn: str,
    type_token: str,
    old: Event | None,
    new: Event | None,
    provider: str,
    logical: bool,
    keys: Sequence[str] = (),
    diffs: Sequence[str] = (),
    detailed_diff: Event | None = None,
) -> Event:
    """The metadata of a step: `keys` force a replacement, `diffs` changed, `detailed_diff` maps paths to a kind."""
    return {
        "op": op,
        "urn": urn,
        "type": type_token,
        "old": old,
        "new": new,
        **({"keys": list(keys)} if keys else {}),
        **({"diffs": list(diffs)} if diffs else {}),
        "detailedDiff": detailed_diff,
        **({"logical": True} if logical else {}),
        "provider": provider,
    }


def _step_event(kind: str, metadata: Event, planning: bool) -> Event:
    return {kind: {"metadata": metadata, "planning": True} if planning else {"metadata": metadata}}


def resource_pre(metadata: Event, *, planning: bool) -> Event:
    """A step is about to run."""
    return _step_event("resourcePreEvent", metadata, planning)


def res_outputs(metadata: Event, *, planning: bool) -> Event:
    """A step has run, or a component has registered its outputs."""
    return _step_event("resOutputsEvent", metadata, planning)


def res_op_failed(metadata: Event, *, steps: int) -> Event:
    """A step failed; a diagnostic with the reason came before. `steps` counts those that succeeded."""
    return {"resOpFailedEvent": {"metadata": metadata, "status": 2, "steps": steps}}


def diagnostic(severity: Severity, message: str, *, urn: str = "", ephemeral: bool = False) -> Event:
    """A message for people."""
    prefix = f"{severity}: " if severity in ("debug", "warning", "error") else ""
    return {
        "diagnosticEvent": {
            **({"urn": urn} if urn else {}),
            **({"prefix": prefix} if prefix else {}),
            "message": f"{message}\n",
            "color": "never",
            "severity": severity,
            **({"ephemeral": True} if ephemeral else {}),
        }
    }


def policy_violation(
    pack: Pack, *, urn: str, policy: str, message: str, level: Literal["advisory", "mandatory"], severity: str = ""
) -> Event:
    """A policy is violated, or could not decide."""
    return {
        "policyEvent": {
            **({"resourceUrn": urn} if urn else {}),
            "message": f"{message}\n",
            "color": "never",
            "policyName": policy,
            **pack.fields(),
            "enforcementLevel": level,
            **({"severity": severity} if severity else {}),
        }
    }


def policy_remediation(pack: Pack, *, urn: str, policy: str, before: Event, after: Event) -> Event:
    """A policy changed a resource's inputs."""
    fields = {"color": "raw", "policyName": policy, **pack.fields(), "before": before, "after": after}
    return {"policyRemediationEvent": {"resourceUrn": urn, **fields}}


def _policy_summary(kind: str, pack: Pack, urn: str | None, passed: Sequence[str], failed: Sequence[str]) -> Event:
    return {
        kind: {
            **({"resourceUrn": urn} if urn is not None else {}),
            **pack.fields(),
            **({"passed": sorted(passed)} if passed else {}),
            **({"failed": sorted(failed)} if failed else {}),
        }
    }


def policy_analyze_summary(pack: Pack, *, urn: str, passed: Sequence[str], failed: Sequence[str]) -> Event:
    """Which resource policies a resource passed and failed."""
    return _policy_summary("policyAnalyzeSummaryEvent", pack, urn, passed, failed)


def policy_remediate_summary(pack: Pack, *, urn: str, passed: Sequence[str], failed: Sequence[str]) -> Event:
    """Which resource policies changed a resource (failed) and which did not (passed)."""
    return _policy_summary("policyRemediateSummaryEvent", pack, urn, passed, failed)


def policy_analyze_stack_summary(pack: Pack, *, passed: Sequence[str], failed: Sequence[str]) -> Event:
    """Which stack policies the whole stack passed and failed."""
    return _policy_summary("policyAnalyzeStackSummaryEvent", pack, None, passed, failed)


def summary(
    *, changes: Mapping[str, int], packs: Mapping[str, str], preview: bool, seconds: float, succeeded: bool
) -> Event:
    """The end of a run; `packs` maps "<name>|local|<path>" to a version, `seconds` are rounded up."""
    return {
        "summaryEvent": {
            "maybeCorrupt": False,
            "durationSeconds": -int(-seconds // 1),
            "resourceChanges": {op: count for op, count in sorted(changes.items()) if count},
            "PolicyPacks": dict(packs),
            "isPreview": preview,
            "result": "succeeded" if succeeded else "failed",
        }
    }


def cancel() -> Event:
    """The stream ends."""
    return {"cancelEvent": {}}


class Stream:
    """Numbers and stamps events on their way to one listener; `held` events wait until they are released or dropped."""

    def __init__(self, listener: OnEvent, *, clock: Callable[[], float] = time.time) -> None:
        self._listener = listener
        self._clock = clock
        self._sequence = 0
        self._held: list[Event] | None = None

    def emit(self, event: Event) -> None:
        """Send an event, or keep it while the stream is held."""
        if self._held is not None:
            self._held.append(event)
            return
        stamped = {"sequence": self._sequence, "timestamp": int(self._clock()), **event}
        self._sequence += 1
        self._listener(stamped)

    def hold(self) -> None:
        """Keep events from now on."""
        self._held = []

    def release(self) -> None:
        """Send what was held, in order, and stop holding."""
        held, self._held = self._held or [], None
        for event in held:
            self.emit(event)

    def drop(self) -> None:
        """Forget what was held and stop holding."""
        self._held = None
