"""Policies about a database's storage, durability and windows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policies.facts.database.multi_az_clusters import has_instances_itself
from policies.facts.network.subnets import subnets_of, zones_of
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent
from policies.resources.reading import optional, read, required
from policies.resources.requested import asked, asked_integer, asked_text
from policies.resources.tokens import DB_CLUSTER, DB_INSTANCE, DB_SUBNET_GROUP, SUBNET
from policies.rules.policy import PRD_ADVISORY, PRD_ONLY, RDS_GUIDE, setting
from policies.rules.rule import Problem, Stack, policy

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@policy(
    what="A database's storage is of a current type, large enough, and grows by itself.",
    why="A full disk stops the database; magnetic storage is slow and being retired.",
    severity="medium",
    how_to_fix="Set storageType gp3, allocatedStorage 20 or more, and maxAllocatedStorage 26 percent above it; iops with io1 and io2.",
    url=RDS_GUIDE + "USER_PIOPS.Autoscaling.html",
    levels=PRD_ONLY,
    types=(DB_INSTANCE, DB_CLUSTER),
)
def database_storage_grows(_: Stack, database: Resource) -> Iterator[Problem]:
    if database.type == DB_CLUSTER:
        yield from _of_cluster(database)
        return
    if optional(asked_text(database, "engine"), "").startswith("aurora"):
        return  # whose storage is the cluster's
    kind = optional(asked_text(database, "storageType"), "gp2")
    if kind == "standard":
        yield Problem("storageType is standard, which is magnetic", "gp3")
    elif kind not in _TYPES:
        yield Problem(f"storageType is {kind[:20]}, which RDS does not know", "gp3")
    made_from = (asked(database, prop, read(database, prop)) for prop in _MADE_FROM)
    restored = any(not isinstance(found, Absent) for found in made_from)
    if restored and isinstance(asked_integer(database, "allocatedStorage"), Absent):
        return  # its size is that of what it is made from
    size = optional(asked_integer(database, "allocatedStorage"), 20)
    if size < 20:
        yield Problem(f"allocatedStorage is {size} GiB", "at least 20")
    yield from _speed(database, kind, size)
    grown, least = asked_integer(database, "maxAllocatedStorage"), -(-size * 126 // 100)
    if isinstance(grown, Absent):
        yield Problem(
            "maxAllocatedStorage is not set: it does not grow",
            f"at least {least}, 26 percent more than allocatedStorage",
        )
    elif required(grown) < least:
        yield Problem(
            f"maxAllocatedStorage is {required(grown)} GiB, and allocatedStorage {size}",
            f"at least {least}, 26 percent more",
        )


def _of_cluster(database: Resource) -> Iterator[Problem]:
    """Of a Multi-AZ DB cluster, whose speed RDS wants chosen; Aurora's storage grows by itself."""
    kind = optional(asked_text(database, "storageType"), "io1")
    if has_instances_itself(database) and kind in ("io1", "io2"):
        yield from _speed(database, kind, optional(asked_integer(database, "allocatedStorage"), 100))


_MADE_FROM = ("replicateSourceDb", "restoreToPointInTime", "snapshotIdentifier")
_TYPES = ("gp2", "gp3", "io1", "io2")
_LARGE_GP3, _LEAST_IOPS = 400, 1000
"""GiB from which the speed of gp3 can be chosen, and the least operations a second of io1 and io2 (Amazon RDS User Guide, DB instance
storage; SQL Server and Db2 have bounds of their own)."""
_STRIPED = ("mysql", "mariadb", "postgres")


def _speed(database: Resource, kind: str, size: int) -> Iterator[Problem]:
    """Operations a second, and throughput, that RDS refuses for a type of storage."""
    iops, throughput = asked_integer(database, "iops"), asked_integer(database, "storageThroughput")
    chosen = not isinstance(iops, Absent) and required(iops) > 0
    if kind in ("io1", "io2"):
        if not chosen:
            yield Problem(
                f"storageType is {kind}, and iops is not set: RDS refuses it", f"iops of {_LEAST_IOPS} or more"
            )
        elif required(iops) < _LEAST_IOPS:
            yield Problem(f"iops is {required(iops)}, which RDS refuses for {kind}", f"at least {_LEAST_IOPS}")
        elif kind == "io1" and required(iops) > 50 * size:
            yield Problem(
                f"iops is {required(iops)} on {size} GiB, which RDS refuses", f"at most {50 * size}, 50 a GiB"
            )
    elif kind == "gp2" and chosen:
        yield Problem("storageType is gp2, whose iops follow its size: RDS refuses them", "gp3, or no iops")
    elif kind == "gp3" and optional(asked_text(database, "engine"), "") in _STRIPED and size < _LARGE_GP3:
        asked = (
            "iops"
            if chosen
            else ""
            if isinstance(throughput, Absent) or not required(throughput)
            else "storageThroughput"
        )
        if asked:
            yield Problem(
                f"{asked} is set for {size} GiB of gp3, which RDS refuses",
                f"{_LARGE_GP3} GiB, or the speed that gp3 has",
            )


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
    url=RDS_GUIDE + "USER_UpgradeDBInstance.Maintenance.html",
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
    types=(DB_INSTANCE, DB_CLUSTER),
)
def database_windows_quiet(stack: Stack, database: Resource) -> Iterator[Problem]:
    configured = stack.number("hoursAheadOfUtc")
    ahead = _OFFSETS.get(stack.facts.region) if configured == 99 else configured
    if ahead is None:
        return
    for prop in _windows(database):
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


def _windows(database: Resource) -> tuple[str, ...]:
    """The properties of the windows in which something is felt: Aurora's backups slow nothing down."""
    if database.type == DB_INSTANCE:
        return "backupWindow", "maintenanceWindow"
    backup = ("preferredBackupWindow",) if has_instances_itself(database) else ()
    return *backup, "preferredMaintenanceWindow"


@policy(
    what="A database's subnet group spans at least two Availability Zones.",
    why="RDS refuses one for Multi-AZ, and in one zone there is nowhere to fail over to.",
    severity="medium",
    how_to_fix="Give the subnet group subnets of two or more zones.",
    url=RDS_GUIDE + "USER_VPC.WorkingWithRDSInstanceinaVPC.html",
    types=(DB_SUBNET_GROUP,),
    also=(SUBNET,),
)
def database_subnets_zones(stack: Stack, group: Resource) -> Iterator[Problem]:
    count = zones_of(stack.graph, subnets_of(stack.graph, group, "subnetIds"), "subnetIds")
    if count < 2:
        yield Problem(f"its subnets are in {count} zone", "at least 2")
