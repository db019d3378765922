"""Whether RDS can keep the password of a database's administrator: not for replicas and their sources, global databases and blue/green.

Source: Amazon RDS and Amazon Aurora User Guides, "Password management with AWS Secrets Manager", limitations.
"""

from __future__ import annotations

from policies.facts.database.parameter_groups import engine_of
from policies.facts.database.replicas import is_replica
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Absent, Present
from policies.resources.reading import optional, text_or
from policies.resources.references import belonging
from policies.resources.requested import asked_flag, asked_text
from policies.resources.tokens import DB_CLUSTER, DB_INSTANCE

GLOBAL_CLUSTER = "aws:rds/globalCluster:GlobalCluster"
_REPLICAS = ((DB_INSTANCE, "replicateSourceDb"), (DB_CLUSTER, "replicationSourceIdentifier"))
_GLOBAL, _SOURCE = "globalClusterIdentifier", "replicationSourceIdentifier"


def unmanageable(graph: Graph, database: Resource) -> str:
    """Why RDS refuses to keep a database's password: the second half of a sentence about RDS; empty where it does."""
    if text_or(engine_of(graph, database), "").startswith("sqlserver"):
        return ""
    if copies(database):
        return "keeps no password of a replica, which has its source's"
    if _names(database, _GLOBAL) or belonging(graph, database, GLOBAL_CLUSTER, "sourceDbClusterIdentifier"):
        return "keeps no password of a global database"
    if optional(asked_flag(database, "blueGreenUpdate", "enabled"), False):
        return "makes no blue/green update of a database whose password it keeps"
    replicas = [held.name for kind, prop in _REPLICAS for held in belonging(graph, database, kind, prop)]
    shown = ", ".join(replicas)
    return f"makes no replica ({shown[:60]}) of a database whose password it keeps" if replicas else ""


def copies(database: Resource) -> bool:
    """Whether it is a replica, an instance or a cluster, whose password is its source's."""
    return is_replica(database) or (database.type == DB_CLUSTER and _names(database, _SOURCE))


def _names(database: Resource, prop: str) -> bool:
    """Whether a property is set, be it by something that is not known yet."""
    return asked_text(database, prop) not in (Absent(prop), Present(""))
