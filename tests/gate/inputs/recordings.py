"""Event streams of both engines for tests, their verdicts, and every single damage that a stream can take."""

import dataclasses
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from gate.events import Event
from gate.run_model import RunModel
from gate.stream import Listener
from gate.verdict import Judged, Verdict, judge

STREAMS = Path(__file__).parent / "streams"
"""Of the real engine: two recordings of 3.260 by `preview --json` with its debug messages left out, and 3.274's log and
`--json` of one preview that creates, updates, replaces and deletes."""
GREEN = ("fresh-log", "fresh-stdout")
RECORDED = ("recorded-refused", "recorded-undecided")


def lines_of(name: str) -> list[str]:
    """The lines of a recorded stream, each with its end."""
    return (STREAMS / f"{name}.jsonl").read_text("utf-8").splitlines(keepends=True)


def events_of(name: str) -> list[Event]:
    """The same as events."""
    return [json.loads(line) for line in lines_of(name)]


def verdict(lines: Iterable[str | bytes], exit_code: int | None = None, stage: str = "") -> Judged:
    """The verdict on the lines of a stream."""
    listener = Listener()
    listener.read(lines)
    return judge(listener.reported, exit_code=exit_code, stage=stage)


def judged(events: Iterable[object], exit_code: int | None = None) -> Judged:
    """The verdict on events, written and read as lines."""
    return verdict([json.dumps(event) for event in events], exit_code)


def renumbered(events: Iterable[Event]) -> list[Event]:
    """Events with numbers that hide that one is gone or new."""
    return [{**event, "sequence": number} for number, event in enumerate(events)]


def damaged(lines: list[str]) -> Iterator[tuple[str, int, Verdict]]:
    """Each damage by one line, with its place and the verdict: cut there, cut inside the line, dropped, doubled, moved up."""
    events = [json.loads(line) for line in lines]
    before = Listener()
    for at, line in enumerate(lines):
        rest = events[at + 1 :]
        yield "cut", at, _verdict(before)
        yield "cut inside", at, _verdict(before, text=line[: len(line) // 2])
        yield "dropped", at, _verdict(before, *rest)
        yield "doubled", at, _verdict(before, events[at], events[at], *rest)
        if rest:
            yield "moved", at, _verdict(before, rest[0], events[at], *rest[1:])
        before.take(events[at])


def _verdict(before: Listener, *events: Any, text: str = "") -> Verdict:
    """What follows on a stream of which the beginning is read already: reading it each time anew would take minutes."""
    listener = _copy(before)
    if text:
        listener.read([text])
    for event in events:
        listener.take(event)
    return judge(listener.reported).verdict


def _copy(listener: Listener) -> Listener:
    taken = {field.name: getattr(listener, field.name) for field in dataclasses.fields(listener)}
    model = RunModel()
    for field in dataclasses.fields(model):
        value = getattr(listener._model, field.name)
        setattr(model, field.name, value.copy() if isinstance(value, list | dict | set) else value)
    return Listener(**{name: value.copy() if isinstance(value, list) else model for name, value in taken.items()})
