"""Which names say how large a database's pool is, and which say something else that sounds like it."""

import pytest

from policies.facts.ecs.stated.pool_names import Size, size_name

SIZES = {
    "DB_POOL_SIZE": Size((), (), overflow=False),
    "dbPoolSize": Size((), (), overflow=False),
    "spring.datasource.hikari.maximum-pool-size": Size((), (), overflow=False),
    "ORDERS_DB_POOL_SIZE": Size((), ("ORDERS",), overflow=False),
    "REPLICA_POOL_SIZE": Size(("REPLICA",), (), overflow=False),
    "SQLALCHEMY_MAX_OVERFLOW": Size((), (), overflow=True),
}
OTHERS = (
    "DB_POOL_MIN DB_POOL_TIMEOUT DB_MAX_IDLE_CONNS DB_CONN_MAX_LIFETIME CONN_MAX_AGE REDIS_MAX_CONNECTIONS MONGODB_POOL_SIZE "
    "HTTP_MAX_CONNECTIONS SPRING_TASK_EXECUTION_POOL_MAX_SIZE SPRING_DATA_REDIS_LETTUCE_POOL_MAX_ACTIVE MAX_CONNECTIONS "
    "SERVER_TOMCAT_THREADS_MAX UV_THREADPOOL_SIZE WORKER_POOL_SIZE COGNITO_USER_POOL INNODB_BUFFER_POOL_SIZE OBJECT_POOL_SIZE "
    "DB_PORT DB_MAX_SIZE"
)


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_the_size_of_a_pool(name: str, size: Size) -> None:
    assert size_name(name) == size


@pytest.mark.parametrize("name", OTHERS.split())
def test_what_is_no_size_of_a_database_s_pool(name: str) -> None:
    assert size_name(name) is None


def test_within_a_document_of_a_pool_max_is_enough() -> None:
    assert size_name("max") is None
    assert size_name("max", within=True) == Size((), (), overflow=False)
