"""The lines of an event stream as events, whole or not: what is missing, doubled, out of order or not known is a sentence.

The real engine numbers its events from 0 without a gap, and its event log has them all. What `pulumi preview --json` streams
lacks the steps of providers that the engine makes itself (pkg/backend/display/display.go, Event.Internal): two numbers each.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from gate.events import ParsedEvent, parse
from gate.run_model import PROVIDER_PREFIX, RunModel
from gate.shape import require_shape
from policies.resources.json_text import read_json

KNOWN = frozenset({
    "cancelEvent", "diagnosticEvent", "errorEvent", "policyAnalyzeStackSummaryEvent", "policyAnalyzeSummaryEvent",
    "policyEvent", "policyLoadEvent", "policyRemediateSummaryEvent", "policyRemediationEvent", "preludeEvent",
    "progressEvent", "resOpFailedEvent", "resOutputsEvent", "resourcePreEvent", "startDebuggingEvent", "stdoutEvent",
    "summaryEvent",
})  # fmt: skip
"""The kinds of Pulumi's apitype.EngineEvent (3.274). One that is new may say anything, that a run has failed for example."""
_ONCE = ("preludeEvent", "summaryEvent", "cancelEvent")
_AFTER_SUMMARY = frozenset({"cancelEvent", "diagnosticEvent", "progressEvent", "stdoutEvent"})
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What a stream held: its events, the run they show, and a sentence for each thing that makes it less than whole."""

    events: tuple[ParsedEvent, ...]
    model: RunModel
    problems: tuple[str, ...]


@dataclass(slots=True)
class Listener:
    """Takes events as they come, or the lines of a file of them; `reported` is what they amount to."""

    _events: list[ParsedEvent] = field(default_factory=list[ParsedEvent])
    _model: RunModel = field(default_factory=RunModel)
    _problems: list[str] = field(default_factory=list[str])

    def read(self, lines: Iterable[str | bytes]) -> None:
        """Take JSON lines; one that is no event is remembered as a problem."""
        for number, line in enumerate(lines, start=1):
            try:
                event = read_json(line)
            except ValueError:
                event = None
            self.take(event, where=f"Line {number} of the event stream")

    def take(self, event: object, *, where: str = "A message of the engine") -> None:
        """Take the next event."""
        try:
            if not isinstance(event, dict) or type(event["sequence"]) is not int:
                raise TypeError("an engine event is an object with a number")
            parsed = parse(event)
            require_shape(parsed.kind, parsed.payload)
            self._model.take(parsed)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            self._problems.append(f"{where} is no engine event: the stream is damaged or broken off.")
            return
        self._events.append(parsed)

    @property
    def reported(self) -> Reported:
        """Everything so far."""
        events = tuple(self._events)
        return Reported(events=events, model=self._model, problems=(*self._problems[:_SHOWN], *damage(events)))


def damage(events: Sequence[ParsedEvent]) -> Iterator[str]:
    """Why these are not all events of one run in their order; nothing for a whole stream."""
    if not events:
        yield "The event stream is empty: the engine sent nothing."
        return
    unknown = sorted({event.kind for event in events} - KNOWN)
    if unknown:
        yield f"The event stream has events of a kind that is not known here ({', '.join(unknown)}): what they say was not judged."
    for kind in _ONCE:
        count = sum(event.kind == kind for event in events)
        if count != 1:
            yield f"The event stream has {count or 'no'} {kind} where a run has exactly one."
    yield from _loads(events)
    yield from _stacks(events)
    if events[-1].kind != "cancelEvent":
        yield f"The event stream is broken off: it ends with a {events[-1].kind}, a run ends with cancelEvent."
    yield from _order(events)
    yield from _gaps(events)


def _loads(events: Sequence[ParsedEvent]) -> Iterator[str]:
    """The engine sends an event as it loads a pack, and its summary names each pack that judged."""
    loads = sum(event.kind == "policyLoadEvent" for event in events)
    if not loads:
        yield "The event stream has no policyLoadEvent: no policy pack was loaded."
    for event in events:
        if event.kind == "summaryEvent" and loads != len(packs := event.payload.get("PolicyPacks") or {}):
            yield f"The stream has {loads} policyLoadEvent, and its summary names {len(packs)} policy packs."


def _stacks(events: Sequence[ParsedEvent]) -> Iterator[str]:
    stacks = sorted(set(filter(None, map(stack_of, events))))
    if len(stacks) > 1:
        yield f"The event stream is of more than one stack: {', '.join(stacks)}."


def stack_of(event: ParsedEvent) -> str:
    """Which stack of which project an event is about, such as "dev::shop"; empty where it names no resource."""
    step = event.kind in ("resourcePreEvent", "resOutputsEvent", "resOpFailedEvent")
    urn = event.payload["metadata"]["urn"] if step else event.payload.get("resourceUrn") or ""
    return "::".join(urn.removeprefix("urn:pulumi:").split("::")[:2]) if isinstance(urn, str) else ""


def _order(events: Sequence[ParsedEvent]) -> Iterator[str]:
    numbers = [event.sequence for event in events]
    if numbers[0] != 0:
        yield f"The event stream begins with number {numbers[0]}, a run with 0."
    wrong = [later for earlier, later in itertools.pairwise(numbers) if later <= earlier]
    if wrong:
        yield f"Events are doubled or out of order, first number {wrong[0]}."
    kinds = [event.kind for event in events]
    if "summaryEvent" in kinds:
        late = {kind for kind in kinds[kinds.index("summaryEvent") + 1 :] if kind not in _AFTER_SUMMARY}
        if late:
            yield f"Events that belong before the summary come after it: {', '.join(sorted(late))}."


def _gaps(events: Sequence[ParsedEvent]) -> Iterator[str]:
    numbers = sorted({event.sequence for event in events})
    missing = numbers[-1] - numbers[0] + 1 - len(numbers)
    if missing and missing != 2 * len(_unreported_providers(events)):
        yield f"{missing} events are missing from the stream: the numbers of those that are there have gaps."


def _unreported_providers(events: Sequence[ParsedEvent]) -> set[str]:
    """The engine's own providers that the pack was asked about, and of which there is no step."""
    asked, reported = set[str](), set[str]()
    for event in events:
        if event.kind == "policyAnalyzeSummaryEvent":
            urn = str(event.payload.get("resourceUrn", ""))
            if f"::{PROVIDER_PREFIX}" in urn and "::default" in urn:
                asked.add(urn)
        elif event.kind in ("resourcePreEvent", "resOutputsEvent"):
            reported.add(str(event.payload["metadata"]["urn"]))
    return asked - reported
