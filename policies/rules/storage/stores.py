"""The policy `stores-recoverable`: what holds data beside the database can be brought back, and is not deleted in passing."""

from __future__ import annotations

from policies.rules.policy import PRD_ONLY
from policies.rules.property_tables import Table, by_table, never, off, on, only
from policies.rules.rule import policy

_CLUSTER = (
    never("backupRetentionPeriod", "0 1", default="1", required="at least 7 days"),
    on("deletionProtection"),
    off("skipFinalSnapshot"),
)

STORES: Table = {
    "aws:dynamodb/table:Table": (on("pointInTimeRecovery", "enabled"), on("deletionProtectionEnabled", default=None)),
    "aws:docdb/cluster:Cluster": _CLUSTER,
    "aws:neptune/cluster:Cluster": _CLUSTER,
    "aws:redshift/cluster:Cluster": (
        never("automatedSnapshotRetentionPeriod", "0", required="at least 1 day"),
        off("skipFinalSnapshot"),
    ),
    "aws:memorydb/cluster:Cluster": (never("snapshotRetentionLimit", "0", default="0", required="at least 1 day"),),
    "aws:efs/backupPolicy:BackupPolicy": (only("backupPolicy.status", "enabled", required="ENABLED"),),
    "aws:fsx/lustreFileSystem:LustreFileSystem": (off("skipFinalBackup"),),
    "aws:keyspaces/table:Table": (
        only("pointInTimeRecovery.status", "enabled", default="disabled", required="ENABLED"),
    ),
    "aws:qldb/ledger:Ledger": (on("deletionProtection", default="true"),),
    "aws:cognito/userPool:UserPool": (never("deletionProtection", "inactive", required="ACTIVE"),),
    "aws:backup/vault:Vault": (off("forceDestroy"),),
    "aws:eks/cluster:Cluster": (on("deletionProtection", default=None),),
}

stores_recoverable = policy(
    name="stores-recoverable",
    what="A table, cluster or file system that holds data keeps backups, and is not deleted without them.",
    why="A fault of the application writes for hours before somebody notices, and a rename in the program is a deletion.",
    severity="high",
    how_to_fix="Switch on point-in-time recovery or automatic backups, deletion protection and a final snapshot.",
    levels=PRD_ONLY,
    references="CKV_AWS_28 DynamoDB.2",
    types=STORES,
)(by_table(STORES))
