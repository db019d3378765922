"""Starts processes with real connection pools and drives them: one process stands for one process of a task."""

from __future__ import annotations

import json
import select
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a process found when it opened everything: connections it holds, requests it pushed on top, errors by number."""

    held: int
    pushed: int
    refused: Mapping[str, int]


class PoolProcess:
    """A running process; every request it makes keeps its connection until `release`."""

    def __init__(self, client: PoolClient, server: Server, login: Login, pools: Pools) -> None:
        self.pools = pools
        spec = {
            "host": HOST,
            "port": server.port,
            "user": login.user,
            "password": login.password,
            "database": SCHEMA,
            "authority": server.authority.read_text(),
            "authority_file": str(server.authority),
            "limit": pools.limit,
            "pools": pools.pools,
            "outside": pools.outside,
            "push": pools.push,
        }
        self._process = subprocess.Popen(client.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self._rest = b""
        self._say(json.dumps(spec))

    def opened(self) -> Opened:
        """Wait until every pool is full or was refused, and the queues are filled on top."""
        return Opened(**self._hear())

    def release(self) -> None:
        """Let every request end; those that wait in the queues take their turns."""
        self._say("release")

    def answered(self) -> tuple[int, Mapping[str, int]]:
        """Requests that were answered in the end, and errors by number."""
        heard = self._hear()
        return heard["answered"], heard["refused"]

    def stop(self) -> None:
        """End the process, as ECS does; its connections close with it."""
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


class Processes:
    """A group of processes that is stopped as one, also when the test fails."""

    def __init__(self) -> None:
        self._running: list[PoolProcess] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, client: PoolClient, server: Server, login: Login, pools: Pools) -> PoolProcess:
        process = PoolProcess(client, server, login, pools)
        self._running.append(process)
        return process

    def opened(self) -> tuple[int, Counter[str]]:
        """Wait for all: connections held together, and errors by number."""
        found = [process.opened() for process in self._running]
        return sum(each.held for each in found), _total(each.refused for each in found)

    def answered(self) -> tuple[int, Counter[str]]:
        """Release all: requests answered together, and errors by number."""
        for process in self._running:
            process.release()
        found = [process.answered() for process in self._running]
        return sum(number for number, _ in found), _total(errors for _, errors in found)

    def stop(self) -> None:
        while self._running:
            self._running.pop().stop()

    def __len__(self) -> int:
        return len(self._running)


def _total(errors: Iterable[Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in errors:
        total.update(each)
    return total
