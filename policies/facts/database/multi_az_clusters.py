"""Multi-AZ DB clusters: three instances that RDS makes itself, whose class and settings stand on the cluster.

Source: Amazon RDS User Guide, "Multi-AZ DB cluster deployments"; Amazon RDS API Reference, CreateDBCluster, DBClusterInstanceClass.
"""

from __future__ import annotations

from policies.resources.graph import Resource
from policies.resources.outcomes import Absent
from policies.resources.reading import read
from policies.resources.tokens import DB_CLUSTER

CLASS = "dbClusterInstanceClass"


def has_instances_itself(database: Resource) -> bool:
    """Whether it is such a cluster: one of Aurora has resources for its instances."""
    return database.type == DB_CLUSTER and not isinstance(read(database, CLASS), Absent)


def is_aurora_cluster(database: Resource) -> bool:
    """Whether it is a cluster whose instances are resources of their own."""
    return database.type == DB_CLUSTER and not has_instances_itself(database)
