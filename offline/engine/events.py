"""The events that this engine sends, in the form that gate/events.py reads: a constructor a kind, and the stream.

Source of the form: Pulumi's apitype.EngineEvent and recordings of Pulumi 3.260. Fields that Pulumi omits when empty
are omitted.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from gate.events import Event
from offline.engine.record import ResourceRecord
from offline.properties import UNKNOWN, shown

Severity: TypeAlias = Literal["debug", "info", "info#err", "warning", "error"]
OnEvent: TypeAlias = Callable[[Event], None]


def pack_fields(name: str, version: str) -> Event:
    """The three fields by which every policy event names the pack."""
    return {"policyPackName": name, "policyPackVersion": version, "policyPackVersionTag": version}


def policy_load() -> Event:
    """The policy pack is being loaded."""
    return {"policyLoadEvent": {}}


def prelude(config: Mapping[str, str]) -> Event:
    """The start of a run: full configuration keys and values, secrets already blinded."""
    return {"preludeEvent": {"config": dict(sorted(config.items()))}}


def step(
    op: str,
    old: ResourceRecord | None,
    new: ResourceRecord | None,
    *,
    logical: bool,
    keys: Sequence[str] = (),
    diffs: Sequence[str] = (),
    detailed_diff: Event | None = None,
) -> Event:
    """The metadata of a step on one or both records: `keys` force a replacement, `diffs` changed, `detailed_diff` maps paths to a kind."""
    record = new or old
    assert record is not None
    return {
        "op": op,
        "urn": record.urn,
        "type": record.type,
        "old": old and _side(old),
        "new": new and _side(new),
        **({"keys": list(keys)} if keys else {}),
        **({"diffs": list(diffs)} if diffs else {}),
        "detailedDiff": detailed_diff,
        **({"logical": True} if logical else {}),
        "provider": record.provider,
    }


def _side(record: ResourceRecord) -> Event:
    """One side of a step, secrets blinded."""
    return {
        "type": record.type,
        "urn": record.urn,
        **({"custom": True} if record.custom else {}),
        **({"delete": True} if record.pending_delete else {}),
        "id": "" if record.id == UNKNOWN else record.id,
        "parent": record.parent,
        **({"protect": True} if record.protect else {}),
        "inputs": shown(record.inputs),
        "outputs": shown(record.outputs),
        "provider": record.provider,
    }


def step_event(kind: Literal["resourcePreEvent", "resOutputsEvent"], metadata: Event, *, planning: bool) -> Event:
    """A step is about to run; or it has run, or a component has registered its outputs."""
    return {kind: {"metadata": metadata, "planning": True} if planning else {"metadata": metadata}}


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
    pack: Event, *, urn: str, policy: str, message: str, level: Literal["advisory", "mandatory"], severity: str = ""
) -> Event:
    """A policy is violated, or could not decide."""
    return {
        "policyEvent": {
            **({"resourceUrn": urn} if urn else {}),
            "message": f"{message}\n",
            "color": "never",
            "policyName": policy,
            **pack,
            "enforcementLevel": level,
            **({"severity": severity} if severity else {}),
        }
    }


def policy_summary(
    kind: Literal["Remediate", "Analyze", "AnalyzeStack"],
    pack: Event,
    urn: str | None,
    passed: Sequence[str],
    failed: Sequence[str],
) -> Event:
    """Which policies a resource (`urn`), or the whole stack, passed and failed."""
    return {
        f"policy{kind}SummaryEvent": {
            **({"resourceUrn": urn} if urn is not None else {}),
            **pack,
            **({"passed": sorted(passed)} if passed else {}),
            **({"failed": sorted(failed)} if failed else {}),
        }
    }


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


def of_update(event: Event) -> Iterator[Event]:
    """A preview's event as one of the update that need not run any more, since nothing is to do; the summary comes with the reason."""
    if (ended := event.get("summaryEvent")) is not None:
        yield diagnostic("info", "Nothing to do: the preview found all as it is recorded, so no update was run.")
        yield {"summaryEvent": {**ended, "isPreview": False}}
    else:
        yield {
            kind: {key: item for key, item in payload.items() if key != "planning"} for kind, payload in event.items()
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
        self._waiting: list[Event] | None = None

    @contextlib.contextmanager
    def gathering(self) -> Generator[Callable[[], None]]:
        """Keep events until what this gives is called, or the block ends: a program need not wait while somebody listens."""
        waiting = self._waiting = list[Event]()

        def report() -> None:
            reported = waiting.copy()
            waiting.clear()
            for event in reported:
                self._send(event)

        try:
            yield report
        finally:
            self._waiting = None
            report()

    def emit(self, event: Event) -> None:
        """Send an event, or keep it while the stream is held."""
        if self._held is not None:
            self._held.append(event)
        elif self._waiting is not None:
            self._waiting.append(event)
        else:
            self._send(event)

    def _send(self, event: Event) -> None:
        stamped = {"sequence": self._sequence, "timestamp": int(self._clock()), **event}
        self._sequence += 1
        self._listener(stamped)

    def hold(self) -> None:
        """Keep events from now on."""
        self._held = []

    def release(self, reported: Callable[[Event], Iterable[Event]] = lambda event: (event,)) -> None:
        """Send what was held, in order, each event as it is reported, and stop holding."""
        held, self._held = self._held or [], None
        for event in itertools.chain.from_iterable(map(reported, held)):
            self.emit(event)

    def drop(self) -> None:
        """Forget what was held and stop holding."""
        self._held = None
