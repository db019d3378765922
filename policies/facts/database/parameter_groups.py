"""The parameters that hold for a database instance: from the parameter group it really uses, its own or its cluster's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from policies.facts.database.parameters import parameters_of
from policies.facts.database.replicas import is_beside_its_source, sources_of
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Absent, NotDecidedError, Present, Reading, Undecided, decided
from policies.resources.reading import name_of, read_text, refuse, required
from policies.resources.references import depended_on, references
from policies.resources.requested import asked_text

_DEFAULT = "default."
"""What the names of AWS's own groups begin with; the whole name where it is not known which of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterGroup:
    """A parameter group that an instance really uses. name: for people; resource: None outside the stack. prop, of: what names it."""

    name: str
    resource: Resource | None
    prop: str = "parameterGroupName"
    of: Resource | None = None


def parameter_groups(graph: Graph, instance: Resource) -> tuple[ParameterGroup, ...]:
    """The groups whose parameters hold for an instance, the one that wins first: its own, then its cluster's.

    A Multi-AZ DB cluster has no instances of its own, so that its one group holds for it.

    Raises NotDecidedError where it is unknown which group that is.
    """
    if instance.type == tokens.DB_CLUSTER:
        return (_group(graph, instance, tokens.CLUSTER_PARAMETER_GROUP, "dbClusterParameterGroupName"),)
    source = _inherited_from(graph, instance)
    if source is not None:
        return parameter_groups(graph, source)
    prop = "dbParameterGroupName" if instance.type == tokens.DB_CLUSTER_INSTANCE else "parameterGroupName"
    clusters = clusters_of(graph, instance) if instance.type == tokens.DB_CLUSTER_INSTANCE else ()
    of_cluster = (
        _group(graph, cluster, tokens.CLUSTER_PARAMETER_GROUP, "dbClusterParameterGroupName") for cluster in clusters
    )
    return (_group(graph, instance, tokens.PARAMETER_GROUP, prop), *of_cluster)


def parameter(groups: Sequence[ParameterGroup], name: str) -> tuple[str | None, str]:
    """(a parameter's value or None where no group sets it, the name of the group that says so). Raises NotDecidedError."""
    for group in groups:
        if group.resource is None:
            if group.name.startswith(_DEFAULT):
                continue  # AWS's own groups set the engine's defaults and cannot be changed
            reason = f'is "{group.name}", which is no group of this stack: its parameters are not known: use one of the stack'
            raise NotDecidedError(Undecided(group.prop, reason, owner=group.of))
        values = decided(lambda group=group.resource: _values(group, name))
        if isinstance(values, Undecided):
            raise NotDecidedError(replace(values, owner=group.resource))
        if len(values) > 1:
            refuse(
                f'parameters of the parameter group "{group.name}"',
                f"holds {name} twice, with {' and '.join(sorted(values))}, and which one RDS takes is not known",
            )
        for value in values:
            return value, group.name
    named = groups[0].name if groups else _DEFAULT
    return None, named if named != _DEFAULT else "AWS's default parameter group"


def _values(group: Resource, name: str) -> set[str]:
    return {required(item.value) for item in parameters_of(group) if item.name == name}


def clusters_of(graph: Graph, member: Resource) -> tuple[Resource, ...]:
    """The Aurora cluster of the stack that an instance is a member of."""
    return graph.held(references(graph, member, tokens.DB_CLUSTER, "clusterIdentifier").keys)


def engine_of(graph: Graph, database: Resource) -> Reading[str]:
    """The engine, a read replica's from the instance that it replicates, a member's where it is the cluster's own output."""
    own = read_text(database, "engine")
    if not isinstance(own, Present):
        clusters = clusters_of(graph, database) if database.type == tokens.DB_CLUSTER_INSTANCE else ()
        for source in (*sources_of(graph, database), *clusters):
            return read_text(source, "engine")
    return own


def engine_version(graph: Graph, database: Resource) -> str:
    """The engine version; where it has none of its own, a cluster member's from its cluster, a read replica's from its source.

    Raises NotDecidedError.
    """
    own = asked_text(database, "engineVersion")
    if isinstance(own, Absent):
        for cluster in clusters_of(graph, database) if database.type == tokens.DB_CLUSTER_INSTANCE else ():
            return engine_version(graph, cluster)
        for source in sources_of(graph, database):
            return required(asked_text(source, "engineVersion"))
        refuse("engineVersion", 'is not set, so that AWS picks one: write one such as "8.4"')
    return required(own)


def _inherited_from(graph: Graph, replica: Resource) -> Resource | None:
    """The instance whose parameter group a read replica without one of its own takes over.

    Amazon RDS API Reference, CreateDBInstanceReadReplica, DBParameterGroupName; a replica of another region, named by an ARN, has AWS's
    default group.
    """
    own = asked_text(replica, "parameterGroupName")
    if not isinstance(own, Absent) or depended_on(graph, replica, "parameterGroupName", tokens.PARAMETER_GROUP):
        return None
    sources = sources_of(graph, replica) if decided(lambda: is_beside_its_source(graph, replica)) is True else ()
    return sources[0] if len(sources) == 1 and sources[0] is not replica else None


def _group(graph: Graph, database: Resource, kind: str, prop: str) -> ParameterGroup:
    name = asked_text(database, prop)
    if isinstance(name, Present):
        return ParameterGroup(name=name.value, resource=graph.by_handle(kind).get(name.value), prop=prop, of=database)
    depended = depended_on(graph, database, prop, kind)
    if len(depended) == 1:
        return ParameterGroup(name=name_of(depended[0]), resource=depended[0], prop=prop, of=database)
    if isinstance(name, Undecided):
        refuse(prop, f"{name.reason}: give the database a parameter group of this stack with a literal max_connections")
    return ParameterGroup(name=_DEFAULT, resource=None)
