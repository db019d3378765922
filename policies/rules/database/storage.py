"""Policies about a database's storage, durability and windows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policies.facts.change.upgrades import upgrade_of
from policies.facts.network.subnets import subnets_of, zones_of
from policies.resources.graph import Resource
from policies.resources.reading import Absent, optional, read, read_text, required
from policies.resources.requested import asked_flag, asked_integer, asked_list, asked_text
from policies.resources.tokens import CLUSTER_PARAMETER_GROUP, DB_INSTANCE, DB_SUBNET_GROUP, PARAMETER_GROUP, SUBNET
from policies.rules.policy import PRD_ADVISORY, PRD_ONLY, setting
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
    "tls_version": frozenset({"tlsv1", "tlsv1.1"}),
    "ssl_min_protocol_version": frozenset({"tlsv1", "tlsv1.1"}),
    "general_log": frozenset({"1", "on"}),
    "log_statement": frozenset({"all"}),
    "innodb_strict_mode": frozenset({"0", "off"}),
    "binlog_format": frozenset({"statement"}),
    "read_only": frozenset({"1", "on"}),
    "transaction_isolation": frozenset({"read-uncommitted"}),
    "tx_isolation": frozenset({"read-uncommitted"}),
    "autovacuum": frozenset({"0", "off"}),
    "character_set_server": frozenset({"latin1", "ascii"}),
}
"""Parameters to the values, in lists to the items, that lose what was committed or written, read the client's files, take old TLS, log
every statement, or refuse what the applications do (MySQL, PostgreSQL manuals)."""
_BOUNDS: Mapping[str, tuple[int, int]] = {
    "max_allowed_packet": (1_048_576, 1_073_741_824),
    "max_connect_errors": (100, 2**63),
    "innodb_lock_wait_timeout": (1, 300),
    "lock_wait_timeout": (1, 31_536_000),
    "long_query_time": (0, 60),
    "connect_timeout": (5, 120),
    "net_read_timeout": (10, 3600),
    "net_write_timeout": (10, 3600),
    "table_open_cache": (400, 2**31),
    "thread_cache_size": (8, 16_384),
    "binlog_expire_logs_seconds": (0, 2_592_000),
}
"""Parameters to values between which an application gets on: below or above, clients are refused, cut, or wait for minutes."""
_STRICT = frozenset({"strict_trans_tables", "strict_all_tables", "traditional"})
_JUDGED = frozenset({*_UNSAFE, *_BOUNDS, "sql_mode", "innodb_buffer_pool_size", "max_user_connections"})
_OF_MEMORY = re.compile(r"\{dbinstanceclassmemory(?:\*([0-9]+))?(?:/([0-9]+))?\}")
_MOST_OF_MEMORY = 0.8
"""What a buffer pool may have of an instance's memory; RDS's own default is three quarters."""


@policy(
    what="A database's storage is of a current type, large enough, and grows by itself.",
    why="A full disk stops the database; magnetic storage is slow and being retired.",
    severity="medium",
    how_to_fix="Set storageType gp3, allocatedStorage 20 or more, and maxAllocatedStorage 26 percent above it.",
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
    least = -(-size * 126 // 100)
    if not isinstance(read(database, "maxAllocatedStorage"), Absent) and most < least:
        yield Problem(
            f"maxAllocatedStorage is {most} GiB, and allocatedStorage {size}", f"at least {least}, 26 percent more"
        )


@policy(
    what="A database's backup and maintenance windows do not overlap, and nothing upgrades its major version by the way.",
    why="RDS refuses windows that overlap; a major upgrade cannot be taken back.",
    severity="medium",
    how_to_fix="Move one window, and set allowMajorVersionUpgrade only in the change that upgrades; keep deleteAutomatedBackups off.",
    url=_RDS + "USER_WorkingWithAutomatedBackups.BackupWindow.html",
    levels=PRD_ONLY,
    types=(DB_INSTANCE,),
)
def database_windows_apart(stack: Stack, database: Resource) -> Iterator[Problem]:
    upgrade = upgrade_of(stack.plan, database) if stack.plan is not None else None
    if optional(asked_flag(database, "allowMajorVersionUpgrade"), False) and not (
        upgrade is not None and upgrade.major
    ):
        yield Problem("allowMajorVersionUpgrade is true", "false, but in the deployment that upgrades")
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


_OFFSETS: Mapping[str, int] = {
    "ap-northeast-1": 9, "ap-northeast-2": 9, "ap-northeast-3": 9, "ap-southeast-1": 8, "ap-southeast-2": 10, "ap-southeast-3": 7,
    "ap-east-1": 8, "ap-south-1": 5, "ap-south-2": 5, "ca-central-1": -5, "ca-west-1": -7, "eu-central-1": 1, "eu-central-2": 1,
    "eu-north-1": 1, "eu-south-1": 1, "eu-south-2": 1, "eu-west-1": 0, "eu-west-2": 0, "eu-west-3": 1, "il-central-1": 2,
    "me-central-1": 4, "me-south-1": 3, "af-south-1": 2, "sa-east-1": -3, "us-east-1": -5, "us-east-2": -5, "us-west-1": -8,
    "us-west-2": -8, "mx-central-1": -6,
}  # fmt: skip
"""Region to the hours that its clocks are ahead of UTC, in winter."""


@policy(
    what="A database is backed up and maintained while its region sleeps.",
    why="A backup slows every write, and maintenance restarts the database, in front of customers at noon.",
    severity="low",
    how_to_fix="Move the window, which is in UTC, into the night, or set the hours in which yours is quiet.",
    url=_RDS + "USER_UpgradeDBInstance.Maintenance.html",
    levels=PRD_ADVISORY,
    settings=(
        setting("from", 21, "Hour of the day from which it is quiet.", maximum=23),
        setting("to", 8, "Hour until which it is quiet.", maximum=23),
        setting(
            "hoursAheadOfUtc",
            99,
            "Hours that the customers' clocks are ahead of UTC; 99 for those of the region.",
            maximum=99,
        ),
    ),
    types=(DB_INSTANCE,),
)
def database_windows_quiet(stack: Stack, database: Resource) -> Iterator[Problem]:
    told = stack.number("hoursAheadOfUtc")
    ahead = _OFFSETS.get(stack.facts.region) if told == 99 else told
    if ahead is None:
        return
    for prop in ("backupWindow", "maintenanceWindow"):
        window = asked_text(database, prop)
        start = re.search(r"(\d\d):\d\d-", required(window)) if not isinstance(window, Absent) else None
        if start is None:
            continue
        hour, quiet, day = (int(start[1]) + ahead) % 24, stack.number("from"), stack.number("to")
        if not (hour >= quiet or hour < day if quiet > day else quiet <= hour < day):
            yield Problem(
                f"{prop} {required(window)[:20]} begins at {hour} o'clock in {stack.facts.region}",
                f"between {quiet} and {day} o'clock",
            )


@policy(
    what="No parameter of a database gives up what was committed, cuts what is written, reads clients' files or takes old TLS.",
    why="With a relaxed flush a crash loses orders that customers saw confirmed; a lenient mode cuts long values without a word.",
    severity="high",
    how_to_fix="Remove the parameter: the engine's default is the safe value.",
    url=_RDS + "Appendix.MySQL.Parameters.html",
    types=(PARAMETER_GROUP, CLUSTER_PARAMETER_GROUP),
)
def database_parameters_safe(_: Stack, group: Resource) -> Iterator[Problem]:
    for position in range(len(optional(asked_list(group, "parameters"), []))):
        name = required(read_text(group, "parameters", position, "name"))
        if name not in _JUDGED:
            continue
        value = str(required(read(group, "parameters", position, "value")))
        items = frozenset(value.lower().replace(" ", "").split(","))
        if items & _UNSAFE.get(name, frozenset()):
            yield Problem(f"{name} is {value[:40]}", "the default")
        elif (
            name in _BOUNDS
            and re.fullmatch(r"[0-9]+", value)
            and not _BOUNDS[name][0] <= int(value) <= _BOUNDS[name][1]
        ):
            yield Problem(f"{name} is {value[:20]}", "{} to {}".format(*_BOUNDS[name]))
        elif name == "max_user_connections" and re.fullmatch(r"[1-9]", value):
            yield Problem(f"max_user_connections is {value}, for every account", "0, and limits account by account")
        elif name == "sql_mode" and not items & _STRICT:
            yield Problem(f'sql_mode is "{value[:60]}", without a strict mode', "STRICT_TRANS_TABLES in it")
        elif (of := _OF_MEMORY.fullmatch(next(iter(items)))) and int(of[1] or 1) / int(of[2] or 1) > _MOST_OF_MEMORY:
            yield Problem(
                f"{name} is {value[:60]}, which leaves no memory to connections", f"at most {_MOST_OF_MEMORY:.0%} of it"
            )


@policy(
    what="A database's subnet group spans at least two Availability Zones.",
    why="RDS refuses one for Multi-AZ, and in one zone there is nowhere to fail over to.",
    severity="medium",
    how_to_fix="Give the subnet group subnets of two or more zones.",
    url=_RDS + "USER_VPC.WorkingWithRDSInstanceinaVPC.html",
    types=(DB_SUBNET_GROUP,),
    also=(SUBNET,),
)
def database_subnets_zones(stack: Stack, group: Resource) -> Iterator[Problem]:
    count = zones_of(stack.graph, subnets_of(stack.graph, group, "subnetIds"), "subnetIds")
    if count < 2:
        yield Problem(f"its subnets are in {count} zone", "at least 2")
