"""Read replicas: instances whose data, password and backups are those of the instance that they replicate."""

from __future__ import annotations

from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Absent, Present
from policies.resources.reading import known_text, required
from policies.resources.references import references
from policies.resources.requested import asked_text
from policies.resources.tokens import DB_INSTANCE

_SOURCE = "replicateSourceDb"


def is_replica(database: Resource) -> bool:
    """Whether it is a read replica, of an instance that need not be known yet."""
    return database.type == DB_INSTANCE and asked_text(database, _SOURCE) not in (Absent(_SOURCE), Present(""))


def sources_of(graph: Graph, database: Resource) -> tuple[Resource, ...]:
    """The instances of the stack that it may replicate, none for what is no instance."""
    return graph.held(references(graph, database, DB_INSTANCE, _SOURCE).keys) if database.type == DB_INSTANCE else ()


def is_beside_its_source(graph: Graph, database: Resource) -> bool:
    """Whether a replica is in its source's region, and so in its subnets: one of another region is named by an ARN.

    Amazon RDS API Reference, CreateDBInstanceReadReplica, DBSubnetGroupName and SourceDBInstanceIdentifier. Raises NotDecidedError
    where it is not known what it replicates.
    """
    if not is_replica(database):
        return False
    if not known_text(database, _SOURCE) and not sources_of(graph, database):
        required(asked_text(database, _SOURCE))
    return not known_text(database, _SOURCE).startswith("arn:")
