"""What one task opens: the pools and processes that its containers state and its task definition declares, or why they cannot be counted.

What is visible beside DB_CONN_LIMIT counts where it is more: a declaration answers what nobody can read, and lowers nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from policies.budget.declarations import LIMIT, POOLS_TAG, PROCESSES_TAG
from policies.budget.limits import parse_limit
from policies.facts.ecs.containers import Container, read_tag
from policies.resources.graph import Resource
from policies.resources.reading import refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskConnections:
    """limit x processes x pools, as budget.demand.Workload takes them. limit_by, processes_by: what states them, where it is not
    DB_CONN_LIMIT and the declaration."""

    limit: int
    processes: int
    pools: int
    limit_by: str = ""
    processes_by: str = ""


def read_task_connections(definition: Resource, containers: Sequence[Container]) -> TaskConnections:
    """The connections of a task whose containers, each with a DB_CONN_LIMIT or a pool, use the database. Raises NotDecidedError."""
    pools = read_tag(definition, POOLS_TAG, least=1)
    processes = read_tag(definition, PROCESSES_TAG, least=1)
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
    stated, told = container.pools(declared), container.processes
    _refuse_what_only_a_person_knows(container, pools, processes)
    if stated.unknown:
        refuse(
            f'container "{container.name}"',
            f"states a pool{'' if declared is None else f' beside {LIMIT}'} whose size cannot be read "
            f"({'; '.join(stated.unknown)}): write its size as a plain integer of at least 1 in the container's environment, or "
            "take it away",
        )
    more = told.number > (processes or 1)
    larger = declared is None or stated.size > declared * (pools or 1)
    return TaskConnections(
        limit=stated.size if larger or declared is None else declared,
        processes=told.number if more else processes or 1,
        pools=1 if larger and declared is not None else pools or 1,
        limit_by=stated.by if larger else "",
        processes_by=", ".join(told.by) if more else "",
    )


def _refuse_what_only_a_person_knows(container: Container, pools: int | None, processes: int | None) -> None:
    second, told = container.second_pools, container.processes
    if second and pools is None:
        refuse(
            f'tags["{POOLS_TAG}"] of the task definition',
            f"is absent, but {_show(second)} a second pool: declare how many pools a process has",
        )
    if told.unknown and processes is None:
        refuse(
            f'tags["{PROCESSES_TAG}"] of the task definition',
            f"is absent, but {_show(told.unknown)} several processes: declare how many open a pool each",
        )
    absent = [tag for tag, value in ((PROCESSES_TAG, processes), (POOLS_TAG, pools)) if value is None]
    if container.environment_files and absent:
        refuse(
            " and ".join(f'tags["{tag}"]' for tag in absent) + " of the task definition",
            f'{"is" if len(absent) == 1 else "are"} absent, but container "{container.name}" has an environment file, which cannot be '
            "read here and may set a larger pool or more processes: declare how many processes a task has, and how many pools "
            f"of {LIMIT} a process has",
        )


def _show(names: Sequence[str]) -> str:
    return f"{', '.join(names)} {'shows' if len(names) == 1 else 'show'}"
