"""Policies about a database's storage, durability and windows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policies.facts.network.subnets import subnets_of, zones_of
from policies.resources.graph import Resource
from policies.resources.reading import Absent, optional, read, read_text, required
from policies.resources.requested import asked_flag, asked_integer, asked_list, asked_text
from policies.resources.tokens import CLUSTER_PARAMETER_GROUP, DB_INSTANCE, DB_SUBNET_GROUP, PARAMETER_GROUP, SUBNET
from policies.rules.policy import PRD_ONLY, STRICT_IN_PRD
from policies.rules.rule import Problem, Stack, policy

_RDS = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNSAFE: Mapping[str, frozenset[str]] = {
    "local_infile": frozenset({"1", "on"}),
    "innodb_flush_log_at_trx_commit": frozenset({"0", "2"}),
    "sync_binlog": frozenset({"0"}),
    "innodb_doublewrite": frozenset({"0", "off"}),
    "fsync": frozenset({"0", "off"}),
    "full_page_writes": frozenset({"0", "off"}),
    "synchronous_commit": frozenset({"off", "0"}),
    "tls_version": frozenset({"tlsv1", "tlsv1.1", "tlsv1,tlsv1.1", "tlsv1,tlsv1.1,tlsv1.2"}),
    "ssl_min_protocol_version": frozenset({"tlsv1", "tlsv1.1"}),
}
"""Parameters to the values that lose what was committed, read the client's files, or take old TLS (MySQL, PostgreSQL manuals)."""


@policy(
    name="database-storage-grows",
    what="A database's storage is of a current type, large enough, and grows by itself.",
    why="A full disk stops the database; magnetic storage is slow and being retired.",
    severity="medium",
    how_to_fix="Set storageType gp3, allocatedStorage 20 or more, and maxAllocatedStorage above it.",
    url=_RDS + "USER_PIOPS.Autoscaling.html",
    levels=PRD_ONLY,
    types=(DB_INSTANCE,),
)
def database_storage_grows(_: Stack, database: Resource) -> Iterator[Problem]:
    if optional(asked_text(database, "engine"), "").startswith("aurora"):
        return  # whose storage is the cluster's
    if optional(asked_text(database, "storageType"), "gp2") == "standard":
        yield Problem("storageType is standard, which is magnetic", "gp3")
    size = optional(asked_integer(database, "allocatedStorage"), 20)
    if size < 20:
        yield Problem(f"allocatedStorage is {size} GiB", "at least 20")
    most = optional(asked_integer(database, "maxAllocatedStorage"), 0)
    if not isinstance(read(database, "maxAllocatedStorage"), Absent) and most <= size:
        yield Problem(f"maxAllocatedStorage is {most} GiB, and allocatedStorage {size}", f"more than {size}")


@policy(
    name="database-windows-apart",
    what="A database's backup and maintenance windows do not overlap, and nothing upgrades its major version by the way.",
    why="RDS refuses windows that overlap; a major upgrade cannot be taken back.",
    severity="medium",
    how_to_fix="Move one window, and set allowMajorVersionUpgrade only in the change that upgrades; keep deleteAutomatedBackups off.",
    url=_RDS + "USER_WorkingWithAutomatedBackups.BackupWindow.html",
    levels=PRD_ONLY,
    types=(DB_INSTANCE,),
)
def database_windows_apart(_: Stack, database: Resource) -> Iterator[Problem]:
    if optional(asked_flag(database, "allowMajorVersionUpgrade"), False):
        yield Problem("allowMajorVersionUpgrade is true", "false")
    if optional(asked_flag(database, "deleteAutomatedBackups"), False):
        yield Problem("deleteAutomatedBackups is true: the backups go with the database", "false")
    backup, upkeep = asked_text(database, "backupWindow"), asked_text(database, "maintenanceWindow")
    if isinstance(backup, Absent) or isinstance(upkeep, Absent):
        return
    daily = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", required(backup).strip())
    weekly = re.fullmatch(r"([a-z]{3}):(\d\d):(\d\d)-([a-z]{3}):(\d\d):(\d\d)", required(upkeep).strip().lower())
    if daily is None or weekly is None or weekly[1] not in _DAYS or weekly[4] not in _DAYS:
        yield Problem(
            f"its windows are {required(backup)[:20]}, {required(upkeep)[:30]}",
            'as "17:00-18:00", "sat:18:30-sat:19:30"',
        )
        return
    begin, end = int(daily[1]) * 60 + int(daily[2]), int(daily[3]) * 60 + int(daily[4])
    start, stop = int(weekly[2]) * 60 + int(weekly[3]), int(weekly[5]) * 60 + int(weekly[6])
    night = set(range(begin, end if end > begin else end + 1440))
    work = range(start, stop if stop > start and weekly[1] == weekly[4] else stop + 1440)
    if any(minute in night or minute + 1440 in night or minute - 1440 in night for minute in work):
        yield Problem(f"backupWindow {daily[0]} and maintenanceWindow {weekly[0]} overlap", "windows apart")


@policy(
    name="database-parameters-safe",
    what="No parameter of a database gives up what was committed, reads clients' files or takes old TLS.",
    why="With a relaxed flush a crash loses orders that customers saw confirmed.",
    severity="high",
    how_to_fix="Remove the parameter: the engine's default is the safe value.",
    url=_RDS + "Appendix.MySQL.Parameters.html",
    levels=STRICT_IN_PRD,
    types=(PARAMETER_GROUP, CLUSTER_PARAMETER_GROUP),
)
def database_parameters_safe(_: Stack, group: Resource) -> Iterator[Problem]:
    for position in range(len(optional(asked_list(group, "parameters"), []))):
        name = required(read_text(group, "parameters", position, "name"))
        if not _UNSAFE.get(name):
            continue
        value = str(required(read(group, "parameters", position, "value")))
        if value.strip().lower().replace(" ", "") in _UNSAFE[name]:
            yield Problem(f"{name} is {value[:40]}", "the default")


@policy(
    name="database-subnets-zones",
    what="A database's subnet group spans at least two Availability Zones.",
    why="RDS refuses one for Multi-AZ, and in one zone there is nowhere to fail over to.",
    severity="medium",
    how_to_fix="Give the subnet group subnets of two or more zones.",
    url=_RDS + "USER_VPC.WorkingWithRDSInstanceinaVPC.html",
    levels=STRICT_IN_PRD,
    types=(DB_SUBNET_GROUP,),
    also=(SUBNET,),
)
def database_subnets_zones(stack: Stack, group: Resource) -> Iterator[Problem]:
    count = zones_of(stack.graph, subnets_of(stack.graph, group, "subnetIds"), "subnetIds")
    if count < 2:
        yield Problem(f"its subnets are in {count} zone", "at least 2")
