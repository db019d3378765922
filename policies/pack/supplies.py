"""What a database of the stack admits and keeps back: max_connections and the reserve. Every function raises NotDecidedError."""

from __future__ import annotations

from .budget.supply import Supply, UndecidedSupply, resolve
from .containers import read_tag
from .graph import Graph, Resource
from .kept_back import check_reserve, memory_of, with_cap
from .parameters import engine_of, parameter, parameter_groups
from .reading import Absent, Undecided, decided, read, read_text, refuse, required, text_or
from .relations import belonging
from .tokens import DB_CLUSTER, DB_CLUSTER_INSTANCE

RESERVE_TAG = "budget:reserve"


def supply_of(graph: Graph, database: Resource) -> Supply:
    """What an instance admits; of a cluster what its smallest member does: any member may become the writer."""
    if database.type != DB_CLUSTER:
        return _resolved(graph, database, database, "instanceClass")
    members = _members(graph, database)
    if awaits_members(graph, database):
        refuse("clusterIdentifier", "is named by no cluster instance of the stack, so its class is not known")
    found = [_resolved(graph, database, member, "instanceClass") for member in members]
    found = found or [_resolved(graph, database, database, "dbClusterInstanceClass")]
    return min((with_cap(supply, database) for supply in found), key=lambda supply: supply.max_connections)


def awaits_members(graph: Graph, database: Resource) -> bool:
    """Whether nothing tells a cluster's class yet: its instances are registered after it."""
    # A Multi-AZ DB cluster names one class for instances that it makes itself.
    alone = database.type == DB_CLUSTER and isinstance(read(database, "dbClusterInstanceClass"), Absent)
    return alone and not _members(graph, database)


def reserve_of(graph: Graph, database: Resource) -> int | None:
    """The declared reserve, None where the tag is absent."""
    reserve = read_tag(database, RESERVE_TAG, least=0)
    for member in _members(graph, database) or [database]:
        groups = decided(lambda member=member: parameter_groups(graph, member))
        if reserve is not None and not isinstance(groups, Undecided):  # the supply says why
            check_reserve(text_or(engine_of(graph, database), ""), groups, reserve)
    return reserve


def _members(graph: Graph, database: Resource) -> list[Resource]:
    return belonging(graph, database, DB_CLUSTER_INSTANCE, "clusterIdentifier") if database.type == DB_CLUSTER else []


def _resolved(graph: Graph, database: Resource, member: Resource, prop: str) -> Supply:
    engine, version = required(engine_of(graph, database)), text_or(read_text(database, "engineVersion"), "")
    instance_class = required(read_text(member, prop))
    value, group = parameter(parameter_groups(graph, member), "max_connections")
    supply = resolve(
        engine=engine,
        engine_version=version,
        instance_class=instance_class,
        value=value,
        group=group,
        memory=memory_of(database, instance_class),
    )
    if isinstance(supply, UndecidedSupply):
        refuse("max_connections", f"cannot be told: {supply.reason}")
    return supply
