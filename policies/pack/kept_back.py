"""What a database server keeps back from applications: connections of PostgreSQL's superusers, capacity that scales.

Sources: AWS Knowledge Center, "FATAL: remaining connection slots are reserved" (applications get max_connections less
superuser_reserved_connections, 3, and rds.rds_superuser_reserved_connections, 2); PostgreSQL 16 Release Notes, reserved_connections;
Amazon Aurora User Guide, "Setting the Aurora Serverless v2 capacity range": max_connections follows the memory of the maximum
capacity, 2 GiB a unit, and is at most 2,000 for PostgreSQL where the minimum is 0 or 0.5 units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .budget.classes import GIB
from .budget.supply import Supply
from .graph import Resource
from .parameters import ParameterGroup, parameter
from .reading import Present, read, refuse

SERVERLESS = "db.serverless"
_POSTGRESQL = frozenset({"postgres", "aurora-postgresql"})
_SUPERUSER: Mapping[str, int] = {"superuser_reserved_connections": 3}
_ADMINISTRATOR: Mapping[str, int] = {"rds.rds_superuser_reserved_connections": 2, "reserved_connections": 2}
"""The second is the first one's successor from PostgreSQL 16 on."""
_CAPPED = 2_000


def check_reserve(engine: str, groups: Sequence[ParameterGroup], reserve: int) -> None:
    """Raises NotDecidedError where a reserve does not cover what PostgreSQL keeps for superusers."""
    if engine not in _POSTGRESQL:
        return
    kept = _kept(groups, _SUPERUSER) + _kept(groups, _ADMINISTRATOR)
    if reserve < kept:
        refuse(
            'tags["budget:reserve"]',
            f"is {reserve}, but PostgreSQL keeps {kept} of max_connections for superusers (superuser_reserved_connections and "
            f"rds.rds_superuser_reserved_connections or reserved_connections): at least {kept} is required",
        )


def memory_of(cluster: Resource, instance_class: str) -> int | None:
    """The memory of a serverless member at its most capacity, in bytes; None for every other class and where it is not known."""
    most = read(cluster, "serverlessv2ScalingConfiguration", "maxCapacity") if instance_class == SERVERLESS else None
    if isinstance(most, Present) and isinstance(most.value, (int, float)) and 0 < most.value < 10_000:
        return int(2 * GIB * most.value)
    return None


def with_cap(supply: Supply, cluster: Resource) -> Supply:
    """What a member admits, where the least capacity bounds it."""
    if supply.instance_class != SERVERLESS or supply.engine not in _POSTGRESQL:
        return supply
    least = read(cluster, "serverlessv2ScalingConfiguration", "minCapacity")
    if isinstance(least, Present) and isinstance(least.value, (int, float)) and least.value >= 1:
        return supply
    if supply.max_connections <= _CAPPED:
        return supply
    return replace(
        supply, max_connections=_CAPPED, source=f"the most with a minimum below 1 capacity unit, not {supply.source}"
    )


def _kept(groups: Sequence[ParameterGroup], defaults: Mapping[str, int]) -> int:
    found = {name: parameter(groups, name)[0] for name in defaults}
    numbers = {name: value for name, value in found.items() if value is not None}
    for name, value in numbers.items():
        if not (value.isascii() and value.isdigit() and len(value) <= 9):
            refuse(name, f'is "{value[:40]}", a number is required')
    return sum(map(int, numbers.values())) if numbers else max(defaults.values())
