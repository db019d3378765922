"""Starts and drives real connection pools: those of the tasks that start and stop together live in one process."""

import importlib.util
import itertools
import json
import select
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.storms.server import HOST, SCHEMA, Server

PATIENCE_SECONDS = 120
"""How long a process may stay silent before the test gives it up; no result depends on it."""

_HERE = Path(__file__).parent


class PoolClient:
    """A pool implementation: a process of it, which is started when it is first asked, answers a line of JSON with one."""

    def __init__(self, name: str, *command: str) -> None:
        self.name = name
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._rest = b""

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Its answer, in which `PATIENCE_SECONDS` may pass."""
        if self._process is None:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(request).encode() + b"\n")
        while b"\n" not in self._rest:
            ready, _, _ = select.select([stdout], [], [], PATIENCE_SECONDS)
            chunk = stdout.read(65_536) if ready else b""
            if not chunk:
                state = "ended" if ready else f"said nothing for {PATIENCE_SECONDS} s"
                raise AssertionError(f"the process of {self.name} {state}; its errors are on standard error above")
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process; the next request starts another."""
        if self._process is not None:
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    stream.close()
            self._process.kill()
            self._process.wait()
        self._process, self._rest = None, b""


def python_client() -> PoolClient | str:
    """SQLAlchemy's pool, or what is missing."""
    if importlib.util.find_spec("sqlalchemy") is None:
        return "SQLAlchemy is not installed (requirements-dev.txt)"
    return PoolClient("SQLAlchemy QueuePool", sys.executable, str(_HERE / "pool_process.py"))


def node_client() -> PoolClient | str:
    """mysql2 on Node, or what is missing."""
    node, module = shutil.which("node"), _HERE / "node" / "node_modules" / "mysql2" / "package.json"
    if node is None:
        return "node is not installed"
    if not module.is_file():
        return "mysql2 is not installed: npm ci --prefix tests/storms/node"
    version = json.loads(module.read_text())["version"]
    return PoolClient(f"mysql2 {version}", node, str(_HERE / "node" / "pool.mjs"))


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
    """The processes of tasks that start and stop together, also when the test fails; requests keep their connections until `answered`.

    They are of one process of this machine, in which each has pools of its own: it costs more to start one than to open its
    pools, and neither the pools nor the server can tell.
    """

    _numbers = itertools.count()

    def __init__(self, client: PoolClient, server: Server) -> None:
        self._client, self._server = client, server
        self._added: list[dict[str, Any]] = []
        self._wave = next(self._numbers)

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
        return self._ask("open", spec)

    def answered(self) -> tuple[int, Counter[str]]:
        """Release all, those that wait in the queues too: requests answered in the end, and errors by number."""
        return self._ask("release")

    def __len__(self) -> int:
        return len(self._added)

    def stop(self) -> None:
        """End them, as ECS does: their sockets close without a farewell."""
        self._ask("end")

    def _ask(self, what: str, spec: Mapping[str, Any] | None = None) -> tuple[int, Counter[str]]:
        try:
            answer = self._client.ask({"do": what, "wave": self._wave, "spec": spec})
        except BaseException:
            self._client.close()  # with every socket: what it would say next answers nobody
            raise
        return answer["number"], Counter(answer["refused"])
