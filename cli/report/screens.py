"""The screens of a run: one for people, with progress and a closing report, one for programs, with the event stream."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Literal

from rich.console import Console
from rich.status import Status
from rich.text import Text

from cli.report import sections, tree
from cli.report.sections import OFFLINE
from gate.events import Event
from gate.run_model import Resource, RunModel

if TYPE_CHECKING:
    from cli.stages.operation import Operation

PLAIN_PROGRESS_SECONDS = 5.0
_PLANNED = {"create": "to create:", "update": "to update:", "replace": "to replace:", "delete": "to delete:"}
_DOING = {"create": "creating", "update": "updating", "replace": "replacing", "delete": "deleting"}
VERBS = {"preview": "Previewing", "up": "Updating", "destroy": "Destroying"}


class EventScreen:
    """`--json`: the engine's events on standard output, one a line, and nothing else there."""

    def __init__(self) -> None:
        self.model = RunModel()
        self._out: IO[str] = sys.stdout

    def on_event(self, event: Event) -> None:
        """Print the event as it came."""
        self.model.apply(event)
        self._out.write(json.dumps(event, ensure_ascii=False) + "\n")
        self._out.flush()

    def close(self) -> None:
        """Nothing to take down."""


class PeopleScreen:
    """Progress while the run goes on: a live line on a terminal, now and then a plain line elsewhere."""

    def __init__(self, console: Console, *, kind: str, stage: str) -> None:
        self.model = RunModel()
        self._console = console
        self._last = time.monotonic()
        self._done = 0
        self._head = f"{VERBS[kind]} {stage}"
        self._status: Status | None = None
        if console.is_terminal:
            self._status = console.status(self._head)
            self._status.start()

    def on_event(self, event: Event) -> None:
        """Take the event in and show how far the run is."""
        self.model.apply(event)
        metadata = (event.get("resOutputsEvent") or event.get("resourcePreEvent") or {}).get("metadata")
        if metadata is None:
            return
        resource = self.model.resources[metadata["urn"]]
        self._done += "resOutputsEvent" in event
        if self._status is not None:
            self._status.update(Text(f"{self._head}: {self._said(resource)}", no_wrap=True, overflow="ellipsis"))
        elif time.monotonic() - self._last >= PLAIN_PROGRESS_SECONDS:
            self._last = time.monotonic()
            self._console.print(f"  {self._said(resource)}", soft_wrap=True)

    def _said(self, resource: Resource) -> str:
        """How many resources are through, and what happens to the one at hand; of one that stays there is nothing to say."""
        doing = (_PLANNED if self.model.planning else _DOING).get(resource.op)
        count = f"{self._done} {'resource' if self._done == 1 else 'resources'} {'compared' if self.model.planning else 'done'}"
        return count if doing is None else f"{count}, {doing} {resource.short_type} {resource.name}"

    def close(self) -> None:
        """Take the live line down."""
        if self._status is not None:
            self._status.stop()
            self._status = None


def console(*, stderr: bool = False) -> Console:
    """A console that leaves the text as it is: no guessed highlights, no markup, no cropping; NO_COLOR: no styles at all."""
    colors: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
    return Console(stderr=stderr, highlight=False, markup=False, soft_wrap=True, color_system=colors)


def header(kind: str, stage: str, *, engine: str = "") -> str:
    """The first line of every run. engine: the one that is not the embedded one."""
    return f"{OFFLINE}: {kind} of stage {stage}{f' by {engine}' if engine else ''}"


def report(
    out: Console,
    model: RunModel,
    operation: Operation,
    *,
    seconds: float,
    failed: bool,
    messages: Iterable[str],
) -> None:
    """Everything a person wants after a run. `messages` come from outside the event stream."""
    kind, only, full = operation.kind, operation.only, operation.full
    rows, shown = tree.lines(model, only=only, full=full), tree.scope(model, only)
    _section(out, "", sections.tree(rows, width=out.width if out.is_terminal else 100_000))
    _section(out, "Changes", sections.changed_properties(shown))
    said = {diagnostic.message.strip() for diagnostic in model.diagnostics}
    extra = [Text(f"  error: {text}", "red") for text in messages if text.strip() not in said]
    _section(out, "Diagnostics", [*sections.diagnostics(model.diagnostics), *extra])
    _section(out, "Connection budget", [Text(f"  {line}") for line in model.budgets])
    # Behind the budget: nothing follows a refusal that sounds like a pass.
    urns = None if only is None else {item.urn for item in shown}
    _section(out, "Policies", sections.policies(model, only=urns, full=full))
    if not failed:
        _section(out, "Outputs", sections.outputs(model.outputs, only=only))
    out.print()
    out.print(sections.summary(model, kind=kind, seconds=seconds, failed=failed))
    if failed:
        interrupted = any(message.startswith("interrupted") for message in messages)
        command = sections.next_command(model, kind=kind, target=operation.target, interrupted=interrupted)
        out.print(f"Next: {command}")


def _section(out: Console, title: str, lines: Iterable[Text]) -> None:
    printed = list(lines)
    if not printed:
        return
    out.print()
    if title:
        out.print(Text(f"{title}:", style="bold"))
    # All at once: rich looks at the terminal anew each time.
    out.print(Text("\n").join(printed))
