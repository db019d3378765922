"""What a workload that declares the database gets: its variables and its budget's tags."""

from __future__ import annotations

from policies.budget.declarations import HOST, IDLE, LIMIT, OUTSIDE_TAG, POOLS_TAG, PROCESSES_TAG
from settings.workloads import Workload

from .calc.reserved import database_user
from .database import Database


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
    """What the connection budget must know and no AWS property says, as tags of the task definition."""
    if not workload.database:
        return {}
    return {
        PROCESSES_TAG: str(workload.processes),
        POOLS_TAG: str(workload.pools_per_process),
        OUTSIDE_TAG: str(workload.connections_outside_pool),
    }
