"""What a container's variables say of its use of a database: that it is a client, and of a second pool.

Read from the names that frameworks and drivers take: this project's DB_*, libpq's PGHOST, TYPEORM_*, SPRING_DATASOURCE_*, and URLs such
as mysql://.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from policies.budget.declarations import LIMIT
from policies.facts.ecs.command_words import base_name, commands

_OWN = re.compile(r"DB_[A-Z0-9_]+|DATABASE_URL")
_OWN_SECOND_POOL = re.compile(r"DB_([A-Z0-9_]+)_(?:HOST|URL|CONN_LIMIT)")
_ENGINES = "MYSQL MYSQLD MYSQLDB MARIADB POSTGRES POSTGRESQL POSTGRESDB PG PGSQL RDS AURORA"
_SQL = f"DB DATABASE {_ENGINES} JDBC R2DBC DATASOURCE TYPEORM SEQUELIZE SQLALCHEMY"
_PLACE = "HOST HOSTNAME HOSTADDR URL URI DSN ENDPOINT SERVER ADDRESS ADDR"
_NO_SQL = "MONGO MONGODB DOCDB DOCUMENTDB REDIS VALKEY DYNAMO DYNAMODB INFLUX CASSANDRA ELASTIC NEO4J NEPTUNE GEOIP"
_NO_PLACE = "PORT USER USERNAME PASSWORD PASS CA CERT SSL TLS MODE PARAMS OPTIONS VERSION TIMEOUT SCHEME ID"
_NEUTRAL = "SPRING QUARKUS DJANGO PRISMA LARAVEL RAILS FLASK CONNECTION STRING NAME"
SQL_WORDS, PLACE_WORDS, NO_SQL_WORDS = (frozenset(words.split()) for words in (_SQL, _PLACE, _NO_SQL))
_NEUTRAL_WORDS = frozenset(_NEUTRAL.split())
_ELSE = frozenset(f"{_NO_SQL} {_NO_PLACE}".split())
_WORDS = {
    "PGHOST": "PG_HOST", "PGHOSTADDR": "PG_HOST", "PGPORT": "PG_PORT", "PGDATABASE": "PG_DATABASE", "PGUSER": "PG_USER",
}  # fmt: skip
"""Variables of libpq, which are written without a line between their words."""
_SQL_URL = re.compile(
    r"(?:[a-z0-9-]+:)*(?:mysql2?|mariadb|postgres(?:ql)?)(?:\+[a-z0-9]+)?(?::[a-z]+)?://", re.IGNORECASE
)

_CONNECTION_STRING = re.compile(
    r"(?=.*(?:^|[;\s])(?:server|data source|host|hostaddr|addr|address)\s*=)(?:.*[;\s])?(?:database|initial catalog|dbname)\s*="
    r"|[^@\s]*@(?:tcp|unix)\(",
    re.IGNORECASE,
)
"""ADO.NET's and libpq's keywords and values, and the data source name of Go's MySQL driver."""
_FLAG = re.compile(r"--?([A-Za-z][\w.-]*)(?:=(.*))?", re.DOTALL)
_OF_MYSQL = (
    "mysql mysqldump mysqladmin mysqlimport mysqlslap mysqlsh mariadb mariadb-dump mariadb-admin mydumper myloader"
)
_OF_POSTGRESQL = "psql pg_dump pg_dumpall pg_restore pgbench"
_CLIENTS = frozenset(f"{_OF_MYSQL} {_OF_POSTGRESQL} sysbench".split())
"""Programs that come with the servers, and speak with nothing else."""

_BEFORE_A_PROGRAM = re.compile(
    r"(?:/(?:usr/)?bin/)?(?:sh|bash|ash|dash|env|exec|nice|time)|-[a-z]+|[A-Za-z_]\w*=.*", re.DOTALL
)


@lru_cache(maxsize=4096)
def shows_database(name: str, value: str | None) -> bool:
    """Whether a variable makes its container a client of a relational database. value: None where it is not known."""
    return bool(_OWN.fullmatch(name)) or place_of(name) is not None or is_database_url(value or "")


