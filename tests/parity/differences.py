"""Where the two engines' events differ, and are meant to: docs/engine.md lists each one by its sentence.

Whatever is not named here must be the same; tests/parity/test_events.py shows both sides of each.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from gate.events import Event
from offline.engine.urn import STACK_TYPE, name_of
from tests.parity.engines import Run, is_default_provider


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One difference: how docs/engine.md says it, what of an event is left out of the comparison, and both sides to look at."""

    name: str
    sentence: str
    neutral: Callable[[Event], Event | None]
    look: Callable[[Run], Any]
    run: str = "edited"
    """The run that shows it: one of `edits`, or `dev` up again."""
    embedded: Any
    real: Any


def _metadata(event: Event) -> Event:
    """What a step's event says of the step; empty for any other event."""
    told = event.get("resourcePreEvent") or event.get("resOutputsEvent") or {}
    return told.get("metadata") or {}


def _with(event: Event, metadata: Event) -> Event:
    kind = "resourcePreEvent" if "resourcePreEvent" in event else "resOutputsEvent"
    return {**event, kind: {**event[kind], "metadata": metadata}}


def _sides(event: Event, change: Callable[[Event], Event]) -> Event:
    """The event with something changed in the metadata and in each of its sides."""
    metadata = _metadata(event)
    if not metadata:
        return event
    sides = {side: metadata[side] and change(metadata[side]) for side in ("old", "new")}
    return _with(event, change({**metadata, **sides}))


def _is_component(metadata: Event) -> bool:
    side = metadata.get("new") or metadata.get("old") or {}
    return bool(metadata) and not side.get("custom") and metadata["type"] != STACK_TYPE


def _not_debug(event: Event) -> Event | None:
    return None if event.get("diagnosticEvent", {}).get("severity") == "debug" else event


def _not_default_provider(event: Event) -> Event | None:
    urn = _metadata(event).get("urn")
    return None if urn and is_default_provider(urn) else event


def _without_provider_id(event: Event) -> Event:
    return _sides(event, lambda side: {**side, "provider": side["provider"].rpartition("::")[0]})


def _without_pack_path(event: Event) -> Event:
    summary = event.get("summaryEvent")
    if summary is None:
        return event
    packs = {name.split("|", 1)[0]: version for name, version in summary["PolicyPacks"].items()}
    return {**event, "summaryEvent": {**summary, "PolicyPacks": packs}}


def _without_component_diff(event: Event) -> Event:
    metadata = _metadata(event)
    if not _is_component(metadata) or metadata["op"] != "update":
        return event
    kept = {key: value for key, value in metadata.items() if key not in ("diffs", "detailedDiff")}
    return _with(event, {**kept, "new": {**metadata["new"], "outputs": {}}})


def _not_refresh(event: Event) -> Event | None:
    return None if _metadata(event).get("op") == "refresh" else event


def _without_later_marks(event: Event) -> Event:
    """Without what a step may have written into its old side by the time it is told: to be deleted, secret outputs."""
    marked = _sides(event, lambda side: {key: value for key, value in side.items() if key != "delete"})
    metadata = _metadata(marked)
    if metadata.get("op") != "same" or not metadata["old"]:
        return marked
    return _with(marked, {**metadata, "old": {**metadata["old"], "outputs": {}}})


def _steps_of(run: Run, name: str) -> list[Event]:
    return [metadata for event in run.events if (metadata := _metadata(event)) and name_of(metadata["urn"]) == name]


DIFFERENCES = (
    Difference(
        name="debug messages",
        sentence="The SDK's debug messages are events of the real engine only.",
        neutral=_not_debug,
        look=lambda run: sorted({told["severity"] for told in run.of_kind("diagnosticEvent")}),
        embedded=[],
        real=["debug"],
    ),
    Difference(
        name="default provider",
        sentence="The provider that the engine makes itself has steps of its own on the real engine only.",
        neutral=_not_default_provider,
        look=lambda run: sorted(
            {step["op"] for step in map(_metadata, run.events) if step and is_default_provider(step["urn"])}
        ),
        embedded=[],
        real=["same"],
    ),
    Difference(
        name="provider id",
        sentence="The id of that provider is random on the real engine, and follows from its URN here.",
        neutral=_without_provider_id,
        look=lambda run: {uuid.UUID(step["provider"].rpartition("::")[2]).version for step in _steps_of(run, "same")},
        embedded={5},
        real={4},
    ),
    Difference(
        name="pack path",
        sentence="The summary names the pack by its folder; the real engine without a language host, by what starts it.",
        neutral=_without_pack_path,
        look=lambda run: [
            PurePath(name.split("|")[2]).parent.name
            for told in run.of_kind("summaryEvent")
            for name in told["PolicyPacks"]
        ],
        embedded=["parity"],
        real=["pack"],
    ),
    Difference(
        name="changed component",
        sentence="Steps of components name their changed inputs, for people; the real engine names none.",
        neutral=_without_component_diff,
        look=lambda run: [step.get("diffs", []) for step in _steps_of(run, "shop")][:1],
        embedded=[["size"]],
        real=[[]],
    ),
    Difference(
        name="old side",
        sentence="The old side of a step may already be marked on the real engine: as to be deleted, or with new secret outputs.",
        neutral=_without_later_marks,
        look=lambda run: [type(step["old"]["outputs"]["arn"]) for step in _steps_of(run, "secret-output")][-1],
        embedded=str,
        real=dict,
    ),
    Difference(
        name="refresh",
        sentence="What a refresh reads is told as steps by the real engine only.",
        neutral=_not_refresh,
        look=lambda run: sorted({step["op"] for step in map(_metadata, run.events) if step} & {"refresh"}),
        run="dev",
        embedded=[],
        real=["refresh"],
    ),
)
