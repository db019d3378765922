"""What a workload that declares the database gets: its variables and its budget's tags."""

from __future__ import annotations

from policies.budget.declarations import HOST, IDLE, LIMIT, OUTSIDE_TAG, POOLS_TAG, PROCESSES_TAG
from settings.workloads import Workload

from ..calc.reserved import database_user
from ..stage.database import Database


def database_environment(database: Database, workload: Workload) -> dict[str, str]:
    """The DB_* variables; the certificate of RDS names only its endpoint, so clients verify the CA and not the name."""
    return {
        LIMIT: str(workload.db_conn_limit),
        HOST: database.host,
        "DB_NAME": database.schema,
        IDLE: str(workload.db_pool_idle_ms),
        "DB_PORT": str(database.port),
        "DB_SSL_MODE": "VERIFY_CA",
        "DB_USER": database_user(workload.aws_name),
    }


def budget_tags(workload: Workload) -> dict[str, str]:
    """What the connection budget must know and no AWS property says, as tags of the task definition.

    Only what a person wrote: a default is no answer to what an environment shows, such as WEB_CONCURRENCY=auto.
    """
    if not workload.database:
        return {}
    declared = {
        "processes": (PROCESSES_TAG, workload.processes),
        "poolsPerProcess": (POOLS_TAG, workload.pools_per_process),
        "connectionsOutsidePool": (OUTSIDE_TAG, workload.connections_outside_pool),
    }
    return {tag: str(value) for key, (tag, value) in declared.items() if key in workload.places.settings}
