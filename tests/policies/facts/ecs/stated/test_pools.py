"""Which pool a container states beside DB_CONN_LIMIT: one row a form, of the common stacks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.facts.ecs.stated.pool_names import size_name
from policies.facts.ecs.stated.pools import stated_pools

LARGER = [
    # Python
    ({"SQLALCHEMY_POOL_SIZE": "100", "SQLALCHEMY_MAX_OVERFLOW": "30"}, 130),
    ({"SQLALCHEMY_MAX_OVERFLOW": "30"}, 40),
    ({"SQLALCHEMY_ENGINE_OPTIONS": '{"pool_size": 50, "max_overflow": 20}'}, 70),
    ({"SQLALCHEMY_ENGINE_OPTIONS": "{'pool_size': 50}"}, 50),
    ({"AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE": "40"}, 40),
    ({"DB_POOL_SIZE": "40", "DB_MAX_OVERFLOW": "5"}, 45),
    ({"DJANGO_DB_POOL_MAX_SIZE": "25"}, 25),
    ({"DB_POOL_OPTIONS": '{"min_size": 2, "max_size": 25}'}, 25),
    # Node.js
    ({"DATABASE_URL": "mysql://db/shop?connection_limit=40"}, 40),
    ({"DATABASE_URL": "postgresql://db/shop?schema=public&connection_limit=40&pool_timeout=2"}, 40),
    ({"DATABASE_URL": "mysql://db/shop?connectionLimit=40"}, 40),
    ({"DB_URL": "postgres://db/shop?pool_size=20&max_overflow=10"}, 30),
    ({"STORE": "postgres://db/shop?pool_max_conns=33"}, 33),
    ({"TYPEORM_POOL_SIZE": "60"}, 60),
    ({"TYPEORM_DRIVER_EXTRA": '{"connectionLimit": 60}'}, 60),
    ({"SEQUELIZE_POOL_MAX": "60"}, 60),
    ({"DB_POOL_MAX": "60", "DB_POOL_MIN": "90"}, 60),
    ({"DB_POOL__MAX": "60"}, 60),
    ({"KNEX_POOL_MAX": "60"}, 60),
    ({"KNEX_POOL": '{"min": 2, "max": 60}'}, 60),
    ({"PRISMA_CONNECTION_LIMIT": "17"}, 17),
    ({"MYSQL_CONNECTION_LIMIT": "17"}, 17),
    ({"PG_POOL_MAX": "17"}, 17),
    ({"DB_POSTGRESDB_POOL_SIZE": "17"}, 17),
    ({"DATABASE_POOL_MAX": "17"}, 17),
    ({"DB_MAX_CONNECTIONS": "17"}, 17),
    # Java
    ({"SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE": "50"}, 50),
    ({"SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE": "50"}, 50),
    ({"spring.datasource.hikari.maximum-pool-size": "50"}, 50),
    ({"HIKARI_MAXIMUM_POOL_SIZE": "50"}, 50),
    ({"APP_ORDERS_HIKARI_MAXIMUM_POOL_SIZE": "50"}, 50),
    ({"SPRING_DATASOURCE_TOMCAT_MAX_ACTIVE": "50"}, 50),
    ({"SPRING_DATASOURCE_DBCP2_MAX_TOTAL": "50"}, 50),
    ({"SPRING_R2DBC_POOL_MAX_SIZE": "50"}, 50),
    ({"QUARKUS_DATASOURCE_JDBC_MAX_SIZE": "50"}, 50),
    ({"KC_DB_POOL_MAX_SIZE": "50"}, 50),
    ({"DATASOURCES_DEFAULT_MAXIMUM_POOL_SIZE": "50"}, 50),
    ({"HIBERNATE_C3P0_MAX_SIZE": "50"}, 50),
    ({"_JAVA_OPTIONS": "-Dspring.datasource.hikari.maximum-pool-size=50"}, 50),
    ({"APP_ARGS": "-Xmx1g -Dspring.datasource.hikari.maximumPoolSize=50"}, 50),
    ({"ASYNCPG_MAX_SIZE": "50"}, 50),
    ({"PGPOOL_MAX": "50"}, 50),
    ({"ACTIVE_RECORD_POOL_SIZE": "50"}, 50),
    ({"DEFAULT_POOL_SIZE": "50"}, 50),
    ({"JAVA_TOOL_OPTIONS": "-Xmx1g -Dspring.datasource.hikari.maximum-pool-size=50"}, 50),
    ({"SPRING_APPLICATION_JSON": '{"spring":{"datasource":{"hikari":{"maximum-pool-size":50}}}}'}, 50),
    ({"MB_APPLICATION_DB_MAX_CONNECTION_POOL_SIZE": "50"}, 50),
    # Ruby, PHP, Go, Elixir, .NET and servers
    ({"RAILS_MAX_THREADS": "16"}, 16),
    ({"DB_POOL": "16"}, 16),
    ({"RAILS_DB_POOL": "16"}, 16),
    ({"DATABASE_URL": "mysql2://db/shop?pool=16"}, 16),
    ({"DB_POOL_MAX_CONNECTIONS": "16"}, 16),
    ({"DB_MAX_OPEN_CONNS": "30"}, 30),
    ({"DB_MAX_OPEN_CONNECTIONS": "30"}, 30),
    ({"GF_DATABASE_MAX_OPEN_CONN": "30"}, 30),
    ({"MAX_OPEN_CONNS": "30"}, 30),
    ({"POOL_SIZE": "30"}, 30),
    ({"DB_DSN": "host=db dbname=shop pool_max_conns=30"}, 30),
    ({"DB_CONNECTION_STRING": "Server=db;Database=shop;Maximum Pool Size=80;"}, 80),
    ({"DB_CONNECTION_STRING": "Server=db;Max Pool Size = 80"}, 80),
    ({"HASURA_GRAPHQL_PG_CONNECTIONS": "50"}, 50),
    ({"PGRST_DB_POOL": "50"}, 50),
    ({"PGBOUNCER_DEFAULT_POOL_SIZE": "50"}, 50),
    ({"PGBOUNCER_MAX_DB_CONNECTIONS": "50"}, 50),
    ({"PGBOUNCER_DEFAULT_POOL_SIZE": "50", "PGBOUNCER_RESERVE_POOL_SIZE": "5"}, 55),
    ({"DEFAULT_POOL_SIZE": "50", "RESERVE_POOL_SIZE": "5"}, 55),
    ({"DEFAULT_POOL_SIZE": "20", "RESERVE_POOL_SIZE": "5", "MAX_DB_CONNECTIONS": "50"}, 50),
    ({"KONG_PG_MAX_CONCURRENT_QUERIES": "50"}, 50),
    # A second pool
    ({"DB_REPLICA_POOL_SIZE": "20"}, 30),
    ({"REPLICA_POOL_SIZE": "20"}, 30),
    ({"READ_DB_POOL_MAX": "20", "DB_POOL_MAX": "15"}, 35),
    ({"REPLICA_DATABASE_URL": "mysql://ro/shop?connection_limit=20"}, 30),
    ({"ORDERS_DB_POOL_SIZE": "12", "USERS_DB_POOL_SIZE": "8"}, 20),
]
NOT_LARGER = [
    {"DB_POOL_SIZE": "10"},
    {"DB_POOL_SIZE": "3"},
    {"DB_POOL_IDLE_MS": "60000"},
    {"DB_POOL_TIMEOUT": "60"},
    {"DB_MIN_POOL_SIZE": "60"},
    {"DB_MAX_IDLE_CONNS": "60"},
    {"REDIS_POOL_SIZE": "60"},
    {"REDIS_URL": "redis://cache?pool_size=60"},
    {"MONGO_URL": "mongodb://db/?maxPoolSize=60"},
    {"HTTP_POOL_SIZE": "60"},
    {"THREAD_POOL_SIZE": "60"},
    {"SERVER_TOMCAT_MAX_CONNECTIONS": "8192"},
    {"PGBOUNCER_MAX_CLIENT_CONN": "1000"},
    {"CONN_MAX_AGE": "600"},
    {"DB_POOL_RECYCLE": "600"},
    {"DB_CONNECTION": "mysql"},
    {"DB_POOL": "true"},
    {"DB_POOL_SIZE": ""},
    {"CELERY_BROKER_POOL_LIMIT": "60"},
    {"SQLALCHEMY_MAX_OVERFLOW": "0"},
    {"SPRING_DATASOURCE_HIKARI_MINIMUM_IDLE": "60"},
    {"DATABASE_URL": "mysql://db/shop?connect_timeout=60&pool_timeout=60"},
    {"API_URL": "https://api/?pool_size=60"},
]
UNREADABLE = [
    ({"DB_MAX_OPEN_CONNS": "0"}, "DB_MAX_OPEN_CONNS 0, which pools take for no limit"),
    ({"SQLALCHEMY_POOL_SIZE": "0"}, "SQLALCHEMY_POOL_SIZE 0, which pools take for no limit"),
    ({"SQLALCHEMY_MAX_OVERFLOW": "-1"}, "SQLALCHEMY_MAX_OVERFLOW -1, which pools take for no limit"),
    ({"DB_POOL_SIZE": None}, "DB_POOL_SIZE, whose value is not known here"),
    ({"DB_POOL_SIZE": "${SIZE}"}, 'DB_POOL_SIZE "${SIZE}", not an integer'),
    ({"DB_POOL_SIZE": "1e3"}, 'DB_POOL_SIZE "1e3", not an integer'),
    (
        {"DATABASE_URL": "mysql://db/shop?connection_limit=$LIMIT"},
        'connection_limit of DATABASE_URL "$LIMIT", not an integer',
    ),
]


@pytest.mark.parametrize(("environment", "size"), LARGER)
def test_a_larger_pool_beside_the_limit_counts(environment: dict[str, str], size: int) -> None:
    stated = stated_pools(10, {"DB_CONN_LIMIT": "10", **environment})
    assert (stated.size, stated.unknown) == (size, ())
    assert any(name in stated.by for name in environment)


@pytest.mark.parametrize("environment", NOT_LARGER)
def test_what_is_smaller_or_of_something_else_does_not(environment: dict[str, str]) -> None:
    stated = stated_pools(10, {"DB_CONN_LIMIT": "10", **environment})
    assert (stated.size, stated.by, stated.unknown) == (10, "", ())


@pytest.mark.parametrize(("environment", "why"), UNREADABLE)
def test_a_size_that_cannot_be_read_is_reported(environment: dict[str, str | None], why: str) -> None:
    assert stated_pools(10, environment).unknown == (why,)


def test_a_secret_size_is_not_known() -> None:
    assert stated_pools(10, {}, ["DB_POOL_SIZE"]).unknown == ("DB_POOL_SIZE, whose value is not known here",)
    assert stated_pools(10, {}, ["DB_PASSWORD"]).unknown == ()


@pytest.mark.parametrize(
    ("command", "size"),
    [
        (["java", "-Dspring.datasource.hikari.maximum-pool-size=50", "-jar", "app.jar"], 50),
        (["java", "-jar", "app.jar", "--spring.datasource.hikari.maximum-pool-size=50"], 50),
        (["sh", "-c", "SQLALCHEMY_POOL_SIZE=50 gunicorn app:app"], 50),
        (["server", "--db-pool-size", "50"], 50),
        (["server", "--db-max-open-conns=50"], 50),
        (["passenger", "start", "--max-pool-size", "50"], 10),
        (["celery", "worker", "--pool", "solo", "-c", "50"], 10),
        (["server", "--http-pool-size", "50"], 10),
    ],
)
def test_options_of_a_command(command: list[str], size: int) -> None:
    assert stated_pools(10, {}, command=command).size == size


def test_threads_with_a_connection_each_are_a_pool() -> None:
    assert stated_pools(10, {}, threads=(25, "-c 25")).size == 25
    assert stated_pools(10, {}, threads=(25, "-c 25")).by == "-c 25"
    assert stated_pools(10, {}, threads=(5, "-c 5")).by == ""


def test_what_states_a_pool_is_named() -> None:
    environment = {"SQLALCHEMY_POOL_SIZE": "100", "SQLALCHEMY_MAX_OVERFLOW": "30", "READ_POOL_SIZE": "2"}
    assert stated_pools(10, environment).by == (
        "SQLALCHEMY_POOL_SIZE 100 + SQLALCHEMY_MAX_OVERFLOW 30 + READ_POOL_SIZE 2"
    )


@pytest.mark.parametrize(
    ("environment", "size", "by"),
    [
        ({"DB_POOL_SIZE": "12"}, 12, "DB_POOL_SIZE 12"),
        ({"SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE": "20"}, 20, "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE 20"),
        ({"DATABASE_URL": "postgres://db/shop?connection_limit=5"}, 5, "connection_limit of DATABASE_URL 5"),
        ({"ORDERS_DB_POOL_SIZE": "5", "USERS_DB_POOL_SIZE": "4"}, 9, "ORDERS_DB_POOL_SIZE 5 + USERS_DB_POOL_SIZE 4"),
        ({"DB_POOL_SIZE": "5", "REPLICA_POOL_SIZE": "3"}, 8, "DB_POOL_SIZE 5 + REPLICA_POOL_SIZE 3"),
        ({"RAILS_MAX_THREADS": "5"}, 5, "RAILS_MAX_THREADS 5"),
        (
            {"DB_POOL_SIZE": "5", "DB_MAX_OVERFLOW": "2", "DB_URL": "mysql+pymysql://db/shop"},
            7,
            "DB_POOL_SIZE 5 + DB_MAX_OVERFLOW 2",
        ),
        # SQLAlchemy opens ten more where nothing says otherwise
        ({"SQLALCHEMY_POOL_SIZE": "5"}, 15, "SQLALCHEMY_POOL_SIZE 5 + max_overflow by default 10"),
        ({"DB_POOL_SIZE": "5", "DB_URL": "mysql+pymysql://db/shop"}, 15, "DB_POOL_SIZE 5 + max_overflow by default 10"),
        ({"SQLALCHEMY_POOL_SIZE": "5", "SQLALCHEMY_MAX_OVERFLOW": "0"}, 5, "SQLALCHEMY_POOL_SIZE 5"),
        # no pool: what is only beside one, threads whose pool may be larger, and nothing
        ({"SQLALCHEMY_MAX_OVERFLOW": "30"}, 0, ""),
        ({"REPLICA_POOL_SIZE": "3"}, 0, ""),
        ({"GUNICORN_THREADS": "8"}, 0, ""),
        ({"DB_HOST": "db"}, 0, ""),
    ],
)
def test_a_pool_counts_without_a_limit(environment: dict[str, str], size: int, by: str) -> None:
    stated = stated_pools(None, environment)
    assert (stated.size, stated.by, stated.unknown) == (size, by, ())


def test_threads_alone_are_no_pool() -> None:
    assert stated_pools(None, {}, threads=(8, "--threads 8")).size == 0
    assert stated_pools(None, {"DB_POOL_SIZE": "5"}, threads=(8, "--threads 8")).size == 8


@given(
    st.dictionaries(st.text(max_size=30), st.none() | st.text(max_size=60), max_size=5), st.lists(st.text(max_size=40))
)
def test_nothing_breaks_it_and_the_limit_is_the_least(environment: dict[str, str | None], command: list[str]) -> None:
    assert stated_pools(10, environment, command=command).size >= 10
    assert (
        stated_pools(None, environment, command=command).size
        <= stated_pools(10, environment, command=command).size + 10
    )
    assert all(size_name(name) is None or isinstance(name, str) for name in environment)
