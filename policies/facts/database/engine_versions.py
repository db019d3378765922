"""Until when AWS supports the major versions of database engines as standard, and the parameters that need a restart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

_POSTGRES = {
    "11": date(2024, 2, 29), "12": date(2025, 2, 28), "13": date(2026, 2, 28), "14": date(2027, 2, 28),
    "15": date(2028, 2, 29), "16": date(2029, 2, 28), "17": date(2030, 2, 28), "18": date(2031, 2, 28),
}  # fmt: skip
STANDARD_SUPPORT: Mapping[str, Mapping[str, date]] = {
    "mysql": {"5.7": date(2024, 2, 29), "8.0": date(2026, 7, 31), "8.4": date(2029, 7, 31)},
    "mariadb": {
        "10.4": date(2025, 2, 28), "10.5": date(2026, 8, 31), "10.6": date(2026, 12, 31), "10.11": date(2028, 2, 29),
        "11.4": date(2029, 5, 31), "11.8": date(2028, 6, 30), "12.3": date(2029, 6, 30),
    },
    "postgres": _POSTGRES,
    "aurora-postgresql": _POSTGRES,
    "aurora-mysql": {"5.7": date(2024, 10, 31), "8.0": date(2028, 4, 30)},
}  # fmt: skip
"""Engine to major version to the last day of standard support (RDS and Aurora User Guides, release calendars, 2026)."""
BEFORE: Mapping[str, frozenset[str]] = {
    "mysql": frozenset({"5.1", "5.5", "5.6"}),
    "mariadb": frozenset({"10.0", "10.1", "10.2", "10.3"}),
    "postgres": frozenset({"9", "10"}),
    "aurora-postgresql": frozenset({"9", "10"}),
    "aurora-mysql": frozenset({"5.6"}),
}
"""Engine to the major versions that it had before those of the calendar; others have never been."""

STATIC_MYSQL = frozenset(
    {
        "back_log", "gtid-mode", "gtid_mode", "innodb_buffer_pool_instances", "innodb_ft_min_token_size", "innodb_log_file_size",
        "innodb_page_size", "innodb_read_io_threads", "innodb_write_io_threads", "lower_case_table_names", "performance_schema",
        "skip_name_resolve", "table_open_cache_instances",
    }
)  # fmt: skip
STATIC_POSTGRES = frozenset(
    {
        "huge_pages", "max_connections", "max_locks_per_transaction", "max_prepared_transactions", "max_replication_slots",
        "max_wal_senders", "max_worker_processes", "rds.logical_replication", "shared_buffers", "shared_preload_libraries",
        "track_activity_query_size", "track_commit_timestamp", "wal_buffers",
    }
)  # fmt: skip
"""Static parameters: AWS refuses apply_method immediate for them (`describe-db-parameters`, ApplyType static)."""

_FAMILY = re.compile(r"(aurora-mysql|aurora-postgresql|mysql|mariadb|postgres)([0-9]+(?:\.[0-9]+)?)")


def major_version(engine: str, version: str) -> str | None:
    """The major version as release calendars and parameter group families write it, None where it cannot be determined."""
    parts = version.split(".")
    if not parts[0].isdigit():
        return None
    if engine in ("postgres", "aurora-postgresql"):
        return parts[0]
    if len(parts) < 2 or not parts[1].isdigit():
        return None
    return f"{parts[0]}.{parts[1]}"


def version_order(version: str) -> tuple[int, ...]:
    """What versions are compared by."""
    return tuple(int(part) for part in version.split("."))


def family_parts(family: str) -> tuple[str, str] | None:
    """(engine, major version) of a parameter group's family such as "mysql8.4", None where it is none of these engines'."""
    match = _FAMILY.fullmatch(family)
    return (match[1], match[2]) if match else None


def is_static(family: str, parameter: str) -> bool:
    """Whether a parameter of a family takes effect only after a restart."""
    parts = family_parts(family)
    if parts is None:
        return False
    return parameter in (STATIC_POSTGRES if "postgres" in parts[0] else STATIC_MYSQL)


_NOT_AT_ONCE = frozenset(
    {"tls_version", "ssl_cipher", "ssl_min_protocol_version", "innodb_doublewrite", "rds.force_ssl"}
)


def needs_restart(family: str, parameter: str) -> bool:
    """Whether a restart is the documented way to a parameter's value, although AWS may take apply_method immediate for it."""
    return family_parts(family) is None or is_static(family, parameter) or parameter in _NOT_AT_ONCE
