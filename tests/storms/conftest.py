"""What the storms run on: MariaDB servers of their own and real pools; without them a skip that says what is missing."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from policies.budget.verdict import Budget
from tests.lacking import lacking
from tests.storms.mariadb import installed_data, mariadb, what_is_missing
from tests.storms.pools import PoolClient, node_client, python_client
from tests.storms.server import Server

StartServer = Callable[..., Server]

FIGURES = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print what the storms reached: seeds and figures are the record of the proof."""
    figures = config.stash.get(FIGURES, [])
    if figures:
        terminalreporter.section("storms against a real server")
        for line in figures:
            terminalreporter.write_line(line)


@pytest.fixture
def figures(pytestconfig: pytest.Config) -> list[str]:
    """Lines for the end of the report."""
    return pytestconfig.stash.setdefault(FIGURES, [])


@pytest.fixture(scope="session")
def server_data() -> Iterator[Path]:
    """What each server begins with."""
    missing = what_is_missing()
    if missing:
        lacking(f"the storms need {missing}")
    with installed_data() as data:
        yield data


@pytest.fixture
def start_server(server_data: Path) -> Iterator[StartServer]:
    """Starts servers for a budget, or with max_connections, and wait_timeout in seconds; all stop with the test."""
    with ExitStack() as servers:

        def start(limits: Budget | int, *, wait_timeout: int = 60, require_tls: bool = True) -> Server:
            number = limits if isinstance(limits, int) else limits.supply.max_connections
            return servers.enter_context(
                mariadb(server_data, max_connections=number, wait_timeout=wait_timeout, require_tls=require_tls)
            )

        yield start


@pytest.fixture(scope="session")
def pool_clients() -> Iterator[Mapping[str, PoolClient | str]]:
    """Both pools by language, or what is missing of one; their processes last as long as the tests."""
    clients = {"node": node_client(), "python": python_client()}
    yield clients
    for client in clients.values():
        if isinstance(client, PoolClient):
            client.close()


@pytest.fixture
def pool_client(pool_clients: Mapping[str, PoolClient | str]) -> PoolClient:
    """mysql2 on Node where it is installed, SQLAlchemy's pool elsewhere."""
    missing = list[str]()
    for client in pool_clients.values():
        if isinstance(client, PoolClient):
            return client
        missing.append(client)
    return lacking(", and ".join(missing))


@pytest.fixture(params=["node", "python"])
def each_pool_client(request: pytest.FixtureRequest, pool_clients: Mapping[str, PoolClient | str]) -> PoolClient:
    """Both pools, one after the other."""
    client = pool_clients[request.param]
    return client if isinstance(client, PoolClient) else lacking(client)
