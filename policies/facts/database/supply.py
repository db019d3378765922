"""What a database of the stack admits and keeps back: max_connections and the reserve. Every function raises NotDecidedError.

Sources: AWS Knowledge Center, "FATAL: remaining connection slots are reserved" (applications get max_connections less
superuser_reserved_connections, 3, and rds.rds_superuser_reserved_connections, 2); PostgreSQL 16 Release Notes, reserved_connections;
Amazon Aurora User Guide, "Setting the Aurora Serverless v2 capacity range": max_connections follows the memory of the maximum
capacity, 2 GiB a unit, and is at most 2,000 for PostgreSQL where the minimum is 0 or 0.5 units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from policies.budget.classes import GIB
from policies.budget.declarations import RESERVE_TAG
from policies.budget.supply import Supply, UndecidedSupply, resolve
from policies.facts.database.multi_az_clusters import CLASS, is_aurora_cluster
from policies.facts.database.parameter_groups import ParameterGroup, engine_of, parameter, parameter_groups
from policies.facts.ecs.containers import read_tag
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Present, Undecided, decided
from policies.resources.reading import known_text, read, read_text, refuse, required, text_or
from policies.resources.references import belonging
from policies.resources.tokens import DB_CLUSTER, DB_CLUSTER_INSTANCE

_SERVERLESS = "db.serverless"
_POSTGRESQL = frozenset({"postgres", "aurora-postgresql"})
_SUPERUSER: Mapping[str, int] = {"superuser_reserved_connections": 3}
_ADMINISTRATOR: Mapping[str, int] = {"rds.rds_superuser_reserved_connections": 2, "reserved_connections": 2}
"""The second is the first one's successor from PostgreSQL 16 on."""
_CAPPED = 2_000


def supply_of(graph: Graph, database: Resource) -> Supply:
    """What an instance admits; of a cluster what its smallest member does: any member may become the writer."""
    if database.type != DB_CLUSTER:
        return _resolved(graph, database, database, "instanceClass")
    members = members_of(graph, database)
    if awaits_members(graph, database):
        refuse("clusterIdentifier", "is named by no cluster instance of the stack, so its class is not known")
    found = [_resolved(graph, database, member, "instanceClass") for member in members]
    found = found or [_resolved(graph, database, database, CLASS)]
    return min((_with_cap(supply, database) for supply in found), key=lambda supply: supply.max_connections)


def awaits_members(graph: Graph, database: Resource) -> bool:
    """Whether nothing says a cluster's class yet: its instances are registered after it."""
    # A Multi-AZ DB cluster names one class for instances that it makes itself.
    return is_aurora_cluster(database) and not members_of(graph, database)


def reserve_of(graph: Graph, database: Resource) -> int | None:
    """The declared reserve, None where the tag is absent."""
    reserve = read_tag(database, RESERVE_TAG, least=0)
    for member in members_of(graph, database) or [database]:
        groups = decided(lambda member=member: parameter_groups(graph, member))
        if reserve is not None and not isinstance(groups, Undecided):  # the supply says why
            _check_reserve(text_or(engine_of(graph, database), ""), groups, reserve)
    return reserve


def members_of(graph: Graph, database: Resource) -> list[Resource]:
    """The instances of a cluster; none for any other resource."""
    return belonging(graph, database, DB_CLUSTER_INSTANCE, "clusterIdentifier") if database.type == DB_CLUSTER else []


def _resolved(graph: Graph, database: Resource, member: Resource, prop: str) -> Supply:
    engine, version = required(engine_of(graph, database)), known_text(database, "engineVersion")
    instance_class = required(read_text(member, prop))
    value, group = parameter(parameter_groups(graph, member), "max_connections")
    supply = resolve(
        engine=engine,
        engine_version=version,
        instance_class=instance_class,
        value=value,
        group=group,
        memory=_memory_of(database, instance_class),
    )
    if isinstance(supply, UndecidedSupply):
        refuse("max_connections", f"cannot be determined: {supply.reason}")
    return supply


def _check_reserve(engine: str, groups: Sequence[ParameterGroup], reserve: int) -> None:
    """Raises NotDecidedError where a reserve does not cover what PostgreSQL keeps for superusers."""
    if engine not in _POSTGRESQL:
        return
    kept = _kept(groups, _SUPERUSER) + _kept(groups, _ADMINISTRATOR)
    if reserve < kept:
        refuse(
            f'tags["{RESERVE_TAG}"]',
            f"is {reserve}, but PostgreSQL keeps {kept} of max_connections for superusers (superuser_reserved_connections and "
            f"rds.rds_superuser_reserved_connections or reserved_connections): at least {kept} is required",
        )


def _memory_of(cluster: Resource, instance_class: str) -> int | None:
    """The memory of a serverless member at its most capacity, in bytes; None for every other class and where it is not known."""
    most = read(cluster, "serverlessv2ScalingConfiguration", "maxCapacity") if instance_class == _SERVERLESS else None
    if isinstance(most, Present) and isinstance(most.value, (int, float)) and 0 < most.value < 10_000:
        return int(2 * GIB * most.value)
    return None


def _with_cap(supply: Supply, cluster: Resource) -> Supply:
    """What a member admits, where the least capacity bounds it."""
    if supply.instance_class != _SERVERLESS or supply.engine not in _POSTGRESQL:
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
