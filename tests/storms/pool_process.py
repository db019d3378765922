"""Processes of tasks with SQLAlchemy pools of PyMySQL connections: the same lines of JSON as node/pool.mjs."""

from __future__ import annotations

import itertools
import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import pymysql
from sqlalchemy.pool import QueuePool

PATIENCE_SECONDS = 600  # longer than any storm: a request that waits for a connection must wait, not fail


Request = tuple[Future[bool], Future[bool]]
"""Whether it has a connection, and whether it was answered after the release."""

RELEASED = threading.Event()


class Process:
    """The pools of one process and the requests that hold their connections until they are released."""

    def __init__(self, server: dict[str, Any], spec: dict[str, Any]) -> None:
        self._server, self._spec = server, spec
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

    def _connect(self) -> pymysql.Connection[Any]:
        server, spec = self._server, self._spec
        return pymysql.connect(
            host=server["host"],
            port=server["port"],
            user=spec["user"],
            password=spec["password"],
            database=server["database"],
            ssl={"ca": server["authority_file"], "check_hostname": False},
            connect_timeout=60,
        )

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
                    RELEASED.wait()
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


def main() -> None:
    server = json.loads(sys.stdin.readline())
    processes = [Process(server, spec) for spec in server["processes"]]
    held = sum(process.held() for process in processes)
    for process in processes:
        process.push()
    print(json.dumps({"held": held, "refused": _refused(processes)}), flush=True)
    if sys.stdin.readline().strip() == "release":
        RELEASED.set()
        answered = sum(process.answered() for process in processes)
        print(json.dumps({"answered": answered, "refused": _refused(processes)}), flush=True)
        sys.stdin.readline()
    os._exit(0)  # the sockets close with the process, as when ECS stops a task


def _refused(processes: Sequence[Process]) -> Counter[str]:
    return sum((process.refused for process in processes), Counter())


if __name__ == "__main__":
    main()
