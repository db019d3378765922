"""Processes of tasks with SQLAlchemy pools of PyMySQL connections, wave by wave: the same lines of JSON as node/pool.mjs."""

from __future__ import annotations

import itertools
import json
import os
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import pymysql
from sqlalchemy.pool import QueuePool

PATIENCE_SECONDS = 600  # longer than any storm: a request that waits for a connection must wait, not fail


Request = tuple[Future[bool], Future[bool]]
"""Whether it has a connection, and whether it was answered after the release."""


class Process:
    """The pools of one process and the requests that hold their connections until they are released."""

    def __init__(self, server: dict[str, Any], spec: dict[str, Any], released: threading.Event) -> None:
        self._server, self._spec, self._released = server, spec, released
        self._connections: list[pymysql.Connection[Any]] = []
        self._lock = threading.Lock()
        self.refused: Counter[str] = Counter()
        self._pools = [
            QueuePool(self._connect, pool_size=spec["limit"], max_overflow=0, timeout=PATIENCE_SECONDS)
            for _ in range(spec["pools"])
        ]
        self._first = [self._fill(pool) for pool in self._pools]
        self._outside = [self._request(self._connect) for _ in range(spec["outside"])]
        self._more: list[Request] = []

    def held(self) -> int:
        """Connections held once each request has one or was refused."""
        return sum(held.result() for held, _ in (*itertools.chain(*self._first), *self._outside))

    def push(self) -> None:
        """As many requests again for each pool that is full, which must wait in the process."""
        if self._spec["push"]:
            for pool, requests in zip(self._pools, self._first, strict=True):
                if all(held.result() for held, _ in requests):
                    self._more.extend(self._fill(pool))

    def answered(self) -> int:
        return sum(answer.result() for _, answer in (*itertools.chain(*self._first), *self._outside, *self._more))

    def end(self) -> None:
        """Its sockets close as when ECS stops a task. What waits in the queues waits on, without a connection to be had."""
        for connection in self._connections:
            connection._force_close()  # type: ignore[attr-defined]

    def _connect(self) -> pymysql.Connection[Any]:
        server, spec = self._server, self._spec
        connection = pymysql.connect(
            host=server["host"],
            port=server["port"],
            user=spec["user"],
            password=spec["password"],
            database=server["database"],
            ssl={"ca": server["authority_file"], "check_hostname": False},
            connect_timeout=60,
        )
        self._connections.append(connection)
        return connection

    @contextmanager
    def _pooled(self, pool: QueuePool) -> Iterator[Any]:
        connection = pool.connect()
        try:
            yield connection
        finally:
            connection.close()

    def _fill(self, pool: QueuePool) -> list[Request]:
        return [self._request(lambda: self._pooled(pool)) for _ in range(self._spec["limit"])]

    def _request(self, take: Callable[[], Any]) -> Request:
        """A request that keeps its connection until released."""
        held: Future[bool] = Future()
        answered: Future[bool] = Future()

        def run() -> None:
            try:
                with take() as connection:
                    _query(connection, "SELECT CONNECTION_ID()")
                    held.set_result(True)
                    self._released.wait()
                    _query(connection, "SELECT 1")
                answered.set_result(True)
            except pymysql.MySQLError as error:
                with self._lock:
                    self.refused[str(error.args[0])] += 1
                if not held.done():
                    held.set_result(False)
                answered.set_result(False)

        threading.Thread(target=run, daemon=True).start()
        return held, answered


def _query(connection: Any, text: str) -> None:
    cursor = connection.cursor()
    cursor.execute(text)
    cursor.fetchall()
    cursor.close()


class Wave:
    """The processes that start and stop together."""

    def __init__(self) -> None:
        self._processes: list[Process] = []
        self._released = threading.Event()

    def open(self, spec: dict[str, Any]) -> int:
        """How many connections are held once each request has one or was refused."""
        self._processes = [Process(spec, each, self._released) for each in spec["processes"]]
        held = sum(process.held() for process in self._processes)
        for process in self._processes:
            process.push()
        return held

    def release(self, _spec: None) -> int:
        self._released.set()
        return sum(process.answered() for process in self._processes)

    def end(self, _spec: None) -> int:
        for process in self._processes:
            process.end()
        return 0

    def refused(self) -> Counter[str]:
        return sum((process.refused for process in self._processes), Counter())


def main() -> None:
    waves = defaultdict[int, Wave](Wave)
    for line in sys.stdin:
        request = json.loads(line)
        wave = waves[request["wave"]]
        number = getattr(wave, request["do"])(request["spec"])
        print(json.dumps({"number": number, "refused": wave.refused()}), flush=True)
    os._exit(0)  # with the threads that wait


if __name__ == "__main__":
    main()
