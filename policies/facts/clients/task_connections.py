"""What one task opens: the pools and processes that its containers state and its task definition declares, or why they cannot be counted.

What is visible beside DB_CONN_LIMIT counts where it is more: a declaration answers what nobody can read, and lowers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from policies.budget.declarations import LIMIT, POOLS_PLACE, POOLS_TAG, PROCESSES_PLACE, PROCESSES_TAG
from policies.budget.limits import parse_limit
from policies.facts.clients.places import Places
from policies.facts.ecs.containers import Container, read_tag
from policies.resources.graph import Resource
from policies.resources.outcomes import NotDecidedError, Undecided
from policies.resources.reading import refuse

_PROCESSES, _POOLS = (PROCESSES_TAG, PROCESSES_PLACE), (POOLS_TAG, POOLS_PLACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskConnections:
    """limit x processes x pools, as budget.demand.Workload takes them. limit_by, processes_by: what states them, where it is not
    DB_CONN_LIMIT and the declaration."""

    limit: int
    processes: int
    pools: int
    limit_by: str = ""
    processes_by: str = ""


def read_task_connections(
    definition: Resource, containers: Sequence[Container], places: Callable[[], Places | None] = lambda: None
) -> TaskConnections:
    """The connections of a task whose containers, each with a DB_CONN_LIMIT or a pool, use the database. Raises NotDecidedError.

    places: where the program declares it, asked for only where a person has to answer.
    """
    pools = read_tag(definition, POOLS_TAG, least=1)
    processes = read_tag(definition, PROCESSES_TAG, least=1)
    for container in containers:
        if (question := next(_questions(container, pools, processes), None)) is not None:
            raise NotDecidedError(_asked(definition, question, places()))
    counted = [_count(container, pools, processes) for container in containers]
    first = counted[0]
    if all((each.processes, each.pools) == (first.processes, first.pools) for each in counted):
        limit, number, every = sum(each.limit for each in counted), first.processes, first.pools
    else:
        limit, number, every = sum(each.limit * each.processes * each.pools for each in counted), 1, 1
    return TaskConnections(
        limit=limit,
        processes=number,
        pools=every,
        limit_by=", ".join(each.limit_by for each in counted if each.limit_by),
        processes_by=", ".join(each.processes_by for each in counted if each.processes_by),
    )


def _count(container: Container, pools: int | None, processes: int | None) -> TaskConnections:
    limit = parse_limit(container.environment[LIMIT]) if LIMIT in container.environment else None
    declared = None if limit is None else limit if isinstance(limit, int) else 0
    stated, running = container.pools(declared), container.processes
    if stated.unknown:
        refuse(
            f'container "{container.name}"',
            f"states a pool{'' if declared is None else f' beside {LIMIT}'} whose size cannot be read "
            f"({'; '.join(stated.unknown)}): write its size as a plain integer of at least 1 in the container's environment, or "
            "take it away",
        )
    more = running.number > (processes or 1)
    larger = declared is None or stated.size > declared * (pools or 1)
    return TaskConnections(
        limit=stated.size if larger or declared is None else declared,
        processes=running.number if more else processes or 1,
        pools=1 if larger and declared is not None else pools or 1,
        limit_by=stated.by if larger else "",
        processes_by=", ".join(running.by) if more else "",
    )


@dataclass(frozen=True, slots=True)
class _Question:
    """What nobody but a person can answer. tags: where the answer stands, each with its key in a component's places."""

    tags: tuple[tuple[str, str], ...]
    shown: str
    answer: str


def _questions(container: Container, pools: int | None, processes: int | None) -> Iterator[_Question]:
    second, running = container.second_pools, container.processes
    if second and pools is None:
        yield _Question((_POOLS,), f"{_show(second)} a second pool", "declare how many pools a process has")
    if running.unknown and processes is None:
        yield _Question(
            (_PROCESSES,), f"{_show(running.unknown)} several processes", "declare how many open a pool each"
        )
    absent = tuple(tag for tag, value in ((_PROCESSES, processes), (_POOLS, pools)) if value is None)
    if container.environment_files and absent:
        yield _Question(
            absent,
            f'container "{container.name}" has an environment file, which cannot be read here and may set a larger pool or more '
            "processes",
            f"declare how many processes a task has, and how many pools of {LIMIT} a process has",
        )


def _asked(definition: Resource, question: _Question, places: Places | None) -> Undecided:
    written = [text for _, key in question.tags if places is not None and (text := places.change(key, "N"))]
    here = f" ({' and '.join(written)})" if written else ""
    return Undecided(
        " and ".join(f'tags["{tag}"]' for tag, _ in question.tags),
        f"{'is' if len(question.tags) == 1 else 'are'} absent, but {question.shown}: {question.answer}{here}",
        owner=definition,
    )


def _show(names: Sequence[str]) -> str:
    return f"{', '.join(names)} {'shows' if len(names) == 1 else 'show'}"
