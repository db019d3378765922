"""Names of pool sizes: whether a variable, an option or a parameter says how large a database's pool is, and of which pool."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from policies.facts.ecs.stated.database_variables import NO_SQL_WORDS, PLACE_WORDS, SQL_WORDS, words_of

POOL_NAME_ENDINGS = (
    r"POOL(?:_(?:SIZE|MAX|LIMIT|MAX_SIZE|MAXSIZE|MAX_CONNS?|MAX_CONNECTIONS?|MAX_OPEN|CONNECTIONS|CAPACITY))?"
    r"|POOLSIZE|(?:MAX|MAXIMUM)_POOL(?:_SIZE)?|MAXPOOLSIZE|MAXIMUMPOOLSIZE|MAXPOOL|POOLMAX"
    r"|MAX_(?:OPEN_|ACTIVE_|DB_|TOTAL_)?(?:CONN|CONNS|CONNECTION|CONNECTIONS)|MAXCONNECTIONS|MAXCONN|MAXOPENCONNS"
    r"|(?:CONN|CONNS|CONNECTION|CONNECTIONS)_(?:LIMIT|MAX)|CONNECTIONLIMIT|CONNLIMIT|CONNECTIONS|CONNS"
    r"|MAX_ACTIVE|MAXACTIVE|MAX_TOTAL|MAXTOTAL|(?:JDBC|REACTIVE)_MAX_SIZE|MAX_CONCURRENT_QUERIES"
    r"|(?:ASYNCPG|PSYCOPG|C3P0|AGROAL|HIKARI)_MAX_?SIZE|PGPOOL_MAX|PGPOOLSIZE"
)
"""How names of a pool's size end, in words. By source:
Flask-SQLAlchemy (SQLALCHEMY_POOL_SIZE) and create_engine (pool_size); Django and its pools (DB_POOL_SIZE, DB_MAX_CONNS);
Prisma (connection_limit) and mysql2 (connectionLimit); TypeORM (TYPEORM_POOL_SIZE), Sequelize and Knex (pool.max:
DB_POOL_MAX), Directus (DB_POOL__MAX), n8n (DB_POSTGRESDB_POOL_SIZE); HikariCP (maximumPoolSize), Tomcat's and DBCP2's pools
(maxActive, maxTotal), R2DBC (SPRING_R2DBC_POOL_MAX_SIZE), Quarkus (QUARKUS_DATASOURCE_JDBC_MAX_SIZE), Micronaut
(DATASOURCES_DEFAULT_MAXIMUM_POOL_SIZE), C3P0 (hibernate.c3p0.max_size), Keycloak (KC_DB_POOL_MAX_SIZE); Rails' database.yml
(DB_POOL, RAILS_DB_POOL); Laravel (DB_POOL_MAX_CONNECTIONS); database/sql (SetMaxOpenConns: DB_MAX_OPEN_CONNS), pgx
(pool_max_conns), Grafana (GF_DATABASE_MAX_OPEN_CONN); Hasura (HASURA_GRAPHQL_PG_CONNECTIONS); PostgREST (PGRST_DB_POOL);
PgBouncer (PGBOUNCER_DEFAULT_POOL_SIZE, DEFAULT_POOL_SIZE, max_db_connections); Kong (KONG_PG_MAX_CONCURRENT_QUERIES); Npgsql
and MySqlConnector (Maximum Pool Size); Ecto (POOL_SIZE)."""

BARE_POOL_NAMES = (
    r"POOL|POOLSIZE|(?:POOL|MAX_POOL|MAXIMUM_POOL|CONNECTION_POOL|CONN_POOL)_(?:SIZE|MAX|LIMIT|MAX_SIZE)"
    r"|(?:(?:DATASOURCES_)?DEFAULT|ACTIVE_RECORD|JAKARTA)_(?:MAXIMUM_|MAX_)?POOL_SIZE"
    r"|(?:HIBERNATE_)?(?:ASYNCPG|PSYCOPG|C3P0|AGROAL|HIKARI)_MAX_?SIZE|PGPOOL_MAX|PGPOOLSIZE"
    r"|MAX_POOL|MAX_OPEN_CONN(?:ECTION)?S|CONNECTION_LIMIT"
)
"""Of these the names that say it without a word of databases before them."""

OVERFLOW_ENDINGS = r"MAX_OVERFLOW|MAXOVERFLOW|POOL_OVERFLOW|RESERVE_POOL_SIZE"
"""What SQLAlchemy's QueuePool opens beside its size (docs.sqlalchemy.org, Connection pooling), PgBouncer's reserve likewise
(pgbouncer.org, Configuration, reserve_pool_size), which is within max_db_connections."""
WHOLE, RESERVE = "MAX_DB_CONNECTIONS", "RESERVE_POOL_SIZE"

ORM_WORDS: Mapping[str, str] = {
    "HIKARI HIKARICP DBCP2 DBCP C3P0 AGROAL JPA HIBERNATE SQL DATASOURCES": "Java",
    "KNEX PRISMA ORM DRIZZLE OBJECTION SEQUELIZE MIKRO": "Node.js",
    "DJANGO ALCHEMY ASYNCPG PSYCOPG": "Python",
    "RAILS ACTIVERECORD": "Ruby",
    "LARAVEL DOCTRINE": "PHP",
    "GORM PGX PGXPOOL SQLX ECTO DIESEL": "Go, Elixir, Rust",
    "PGBOUNCER PGRST HASURA NPGSQL POSTGRESDB": "servers and drivers",
}
"""Words that show a relational database in the name of a pool's size."""