def is_database_url(text: str) -> bool:
    """Whether a text is the URL or connection string of a relational database."""
    return _SQL_URL.match(text) is not None or (
        ("=" in text or "@" in text) and _CONNECTION_STRING.match(text) is not None
    )


@lru_cache(maxsize=1024)
def database_words(command: tuple[str, ...]) -> tuple[str, ...]:
    """What of a command shows a client of a relational database, without values: an option's name, a client's, or that of a URL."""
    found: list[str] = []
    for segment, _ in commands(command):
        program = next((base_name(word) for word in segment if not _BEFORE_A_PROGRAM.fullmatch(word)), "")
        if program in _CLIENTS:
            found.append(program)
        for word in segment:
            flag = _FLAG.fullmatch(word)
            if flag is not None and (place_of(flag[1]) is not None or is_database_url(flag[2] or "")):
                found.append(f"the option {flag[1][:60]}")
            elif _SQL_URL.match(word):
                found.append("a URL in its command")
    return tuple(dict.fromkeys(found))


def second_pools(names: Iterable[str]) -> tuple[str, ...]:
    """The variables that show another pool than the one DB_CONN_LIMIT bounds, such as DB_REPLICA_HOST or READ_DATABASE_URL.

    A name with a qualifier of its own (READ, REPLICA, 2) is a second place only beside another one; an engine (DB_POSTGRESDB_HOST)
    is none.
    """
    known = list(names)
    places = {name: place for name in known if (place := place_of(name)) is not None}
    several = len(set(places.values())) > 1
    return tuple(
        sorted(name for name in known if name != LIMIT and (_qualified(name) or (several and places.get(name))))
    )


def further_databases(environment: Mapping[str, str | None]) -> tuple[str, ...]:
    """The variables whose values show several databases, each with a pool of its own, where no name says so.

    URLs of different ones, a list of them, and a pooler's for every database of a server: "*", or several of PgBouncer's DSNs.
    """
    found = {name for name, value in environment.items() if _every(name, value) or len(_databases_in(value or "")) > 1}
    urls = {name: _databases_in(value or "") for name, value in environment.items() if is_database_url(value or "")}
    if len(set().union(*urls.values())) > 1:
        found |= urls.keys()
    dsns = [name for name in environment if _DSN_OF_PGBOUNCER.fullmatch(name)]
    return tuple(sorted(found.union(dsns if len(dsns) > 1 else ())))


_DSN_OF_PGBOUNCER = re.compile(r"PGBOUNCER_DSN_[0-9]+")
_PLACE_IN_URL = re.compile(rf"(?:{_SQL_URL.pattern})(?:[^@/\s,]*@)?([^?#\s,;]+)", re.IGNORECASE)
_OF_A_SERVER = frozenset(["DATABASE", "NAME", "DB", "DBNAME"])


@lru_cache(maxsize=4096)
def _databases_in(text: str) -> frozenset[str]:
    """Host, port and name of each database whose URL stands in a text."""
    return frozenset(place.lower().rstrip("/") for place in _PLACE_IN_URL.findall(text))


def _every(name: str, value: str | None) -> bool:
    words = words_of(name)
    return (
        value == "*" and bool(words) and words[-1] in _OF_A_SERVER and not (SQL_WORDS | {"PGBOUNCER"}).isdisjoint(words)
    )


def _qualified(name: str) -> bool:
    own = _OWN_SECOND_POOL.fullmatch(name)
    return own is not None and not SQL_WORDS.issuperset(own[1].split("_"))


@lru_cache(maxsize=4096)
def place_of(name: str) -> tuple[str, ...] | None:
    """What qualifies the place of a database that a variable names: () for DB_HOST, ("READ",) for READ_DATABASE_URL; else None."""
    words = words_of(name)
    if _ELSE.intersection(words) or not SQL_WORDS.intersection(words) or not PLACE_WORDS.intersection(words):
        return None
    return tuple(word for word in words if word not in SQL_WORDS | PLACE_WORDS | _NEUTRAL_WORDS)


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in capital letters: DB_HOST2 is DB, HOST, 2."""
    upper = name.upper()
    return tuple(word for word in re.split(r"[_. -]+|(?<=[A-Z]{2})(?=[0-9]+(?:_|$))", _WORDS.get(upper, upper)) if word)
