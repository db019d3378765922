"""One note and never a second, on any host: read, decide, write, and read again until the host shows what it has to.

No host's API knows a condition on a write. So whoever writes looks at the note right before, however long the list took, and
again behind it: there is one note of this token's, the oldest, with the text of the newest pipeline. Every step may be repeated,
and after every wait reading comes first. Two pipelines at once both end there, but where the older one is held up between its
last look and its write, until the newer one has looked behind its own: a job's resource_group excludes that as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gate.hosts.mark import Mark, marked

_MOST_READINGS = 12
_SETTLE = 2.0
"""Seconds between a write and the look at what became of it: a pipeline at the same time has written by then."""
PATIENCE = 180.0
"""Seconds that a host may make the gate wait altogether."""

Pause = Callable[[float], None]


class PublishError(Exception):
    """The note is not there, with a sentence that says why and what to do."""


class PassingError(Exception):
    """The host does not answer now. `wait`: seconds it asks for; 0: it does not say."""

    def __init__(self, said: str, wait: float = 0.0) -> None:
        super().__init__(said)
        self.wait = wait


class GoneError(Exception):
    """The note has been deleted since it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A note as it stands there."""

    number: int
    body: str


class Board(Protocol):
    """The notes of one request. Everything raises PublishError and PassingError; read, update and delete GoneError as well."""

    def state(self) -> str:
        """ "open", or what it is instead."""
        ...

    def own(self, name: str) -> Sequence[Posted]:
        """The notes with this project's mark that this token's user wrote, oldest first: anybody can write a mark."""
        ...

    def read(self, number: int) -> str:
        """The text of one note as it is now."""
        ...

    def create(self, body: str) -> None:
        """A new note."""
        ...

    def update(self, number: int, body: str) -> None:
        """Another text for a note."""
        ...

    def delete(self, number: int) -> None:
        """A note less."""
        ...


def publish(board: Board, text: str, mark: Mark, *, pause: Pause = time.sleep) -> str:
    """Show the text, unless a newer pipeline's is there. Returns what became of it, in a sentence. Raises PublishError."""

    def wanted(newest: str) -> str:
        there = marked(newest, mark.name)
        return newest if there is not None and there.rank > mark.rank else mark.on(text)

    return _settled(board, mark.name, wanted, pause, only_open=True)


def amend(board: Board, name: str, change: Callable[[str], str], *, pause: Pause = time.sleep) -> str:
    """Change the text that is there ("" where there is none), whatever became of the request; changing twice is changing once."""
    return _settled(board, name, change, pause, only_open=False)


def _settled(board: Board, name: str, wanted: Callable[[str], str], pause: Pause, *, only_open: bool) -> str:
    said = "the note says so already"
    readings = failures = 0
    patience = PATIENCE
    while readings < _MOST_READINGS:
        try:
            if only_open and (state := board.state()) != "open":
                return f"no note is written: the request is {state}"
            notes = board.own(name)
            newest = max(notes, key=lambda note: _rank(note, name), default=None)
            if not _write(board, notes, wanted(newest.body if newest else ""), name):
                return said
            said = "the note is up to date"
            readings += 1
            pause(_SETTLE)
        except PassingError as error:
            wait = error.wait or 2.0**failures
            if wait > patience:
                raise PublishError(f"The host would have the gate wait longer than {PATIENCE:.0f} s. {error}") from None
            failures += 1
            patience -= wait
            pause(wait)
    raise PublishError("The note did not settle: other jobs keep writing it. Run the job again.")


def _write(board: Board, notes: Sequence[Posted], text: str, name: str) -> bool:
    """One round of writing; whether there was anything to write."""
    if not notes:
        board.create(text)
        return True
    first, *others = notes
    wrote = bool(others)
    try:
        if marked(first.body, name) != marked(text, name):
            wrote = True
            if marked(board.read(first.number), name) != marked(first.body, name):
                return True  # somebody wrote while the list was read
            board.update(first.number, text)
        for note in others:
            board.delete(note.number)
    except GoneError:  # reading again finds what to do
        return True
    return wrote


def _rank(note: Posted, name: str) -> tuple[int, int]:
    mark = marked(note.body, name)
    return mark.rank if mark else (-1, -1)
