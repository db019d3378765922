"""What goes for good when a stage is taken down, by what is recorded of it; nobody asks a policy about a destroy."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from offline.records import recorded_resources
from policies.facts.change.plan import aws_name
from policies.resources.contents import CONTENTS
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Present
from policies.resources.reading import read

if TYPE_CHECKING:
    from cli.stages.operation import Operation


def losses(state_dir: Path, stage: str) -> list[str]:
    """A sentence for each kind of thing that holds something; none where the program has given up what is in it.

    Raises StateError for a record that is damaged.
    """
    graph = Graph.from_records(recorded_resources(state_dir, stage))
    found: list[str] = []
    for kind, contents in CONTENTS.items():
        names = sorted(aws_name(each) for each in graph.of_type(kind) if not _given_up(each, contents.given_up))
        if names:
            also = f" (also: {', '.join(names[1:])})" if names[1:] else ""
            found.append(f"{contents.sentence.format(name=names[0], how='deleted').removesuffix('.')}{also}.")
    return found


def _given_up(resource: Resource, prop: str) -> bool:
    return bool(prop) and read(resource, prop) == Present(True)


def agreed(operation: Operation, *, say: Callable[[str], object]) -> bool:
    """Whether whoever is there agrees: to everything that goes, and by a word of its own to what is lost with it."""
    terminal = sys.stdin.isatty()
    if not operation.accept_loss:
        lost = losses(operation.state_dir, operation.stage)
        for sentence in lost:
            say(f"  {sentence}")
        if lost and (operation.yes or not terminal):
            say(f"Nothing was deleted. To lose that: ./run destroy {operation.target} --accept-loss --yes")
            return False
    if operation.yes or not terminal or _confirmed(operation.stage):
        return True
    say("Nothing was deleted.")
    return False


def _confirmed(stage: str) -> bool:
    try:
        return input(f"Delete everything recorded for stage {stage}? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
