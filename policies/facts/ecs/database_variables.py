"""What a container's variables and command tell of its use of a database: that it is a client, of a second pool, of processes.

Read from the names that frameworks and drivers take: this project's DB_*, libpq's PGHOST, TYPEORM_*, SPRING_DATASOURCE_*, and URLs such
as mysql://. The names and flags of process counts: Heroku's WEB_CONCURRENCY (also read by Gunicorn, Uvicorn and Puma), Gunicorn's
settings (--workers, -w, GUNICORN_CMD_ARGS), Uvicorn's (--workers) and PM2's (-i, --instances).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from policies.budget.declarations import LIMIT

_OWN = re.compile(r"DB_[A-Z0-9_]+|DATABASE_URL")
_OWN_SECOND_POOL = re.compile(r"DB_[A-Z0-9_]+_(HOST|URL|CONN_LIMIT)")
_SQL_WORDS = "DB DATABASE MYSQL MARIADB POSTGRES POSTGRESQL PG PGSQL RDS AURORA JDBC R2DBC DATASOURCE TYPEORM SEQUELIZE SQLALCHEMY"
_PLACE_WORDS = "HOST HOSTNAME HOSTADDR URL URI DSN ENDPOINT SERVER ADDRESS ADDR"
_NO_SQL_WORDS = (
    "MONGO MONGODB DOCDB DOCUMENTDB REDIS VALKEY DYNAMO DYNAMODB INFLUX CASSANDRA ELASTIC NEO4J NEPTUNE GEOIP"
)
_NO_PLACE_WORDS = "PORT USER USERNAME PASSWORD PASS CA CERT SSL TLS MODE PARAMS OPTIONS VERSION TIMEOUT SCHEME ID"
_NEUTRAL_WORDS = "SPRING QUARKUS DJANGO PRISMA LARAVEL RAILS FLASK CONNECTION STRING NAME"
_SQL, _PLACE, _NEUTRAL = (frozenset(words.split()) for words in (_SQL_WORDS, _PLACE_WORDS, _NEUTRAL_WORDS))
_ELSE = frozenset(f"{_NO_SQL_WORDS} {_NO_PLACE_WORDS}".split())
_WORDS = {"PGHOST": "PG_HOST", "PGHOSTADDR": "PG_HOST"}
_SQL_URL = re.compile(
    r"(?:[a-z0-9-]+:)*(?:mysql2?|mariadb|postgres(?:ql)?)(?:\+[a-z0-9]+)?(?::[a-z]+)?://", re.IGNORECASE
)

_PROCESS_COUNT = re.compile(
    r"WEB_CONCURRENCY|(?:PM2|PUMA|UVICORN|GUNICORN|UNICORN|HYPERCORN|UWSGI|NODE|CLUSTER|WEB)_(?:WORKERS|PROCESSES|INSTANCES)"
)
_PROCESS_FLAG = re.compile(r"(?:^|\s)(--workers|--processes|--instances|-w|-i)[=\s]+(max|-?[0-9]+)(?=\s|$)")
_PROCESS_MANAGER = re.compile(r"(?:^|[\s/])(?:pm2|pm2-runtime|gunicorn|uvicorn|puma|unicorn|hypercorn|uwsgi)(?=\s|$)")


@lru_cache(maxsize=4096)
def tells_of_database(name: str, value: str | None) -> bool:
    """Whether a variable makes its container a client of a relational database. value: None where it is not known."""
    return bool(_OWN.fullmatch(name)) or _place(name) is not None or bool(_SQL_URL.match(value or ""))


def second_pools(names: Iterable[str]) -> tuple[str, ...]:
    """The variables that tell of another pool than the one DB_CONN_LIMIT bounds, such as DB_REPLICA_HOST or READ_DATABASE_URL.

    A name with a qualifier of its own (READ, REPLICA, 2) is a second place only beside another one.
    """
    known = list(names)
    places = {name: place for name in known if (place := _place(name)) is not None}
    several = len(set(places.values())) > 1
    return tuple(
        sorted(
            name
            for name in known
            if name != LIMIT and (_OWN_SECOND_POOL.fullmatch(name) or (several and places.get(name)))
        )
    )


def several_processes(environment: Mapping[str, str | None], command: Sequence[str]) -> tuple[str, ...]:
    """The variables and flags that tell of more than one process in a container, such as WEB_CONCURRENCY or "-i max"."""
    return tuple(sorted(_several_processes(environment, " ".join(command))))


def _several_processes(environment: Mapping[str, str | None], command: str) -> Iterator[str]:
    for name, value in environment.items():
        if _PROCESS_COUNT.fullmatch(name) and (value or "").strip() != "1":
            yield name
    arguments = environment.get("GUNICORN_CMD_ARGS") or ""
    managed = command if _PROCESS_MANAGER.search(command) else ""
    for text in (managed, arguments):
        yield from (f'"{flag} {count}"' for flag, count in _PROCESS_FLAG.findall(text) if count != "1")


@lru_cache(maxsize=4096)
def _place(name: str) -> tuple[str, ...] | None:
    """What qualifies the place of a database that a variable names: () for DB_HOST, ("READ",) for READ_DATABASE_URL; else None."""
    upper = name.upper()
    words = [word for word in re.split(r"_+|(?<=[A-Z])(?=[0-9]+(?:_|$))", _WORDS.get(upper, upper)) if word]
    if _ELSE.intersection(words) or not _SQL.intersection(words) or not _PLACE.intersection(words):
        return None
    return tuple(word for word in words if word not in _SQL | _PLACE | _NEUTRAL)
