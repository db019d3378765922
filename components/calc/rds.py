"""What RDS for MySQL offers: versions, instance classes, Performance Insights and names of schemas."""

from __future__ import annotations

import re
from typing import Final

STANDARD_VERSIONS: Final = ("8.4",)
EXTENDED_VERSIONS: Final = ("8.0", "5.7")
"""Past standard support (RDS User Guide, "MySQL on Amazon RDS versions": 5.7 since March 2024, 8.0 since August 2026)."""
FIRST_GENERATION: Final = {"m": 5, "r": 5, "t": 3}
"""Older ones cannot be created with these versions (RDS User Guide, "Major version upgrades for RDS for MySQL")."""
WITHOUT_PERFORMANCE_INSIGHTS: Final = ("db.t3.micro", "db.t3.small", "db.t4g.micro", "db.t4g.small")
"""RDS User Guide, "Amazon RDS DB engine, Region, and instance class support for Performance Insights"."""
SYSTEM_SCHEMAS: Final = ("information_schema", "mysql", "performance_schema", "sys")
"""MySQL 8.4 Reference Manual, chapters "The mysql System Schema", "INFORMATION_SCHEMA Tables" and those that follow."""

_CLASS: Final = re.compile(r"db\.([a-z])([0-9]+)[a-z]*\.[a-z0-9]+")


def check_engine_version(version: str, *, extended_support: bool) -> str:
    """The major version (`8.4`) of a MySQL version; raises ValueError where RDS has it not, or only for a declared price."""
    major = ".".join(version.split(".")[:2])
    if major in STANDARD_VERSIONS or (major in EXTENDED_VERSIONS and extended_support):
        return major
    if major in EXTENDED_VERSIONS:
        ended = "in July 2026" if major == "8.0" else "in February 2024"
        raise ValueError(
            f"engineVersion {version} left RDS standard support {ended}: use {STANDARD_VERSIONS[0]} or set extendedSupport: true"
        )
    raise ValueError(
        f"engineVersion {version} is none of RDS for MySQL, which has {', '.join(STANDARD_VERSIONS)}, and "
        f"{' and '.join(EXTENDED_VERSIONS)} with extendedSupport: true"
    )


def check_instance_class(instance_class: str) -> str:
    """Return the class when RDS creates MySQL on its generation; raise ValueError naming the first one that it does."""
    match = _CLASS.fullmatch(instance_class)
    first = FIRST_GENERATION.get(match[1]) if match else None
    if match and first is not None and int(match[2]) < first:
        raise ValueError(
            f"instanceClass {instance_class} is of a previous generation, which RDS creates no MySQL {EXTENDED_VERSIONS[-1]} to "
            f"{STANDARD_VERSIONS[0]} on: use db.{match[1]}{first} or newer, such as "
            f"{'db.t4g.micro' if match[1] == 't' else f'db.{match[1]}{first}.large'}"
        )
    return instance_class


def check_performance_insights(instance_class: str) -> None:
    """Raise ValueError where the class has no Performance Insights."""
    if instance_class in WITHOUT_PERFORMANCE_INSIGHTS:
        raise ValueError(
            f"performanceInsights is true on {instance_class}, and RDS for MySQL has it on no micro or small class: use "
            f"{instance_class.rpartition('.')[0]}.medium or larger, or remove performanceInsights"
        )


def check_schema(name: str) -> str:
    """Return the name of the schema that RDS creates with the instance; raise ValueError for one of MySQL's own."""
    if name in SYSTEM_SCHEMAS:
        raise ValueError(
            f"name {name} is a schema of MySQL itself ({', '.join(SYSTEM_SCHEMAS)}): choose one like itemscout"
        )
    return name
