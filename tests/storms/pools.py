"""Starts and drives real connection pools: those of the tasks that start and stop together live in one process."""

import json
import select
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.storms.server import HOST, SCHEMA, Server

PATIENCE_SECONDS = 120
"""How long a process may stay silent before the test gives it up; no result depends on it."""

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolClient:
    """A pool implementation: how to start a process of it."""

    name: str
    command: tuple[str, ...]


PYTHON = PoolClient(name="SQLAlchemy QueuePool", command=(sys.executable, str(_HERE / "pool_process.py")))


def node_client() -> PoolClient | str:
    """mysql2 on Node, or what is missing."""
    node, module = shutil.which("node"), _HERE / "node" / "node_modules" / "mysql2" / "package.json"
    if node is None:
        return "node is not installed"
    if not module.is_file():
        return "mysql2 is not installed: npm ci --prefix tests/storms/node"
    version = json.loads(module.read_text())["version"]
    return PoolClient(name=f"mysql2 {version}", command=(node, str(_HERE / "node" / "pool.mjs")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """An account of the database as a process gets it."""

    user: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pools:
    """What one process opens: `pools` pools of `limit` connections each, and `outside` connections of no pool.

    push: send each full pool as many requests again, which must wait in the process.
    """

    limit: int
    pools: int = 1
    outside: int = 0
    push: bool = True


class Processes:
    """The processes of tasks that start and stop together, also when the test fails; requests keep their connections until `release`.

    They are one process of this machine, in which each has pools of its own: it costs more to start one than to open its pools,
    and neither the pools nor the server can tell.
    """

    def __init__(self, client: PoolClient, server: Server) -> None:
        self._server = server
        self._added: list[dict[str, Any]] = []
        self._process = subprocess.Popen(client.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def add(self, login: Login, pools: Pools) -> None:
        """One more of them, before they are opened."""
        self._added.append(
            {
                "user": login.user,
                "password": login.password,
                "limit": pools.limit,
                "pools": pools.pools,
                "outside": pools.outside,
                "push": pools.push,
            }
        )

    def opened(self) -> tuple[int, Counter[str]]:
        """Wait until every pool is full or was refused, and the queues are filled on top: connections held, errors by number."""
        server = self._server
        spec = {
            "host": HOST,
            "port": server.port,
            "database": SCHEMA,
            "authority": server.authority.read_text(),
            "authority_file": str(server.authority),
            "processes": self._added,
        }
        self._say(json.dumps(spec))
        heard = self._hear()
        return heard["held"], Counter(heard["refused"])

    def answered(self) -> tuple[int, Counter[str]]:
        """Release all, those that wait in the queues too: requests answered in the end, and errors by number."""
        self._say("release")
        heard = self._hear()
        return heard["answered"], Counter(heard["refused"])

    def __len__(self) -> int:
        return len(self._added)

    def stop(self) -> None:
        """End them, as ECS does; their connections close with them."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.kill()
        self._process.wait()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")

    def _hear(self) -> dict[str, Any]:
        stream = self._process.stdout
        assert stream is not None
        while b"\n" not in self._rest:
            ready, _, _ = select.select([stream], [], [], PATIENCE_SECONDS)
            chunk = stream.read(65_536) if ready else b""
            if not chunk:
                state = "ended" if ready else f"said nothing for {PATIENCE_SECONDS} s"
                raise AssertionError(f"a process of pools {state}; its errors are on standard error above")
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        heard: dict[str, Any] = json.loads(line)
        return heard
