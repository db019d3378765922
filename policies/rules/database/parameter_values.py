"""The policy `database-parameters-safe`: no parameter gives up what the engine's default protects."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from policies.facts.database.parameters import family_of, parameters_of
from policies.facts.likeness import nearest
from policies.resources.graph import Resource
from policies.resources.reading import required
from policies.resources.tokens import CLUSTER_PARAMETER_GROUP, PARAMETER_GROUP
from policies.rules.policy import setting
from policies.rules.rule import Problem, Stack, policy

_OFF, _ON = "0 off false", "1 on true"
_LOST = "what was committed is lost in a crash"
_UNSAFE: Mapping[str, tuple[str, str]] = {
    "innodb_flush_log_at_trx_commit": ("0 2", _LOST),
    "sync_binlog": ("0", "a replica or a restore lacks what was committed before a crash"),
    "innodb_doublewrite": (_OFF, "a page that was half written in a crash is lost"),
    "innodb_checksum_algorithm": ("none strict_none", "a damaged page is taken for a good one"),
    "fsync": (_OFF, "a crash destroys the database"),
    "full_page_writes": (_OFF, "a page that was half written in a crash is lost"),
    "synchronous_commit": (_OFF, _LOST),
    "autovacuum": (_OFF, "tables grow until the server stops for want of transaction ids"),
    "autocommit": (_OFF, "each statement holds its locks until somebody commits"),
    "completion_type": ("1 chain 2 release", "each commit begins another transaction, or ends the connection"),
    "innodb_deadlock_detect": (
        _OFF,
        "two transactions that wait for each other hold their connections until a timeout",
    ),
    "innodb_strict_mode": (_OFF, "a table is made in another format than was asked for, without a word"),
    "foreign_key_checks": (_OFF, "rows that refer to nothing are taken"),
    "unique_checks": (_OFF, "the same key is taken twice"),
    "local_infile": (_ON, "a client sends any file that it can read to whoever asks it as a server"),
    "skip_grant_tables": (_ON, "everybody is an administrator"),
    "old_passwords": (_ON, "passwords are kept by a hash that is broken"),
    "password_encryption": ("md5", "passwords are kept by MD5"),
    "rds.accepted_password_auth_method": ("md5", "passwords are kept by MD5"),
    "tls_version": ("tlsv1 tlsv1.1", "connections are taken by protocols that are broken"),
    "ssl_min_protocol_version": ("tlsv1 tlsv1.1", "connections are taken by protocols that are broken"),
    "general_log": (_ON, "every statement is written to the disk, with what customers send"),
    "log_statement": ("all", "every statement is written to the disk, with what customers send"),
    "binlog_format": ("statement", "a replica may compute other rows than the source"),
    "read_only": (_ON, "every write of the applications is refused"),
    "super_read_only": (_ON, "every write of the applications is refused"),
    "innodb_read_only": (_ON, "every write of the applications is refused"),
    "default_transaction_read_only": (_ON, "every write of the applications is refused"),
    "transaction_read_only": (_ON, "every write of the applications is refused"),
    "offline_mode": (_ON, "every client that is no administrator is refused"),
    "transaction_isolation": ("read-uncommitted", "what is read may never have been committed"),
    "tx_isolation": ("read-uncommitted", "what is read may never have been committed"),
    "default_transaction_isolation": ("readuncommitted", "what is read may never have been committed"),
    "character_set_server": ("latin1 ascii", "what customers write is cut at the first sign that it lacks"),
    "lower_case_table_names": (
        "1 2",
        "MySQL 8 takes it only when an instance is made, and one that is there does not start again",
    ),
    "explicit_defaults_for_timestamp": (_OFF, "times change by themselves with every update of a row"),
    "low_priority_updates": (_ON, "a write waits for every read"),
}
"""Parameters to the values, in lists to the items, that give something up, and what (MySQL, MariaDB and PostgreSQL manuals)."""
_MIB = 1024 * 1024
_OF_STATEMENT = "each statement may take that memory for itself, or goes to the disk at once"
_BOUNDS: Mapping[str, tuple[int, int, str]] = {
    "max_allowed_packet": (_MIB, 1024 * _MIB, "a statement or row of usual size is refused"),
    "max_connect_errors": (100, 2**63, "a host is locked out after a few failed connections"),
    "innodb_lock_wait_timeout": (1, 300, "a statement holds its connection while it waits for a lock"),
    "lock_wait_timeout": (1, 31_536_000, "a change of a table waits for ever"),
    "long_query_time": (0, 60, "no slow query is ever logged"),
    "connect_timeout": (5, 120, "clients are refused, or hold the handshake for minutes"),
    "net_read_timeout": (10, 3600, "a result is cut while it is sent"),
    "net_write_timeout": (10, 3600, "a result is cut while it is sent"),
    "table_open_cache": (400, 2**31, "tables are opened anew for each statement"),
    "thread_cache_size": (8, 16_384, "each connection waits for a new thread"),
    "binlog_expire_logs_seconds": (0, 2_592_000, "the disk fills with logs"),
    "innodb_buffer_pool_size": (128 * _MIB, 2**63, "every read goes to the disk"),
    "innodb_log_buffer_size": (_MIB, 4096 * _MIB, "each transaction waits for the disk"),
    "sort_buffer_size": (32 * 1024, 64 * _MIB, "each connection may take that memory for itself"),
    "join_buffer_size": (128, 64 * _MIB, "each connection may take that memory for itself"),
    "read_buffer_size": (8 * 1024, 64 * _MIB, "each connection may take that memory for itself"),
    "read_rnd_buffer_size": (8 * 1024, 64 * _MIB, "each connection may take that memory for itself"),
    "tmp_table_size": (_MIB, 4096 * _MIB, _OF_STATEMENT),
    "max_heap_table_size": (_MIB, 4096 * _MIB, _OF_STATEMENT),
    "thread_stack": (128 * 1024, 16 * _MIB, "a statement of usual depth fails"),
    "max_prepared_stmt_count": (1000, 2**31, "prepared statements are refused"),
    "group_concat_max_len": (1024, 2**63, "lists are cut without a word"),
    "innodb_io_capacity": (100, 200_000, "what is written waits in memory, or the disk does nothing else"),
}
"""Parameters to values between which an application gets on, and what is below or above."""
_FIXED_CASE = ("mysql8.0", "mysql8.4")
"""Ends of the families whose servers refuse to start with another lower_case_table_names than they were made with."""
_KNOWN = frozenset(
    {*_UNSAFE, *_BOUNDS, "init_connect", "init_file", "sql_mode", "max_connections", "max_user_connections", "wait_timeout",
     "interactive_timeout", "require_secure_transport", "slow_query_log", "log_output", "log_queries_not_using_indexes",
     "innodb_log_file_size", "innodb_file_per_table", "innodb_print_all_deadlocks", "performance_schema", "character_set_client",
     "character_set_connection", "character_set_database", "character_set_results", "character_set_filesystem", "collation_server",
     "collation_connection", "time_zone", "event_scheduler", "log_bin_trust_function_creators", "net_retry_count", "back_log",
     "innodb_redo_log_capacity", "table_definition_cache", "open_files_limit", "log_error_verbosity", "min_examined_row_limit",
     "skip_name_resolve", "default_time_zone", "max_execution_time", "max_join_size", "ft_min_word_len", "innodb_ft_min_token_size"}
)  # fmt: skip
"""Parameters of MySQL and MariaDB that programs set, to which a name that is none is held (MySQL's manual, Server System Variables)."""
_LIKE = 0.9
_STRICT = frozenset({"strict_trans_tables", "strict_all_tables", "traditional"})
_INIT = ("init_connect", "init_file", "init_slave")
_JUDGED = frozenset({*_UNSAFE, *_BOUNDS, *_INIT, "sql_mode", "max_user_connections"})
_OF_MEMORY = re.compile(r"\{dbinstanceclassmemory(?:\*([0-9]+))?(?:/([0-9]+))?\}")
_LEAST_OF_MEMORY, _MOST_OF_MEMORY = 0.2, 0.8
"""What a buffer pool may have of an instance's memory; RDS's own default is three quarters."""


@policy(
    what="No parameter of a database gives up what the engine's default protects: what is committed, who gets in, what clients can do.",
    why="It holds for every application at once, and none of them is told.",
    severity="high",
    how_to_fix="Remove the parameter: the engine's default is the safe value. What is meant so stands in the setting alsoAllowed.",
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.MySQL.Parameters.html",
    settings=(setting("alsoAllowed", (), "Parameters that may have such a value, by name."),),
    types=(PARAMETER_GROUP, CLUSTER_PARAMETER_GROUP),
)
def database_parameters_safe(stack: Stack, group: Resource) -> Iterator[Problem]:
    allowed = stack.texts("alsoAllowed")
    like_mysql = family_of(group).startswith(("mysql", "mariadb", "aurora-mysql"))
    for parameter in parameters_of(group):
        name = parameter.name
        if like_mysql and (meant := _misspelt(name)):
            yield Problem(f"{name[:60]} is no parameter of the engine, and RDS refuses it", f"such as {meant}")
        if name == "lower_case_table_names" and not family_of(group).endswith(_FIXED_CASE):
            continue
        if name in _JUDGED and name not in allowed:
            yield from _problems(name, required(parameter.value))


def _misspelt(name: str) -> str:
    """The parameter that a name is nearly like; empty for one of them, and for what is like none."""
    if name in _KNOWN:
        return ""
    near = nearest(name, _KNOWN)
    alike = difflib.SequenceMatcher(None, near, name).ratio() >= _LIKE
    # innodb_ft_min_token_size and innodb_ft_max_token_size are two: they differ in a word.
    words = (set(name.split("_")) ^ set(near.split("_"))) if alike else set[str]()
    return near if alike and not any(word in _WORDS for word in words - set(near.split("_"))) else ""


_WORDS = frozenset({"min", "max", "read", "write", "server", "client", "database", "results", "file", "size", "log"})


def _problems(name: str, value: str) -> Iterator[Problem]:
    items = frozenset(value.lower().replace(" ", "").split(","))
    unsafe, reason = _UNSAFE.get(name, ("", ""))
    if not items.isdisjoint(unsafe.split()):
        yield Problem(f"{name} is {value[:40]}: {reason}", "the default")
    elif name in _BOUNDS and re.fullmatch(r"[0-9]+", value):
        least, most, reason = _BOUNDS[name]
        if not least <= int(value) <= most:
            unit = " bytes" if least % 1024 == 0 and most > 1024 * 1024 else ""
            bound = f"at least {least}" if int(value) < least else f"at most {most}"
            yield Problem(f"{name} is {value[:20]}: {reason}", f"{bound}{unit}")
    elif name == "max_user_connections" and re.fullmatch(r"[1-9]", value):
        yield Problem(f"max_user_connections is {value}, for every account", "0, and limits account by account")
    elif name == "sql_mode" and not items & _STRICT:
        yield Problem(
            f'sql_mode is "{value[:60]}", without a strict mode: values that do not fit are cut',
            "STRICT_TRANS_TABLES in it",
        )
    elif name in _INIT and value.strip():
        yield Problem(f"{name} runs statements of its own in every session: one that fails ends it", "the default")
    elif name == "innodb_buffer_pool_size" and (of := _OF_MEMORY.fullmatch(next(iter(items)))):
        share = int(of[1] or 1) / max(int(of[2] or 1), 1)
        if share > _MOST_OF_MEMORY:
            yield Problem(
                f"{name} is {value[:60]}, which leaves no memory to connections", f"at most {_MOST_OF_MEMORY:.0%} of it"
            )
        elif share < _LEAST_OF_MEMORY:
            yield Problem(
                f"{name} is {value[:60]}: every read goes to the disk", f"at least {_LEAST_OF_MEMORY:.0%} of it"
            )
