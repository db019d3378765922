"""The ways out of a broken budget that are true: each was tried on the stack, by every policy, and names what a person changes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from policies.budget.declarations import LIMIT, SHARED, TASKS_PLACE
from policies.budget.demand import DeclaredClients
from policies.budget.solve import Kind, Together, Way
from policies.budget.solve import ways_out as by_arithmetic
from policies.budget.verdict import Budget
from policies.budget.words import counted, joined
from policies.facts.clients.budgets import DatabaseBudget
from policies.facts.clients.places import Places, read_places
from policies.facts.clients.tried import Number, Tried, tried
from policies.facts.facts import Facts
from policies.rules.rule import Stack

MOST, TRIALS = 8, 24
"""Ways that a message offers at most, and that are tried for it: the smallest changes."""
NO_SINGLE_WAY = "no single change that was tried is enough: lower several limits or task maxima together"
_NONE = Places({})


def ways_out(stack: Stack, entry: DatabaseBudget) -> tuple[str, ...]:
    """What alone fixes a broken budget, the smallest change first, in sentences without a full stop; empty for one that fits.

    With the platform before the deployment known, only what the deployment changes is offered to be changed otherwise.
    """
    if entry.budget.fits:
        return ()
    found: list[str] = []
    places, ours = read_places(stack.graph), _changed_by(stack.before, entry)
    ways = (
        way
        for way in _by_arithmetic(stack, entry, tuple(_together(entry, places)))
        if ours is None or not way.workloads or any(entry.urns[position] in ours for position in way.workloads)
    )
    for way in itertools.islice(ways, TRIALS):
        if len(found) == MOST:
            break
        trial = tried(stack.facts, entry, way)
        text = None if trial is None else _text(entry, way, trial.numbers, places)
        if trial is not None and text is not None and _fits(trial, entry.urn) and _accepted(stack, trial):
            found.append(text)
    return tuple(found)


def ways_by_arithmetic(budget: Budget) -> tuple[str, ...]:
    """The same of a budget that no stack has: nothing can be tried, and no place is known."""
    return tuple(_without_stack(budget, way) for way in by_arithmetic(budget))


def _by_arithmetic(stack: Stack, entry: DatabaseBudget, together: Iterable[Together]) -> Iterable[Way]:
    """Of the budget as it is at the end, and as it is while the deployment runs, beside what goes only when that has ended."""
    found = dict.fromkeys(by_arithmetic(entry.budget, together))
    along = None if stack.on_the_way is None else stack.on_the_way(stack.facts).get(entry.urn)
    if along is not None and along.used > entry.budget.used:
        there = {workload.name: position for position, workload in enumerate(along.workloads)}
        here = {there[workload.name]: position for position, workload in enumerate(entry.budget.workloads)}
        then = [
            Together(each.kind, tuple(there[entry.budget.workloads[position].name] for position in each.workloads))
            for each in together
        ]
        found |= {
            replace(way, workloads=tuple(here[position] for position in way.workloads)): None
            for way in by_arithmetic(along, then)
            if here.keys() >= {*way.workloads}
        }
    return sorted(found, key=lambda way: way.size)


def _without_stack(budget: Budget, way: Way) -> str:
    if not way.workloads:
        raised = f"max_connections {way.value}" if way.value else "its default of max_connections"
        which = f" on {way.instance_class or budget.supply.instance_class}"
        texts = {Kind.NO_RETRIES: "no retries of jobs that could not start"}
        return f"{budget.database}: {texts.get(way.kind, raised + which)} (now {way.now})"
    workload = budget.workloads[way.workloads[0]]
    stated = {Kind.LIMIT: workload.limit_by or LIMIT, Kind.PROCESSES: workload.processes_by or "processes"}
    what = (
        f"at most {counted(way.value, 'task')}" if way.kind is Kind.TASKS else f"{stated[way.kind]} at most {way.value}"
    )
    return f"{workload.name}: {what} (now {way.now})"


def _together(entry: DatabaseBudget, places: Mapping[str, Places]) -> Iterator[Together]:
    """The workloads that take their limit, or their task maximum, from one place."""
    for kind, key in ((Kind.LIMIT, LIMIT), (Kind.TASKS, TASKS_PLACE)):
        found: dict[str, list[int]] = {}
        for position, workload in enumerate(entry.budget.workloads):
            if text := places.get(workload.name, _NONE).shared(key):
                found.setdefault(text, []).append(position)
        yield from (Together(kind, tuple(positions)) for positions in found.values() if len(positions) > 1)


def _changed_by(before: Facts | None, entry: DatabaseBudget) -> frozenset[str] | None:
    """The URNs of the workloads that a deployment changes; None where all may be."""
    if before is None:
        return None
    known = {
        urn: workload
        for each in before.budgets
        if isinstance(each, DatabaseBudget) and each.urn == entry.urn
        for workload, urn in zip(each.budget.workloads, each.urns, strict=True)
    }
    pairs = zip(entry.budget.workloads, entry.urns, strict=True)
    return frozenset(urn for workload, urn in pairs if known.get(urn) != workload)


def _fits(trial: Tried, urn: str) -> bool:
    """Whether the budget, read anew from the changed stack, fits."""
    return any(
        isinstance(each, DatabaseBudget) and each.urn == urn and each.budget.fits for each in trial.facts.budgets
    )


def _accepted(stack: Stack, trial: Tried) -> bool:
    return stack.accepts is None or stack.accepts(trial.facts, trial.types)


def _text(entry: DatabaseBudget, way: Way, numbers: Sequence[Number], places: Mapping[str, Places]) -> str | None:
    """The way for people; None where the program says that it takes no such value."""
    if way.kind is Kind.NO_RETRIES:
        return f"{joined(numbers[0].inside)}: retryPolicy with maximumRetryAttempts 0, so that no run starts late"
    if len(way.workloads) > 1:
        return _shared_text(entry, way, numbers[0], places)
    workload = entry.budget.workloads[way.workloads[0]] if way.workloads else None
    name = entry.database if workload is None else workload.name
    known = places.get(name, _NONE)
    changes = [known.change(number.key, number.new) for number in numbers]
    if None in changes:
        return None
    declared = workload is not None and isinstance(workload.tasks, DeclaredClients)
    texts = (_number(number, placed=bool(change) or declared) for number, change in zip(numbers, changes, strict=True))
    where = joined([change for change in changes if change])
    what = " with ".join(texts) if way.kind is Kind.CLASS else joined(list(texts))
    return f"{name}: {what}{where and f': {where}'}"


def _shared_text(entry: DatabaseBudget, way: Way, number: Number, places: Mapping[str, Places]) -> str | None:
    """The way for people where one place sets several workloads; None where one of them takes no such value from there."""
    names = [entry.budget.workloads[position].name for position in way.workloads]
    changes = {places.get(name, _NONE).change(f"{SHARED}{number.key}", number.new) for name in names}
    change = changes.pop() if len(changes) == 1 else None
    return change and f"{joined(names)}: {_number(number, placed=True)}, each: {change}"


def _number(number: Number, *, placed: bool) -> str:
    """One number as it has to be. placed: the file and the key follow, so that what has it in the stack need not be named."""
    match number.key:
        case "tasks":
            assert isinstance(number.new, int)
            also = "" if placed else f" by {joined(number.inside)}"
            return f"at most {counted(number.new, 'task')}{also} (now {number.old})"
        case "processes":
            return f"{number.what if not placed else 'processes'} at most {number.new} (now {number.old})"
        case "max_connections":
            also = "" if placed else f" in {joined(number.inside)}"
            return f"max_connections {number.new}{also} (now {number.old})"
        case "instance class":
            return f"{number.new} (now {number.old})"
        case _:
            return f"{number.what}{'' if placed else _of(number.inside)} at most {number.new} (now {number.old})"


def _of(containers: Sequence[str]) -> str:
    quoted = [f'"{container}"' for container in containers]
    return f" of container{'s' if len(quoted) > 1 else ''} {joined(quoted)}{' together' if len(quoted) > 1 else ''}"
