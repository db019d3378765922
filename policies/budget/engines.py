"""The engines of RDS and Aurora: their names, what they say to a client too many, and the parameters that the budget is about.

Sources: Amazon RDS User Guide, "Quotas and constraints for Amazon RDS", maximum number of database connections; MariaDB and MySQL
parameters in the same guide; Amazon Aurora User Guide, "Maximum connections to an Aurora MySQL DB instance" and the same for Aurora
PostgreSQL; MySQL 8.4 Error Message Reference, ER_CON_COUNT_ERROR; PostgreSQL, Appendix A, 53300 too_many_connections; PostgreSQL,
"Client Connection Defaults", idle_session_timeout (milliseconds, from version 14 on).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

_MYSQL_FORMULA = "{DBInstanceClassMemory/12582880}"
_MARIADB_FORMULA = "LEAST({DBInstanceClassMemory/25165760},12000)"
_POSTGRESQL_FORMULA = "LEAST({DBInstanceClassMemory/9531392},5000)"
_AURORA_MYSQL_FORMULA = (
    "GREATEST({log(DBInstanceClassMemory/805306368)*45},{log(DBInstanceClassMemory/8187281408)*1000})"
)
_MYSQL_REFUSAL = 'error 1040, "Too many connections"'
_POSTGRESQL_REFUSAL = (
    'error 53300, "FATAL: sorry, too many clients already" (on the slots kept for superusers "remaining connection slots are '
    'reserved")'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One engine. name: as people write it. limits: the values that max_connections takes. formula: its default of it, as RDS writes it.

    refusal: what a client too many gets. idle: the parameter that ends a sleeping session, and what one of its units is of a second.
    reserved_for: whom the reserve is for.
    """

    name: str
    limits: tuple[int, int]
    formula: str
    refusal: str
    idle: str
    idle_unit: Fraction
    reserved_for: str = "administrators and RDS"

    @property
    def like_mysql(self) -> bool:
        """Whether it has MySQL's parameters."""
        return self.refusal == _MYSQL_REFUSAL


def _like_mysql(name: str, most: int, formula: str) -> Engine:
    return Engine(
        name=name, limits=(1, most), formula=formula, refusal=_MYSQL_REFUSAL, idle="wait_timeout", idle_unit=Fraction(1)
    )


def _like_postgresql(name: str) -> Engine:
    return Engine(
        name=name,
        limits=(6, 262_143),
        formula=_POSTGRESQL_FORMULA,
        refusal=_POSTGRESQL_REFUSAL,
        idle="idle_session_timeout",
        idle_unit=Fraction(1, 1000),
        reserved_for="superusers and RDS",
    )


ENGINES: Mapping[str, Engine] = {
    "mysql": _like_mysql("MySQL", 100_000, _MYSQL_FORMULA),
    "mariadb": _like_mysql("MariaDB", 100_000, _MARIADB_FORMULA),
    "postgres": _like_postgresql("PostgreSQL"),
    "aurora-mysql": _like_mysql("Aurora MySQL", 16_000, _AURORA_MYSQL_FORMULA),
    "aurora-postgresql": _like_postgresql("Aurora PostgreSQL"),
}
"""By RDS's name of the engine."""


def engine_name(engine: str) -> str:
    """The engine as people write it."""
    return ENGINES[engine].name if engine in ENGINES else engine or "the engine"


def most_connections(engine: str) -> int:
    """The largest max_connections that the engine takes; that of MySQL for an engine that is not known here."""
    return ENGINES[engine if engine in ENGINES else "mysql"].limits[1]


def refusal_of(engine: str) -> str:
    """What a client too many gets."""
    return ENGINES[engine].refusal if engine in ENGINES else "an error"


def reserved_for(engine: str) -> str:
    """Whom the reserve is for."""
    return ENGINES[engine].reserved_for if engine in ENGINES else "administrators and RDS"


def group_of(engine: str, *, cluster: bool) -> str:
    """What AWS calls the parameter group that max_connections stands in. cluster: the database is a cluster."""
    if engine.startswith("aurora"):
        return "DB cluster parameter group or DB parameter group"
    return "DB cluster parameter group" if cluster else "DB parameter group"


def default_formula(engine: str, engine_version: str) -> str | None:
    """The engine's default of max_connections as RDS writes it, or None for an engine without one here."""
    if engine == "mariadb" and engine_version and _version(engine_version) < (10, 5):
        return _MYSQL_FORMULA  # versions compare as numbers: 10.11 is above 10.5
    return ENGINES[engine].formula if engine in ENGINES else None


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"[0-9]{1,6}", text)[:2])
