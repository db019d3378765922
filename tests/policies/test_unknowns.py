"""An unknown never becomes a statement: with any one input unknown each policy says what it said before, or that it is undecided."""

from __future__ import annotations

import copy
import functools
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.policies.mutations.changes import UNKNOWN, Record, Stage, told

EXAMPLES = 320
"""Inputs that are tried, of both stages together; about one in ten of all there are."""
A_BATCH = 40
NO_INPUTS = frozenset({"region", "tagsAll"})
Place = tuple[int, tuple[str | int, ...]]


def inside(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of everything in a value that is known."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if item is not None and item != UNKNOWN:
            yield (*path, key)
            yield from inside(item, (*path, key))


def places(records: list[Record]) -> list[Place]:
    """(position of the resource, path) of every known input, tags as a whole only."""
    return [
        (position, path)
        for position, record in enumerate(records)
        if record["type"].startswith("aws:")
        for path in inside(record["outputs"])
        if path[0] not in NO_INPUTS and (path[0] != "tags" or len(path) == 1)
    ]


def sampled(records: list[Record], source: random.Random, wanted: int) -> list[Place]:
    """As many places of each type and property as of any other, so that what there is many of does not crowd out the rest."""
    shapes: dict[tuple[Any, ...], list[Place]] = {}
    for position, path in places(records):
        shape = tuple("*" if isinstance(step, int) else step for step in path)
        shapes.setdefault((records[position]["type"], *shape), []).append((position, path))
    chosen = source.sample(sorted(shapes), min(wanted, len(shapes)))
    return [source.choice(shapes[shape]) for shape in chosen]


def with_unknown(records: list[Record], place: Place) -> list[Record]:
    """The records with one input unknown, made from another resource's output as unknown inputs are."""
    position, path = place
    record = copy.deepcopy(records[position])
    holder = record["outputs"]
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = UNKNOWN
    if not record["property_dependencies"].get(path[0]):
        record["property_dependencies"][path[0]] = [
            next(other["urn"] for other in records if other["type"] == "aws:ec2/vpc:Vpc")
        ]
    return [*records[:position], record, *records[position + 1 :]]


def without_label(message: str) -> str:
    """What a message says behind the resource's name, which may be what is unknown."""
    return message.partition(": ")[2]


@pytest.fixture(scope="module")
def stages(platform: Callable[[str], list[Record]]) -> Callable[[str], Stage]:
    """A real stage, read and judged once."""
    return functools.cache(lambda name: Stage(name, platform(name)))


@pytest.mark.parametrize("first", range(0, EXAMPLES // 2, A_BATCH))
@pytest.mark.parametrize("stage", ["dev", "prd"])
def test_an_unknown_input_never_becomes_a_statement(stages: Callable[[str], Stage], stage: str, first: int) -> None:
    read = stages(stage)
    records = read.records
    before = {(policy, urn, without_label(message)) for policy, urn, message in told(stage, read.graph(records))}
    chosen = sampled(records, random.Random(f"{stage} {EXAMPLES}"), EXAMPLES // 2)[first : first + A_BATCH]
    assert len(chosen) == A_BATCH
    statements = [
        (records[position]["urn"].rpartition("::")[2], path, policy, message)
        for position, path in chosen
        for changed in [with_unknown(records, (position, path))]
        for policy, urn, message in told(stage, read.graph(changed), read.concerned(changed))
        if (policy, urn, without_label(message)) not in before and "undecided" not in message
    ]
    assert statements == []


def test_the_sample_is_of_every_kind_of_resource(platform: Callable[[str], list[Record]]) -> None:
    records = platform("prd")
    chosen = sampled(records, random.Random(f"prd {EXAMPLES}"), EXAMPLES // 2)
    kinds = {record["type"] for record in records if record["type"].startswith("aws:")}
    assert len({records[position]["type"] for position, _ in chosen}) >= len(kinds) * 2 // 3