_ROLES = "READ READER READONLY RO REPLICA REPLICAS SECONDARY SLAVE FOLLOWER STANDBY ANALYTICS REPORTING REPORT REPORTS"
ROLES = frozenset(_ROLES.split())
"""Words of a second pool beside the one that DB_CONN_LIMIT bounds."""

SQL = SQL_WORDS | frozenset(" ".join(ORM_WORDS).split())
_ELSE = (
    "HTTP HTTPS THREAD CLIENT KAFKA AMQP RABBITMQ SMTP GRPC TCP SOCKET WS CACHE MEMCACHED LDAP S3 EXECUTOR MIN "
    "MINIMUM INITIAL IDLE BROKER RESULT"
)
NOT_A_DATABASE = NO_SQL_WORDS | frozenset(_ELSE.split())
_NAME = re.compile(rf"(?:(.*)_)?({POOL_NAME_ENDINGS})")
_OVERFLOW = re.compile(rf"(?:(.*)_)?({OVERFLOW_ENDINGS})")
_BARE = re.compile(BARE_POOL_NAMES)
_WITHIN = re.compile(r"MAX_SIZE|MAXSIZE|MAX_POOL|MAX")
"""What names the size in a pool's own document or a database's URL."""

_NO_POOL = (
    "SPRING QUARKUS CONNECTION DEFAULT MAIN PRIMARY APP APPLICATION MY MAX POOL OPEN TOMCAT JDBC R2DBC REACTIVE "
    "ENGINE GF KC MB N8N GRAPHQL MICRONAUT DATASOURCES AIRFLOW KONG STRAPI WRITE WRITER MASTER ACTIVE RECORD MAXIMUM"
)
_PARTS = frozenset(_NO_POOL.split())
"""Words that name no pool of their own."""


class Size(NamedTuple):
    """A name of a pool's size. role: the words of a second pool; qualifier: what else stands before it."""

    role: tuple[str, ...]
    qualifier: tuple[str, ...]
    overflow: bool


@lru_cache(maxsize=4096)
def size_name(name: str, *, within: bool = False) -> Size | None:
    """Whether a name states the size of a database's pool; within: it stands in a URL or a document of one."""
    spelled = name if name.isupper() else re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    words = words_of(re.sub("(?i)dbcp2", "DBCP", spelled))
    joined = "_".join(words)
    overflow = _OVERFLOW.fullmatch(joined)
    match = overflow or _NAME.fullmatch(joined) or (_WITHIN.fullmatch(joined) if within else None)
    if match is None or NOT_A_DATABASE.intersection(words):
        return None
    before = [word for word in ((match[1] if match.re is not _WITHIN else "") or "").split("_") if word]
    role = tuple(word for word in before if word in ROLES)
    bare = overflow or _BARE.fullmatch("_".join(word for word in words if word not in ROLES))
    if not (within or bare or SQL.intersection(before)):
        return None
    qualifier = tuple(word for word in before if word not in SQL | ROLES | PLACE_WORDS | _PARTS)
    return Size(role, () if within else qualifier, overflow=overflow is not None)
