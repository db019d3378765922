"""The events of both engines: the same of each kind for each resource, but for the differences that are named."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest

from tests.parity.compare import unlike, without_times
from tests.parity.differences import DIFFERENCES, Difference
from tests.parity.engines import ROOT, Run

pytestmark = pytest.mark.slow

Runs = dict[str, tuple[Run, Run]]
_OF_THE_RUN = ("sequence", "timestamp")


def told(run: Run) -> dict[str, list[Any]]:
    """What the events say, by kind, operation and resource; what differs by name is taken out, the order is free."""
    found: dict[str, list[Any]] = defaultdict(list)
    for event in run.events:
        left: Any = {key: value for key, value in event.items() if key not in _OF_THE_RUN}
        for difference in DIFFERENCES:
            left = left and difference.neutral(left)
        if left:
            [(kind, payload)] = left.items()
            step = payload.get("metadata") or {}
            about = f"{kind} {step.get('op', '')} {step.get('urn') or payload.get('resourceUrn', '')}"
            found[about].append({key: value for key, value in payload.items() if key != "durationSeconds"})
    return {about: sorted(without_times(items), key=json.dumps) for about, items in found.items()}


@pytest.mark.parametrize("run", ["created", "previewed", "edited", "again"])
def test_the_events_of_the_edits(edits: Runs, run: str) -> None:
    embedded, real = edits[run]
    assert unlike(told(embedded), told(real)) == []


@pytest.mark.parametrize("run", ["preview", "up", "again", "destroy"])
def test_the_events_of_dev(dev: Runs, run: str) -> None:
    embedded, real = dev[run]
    assert unlike(told(embedded), told(real)) == []


def test_the_events_of_prd(prd: tuple[Run, Run]) -> None:
    assert unlike(told(prd[0]), told(prd[1])) == []


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.name)
def test_a_named_difference_is_still_one_and_is_documented(edits: Runs, dev: Runs, difference: Difference) -> None:
    embedded, real = dev["again"] if difference.run == "dev" else edits[difference.run]
    assert (difference.look(embedded), difference.look(real)) == (difference.embedded, difference.real)
    document = " ".join((ROOT / "docs" / "engine.md").read_text("utf-8").split())
    assert difference.sentence in document
