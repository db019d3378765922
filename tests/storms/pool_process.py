"""One process of a task with SQLAlchemy pools of PyMySQL connections: the same lines of JSON as node/pool.mjs."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import pymysql
from sqlalchemy.pool import QueuePool

PATIENCE_SECONDS = 600  # longer than any storm: a request that waits for a connection must wait, not fail


class Process:
    """The pools and the requests that hold their connections until they are released."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self._spec = spec
        self._released = threading.Event()
        self._lock = threading.Lock()
        self.pushes: bool = spec["push"]
        self.refused: Counter[str] = Counter()
        self.pools = [
            QueuePool(self._connect, pool_size=spec["limit"], max_overflow=0, timeout=PATIENCE_SECONDS)
            for _ in range(spec["pools"])
        ]

    def _connect(self) -> pymysql.Connection[Any]:
        spec = self._spec
        return pymysql.connect(
            host=spec["host"],
            port=spec["port"],
            user=spec["user"],
            password=spec["password"],
            database=spec["database"],
            ssl={"ca": spec["authority_file"], "check_hostname": False} if spec["authority_file"] else None,
            connect_timeout=60,
        )

    @contextmanager
    def _pooled(self, pool: QueuePool) -> Iterator[Any]:
        connection = pool.connect()
        try:
            yield connection
        finally:
            connection.close()

    def fill(self, pool: QueuePool) -> list[tuple[Future[bool], Future[bool]]]:
        return [self.request(lambda: self._pooled(pool)) for _ in range(self._spec["limit"])]

    def outside(self) -> list[tuple[Future[bool], Future[bool]]]:
        return [self.request(self._connect) for _ in range(self._spec["outside"])]

    def request(self, take: Callable[[], Any]) -> tuple[Future[bool], Future[bool]]:
        """A request that keeps its connection until released: (has one, was answered after the release)."""
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

    def release(self) -> None:
        self._released.set()


def _query(connection: Any, text: str) -> None:
    cursor = connection.cursor()
    cursor.execute(text)
    cursor.fetchall()
    cursor.close()


def main() -> None:
    process = Process(json.loads(sys.stdin.readline()))
    first = [process.fill(pool) for pool in process.pools]
    outside = process.outside()
    requests = [*(each for requests in first for each in requests), *outside]
    holding = sum(held.result() for held, _ in requests)
    more: list[tuple[Future[bool], Future[bool]]] = []
    for pool, requests_of_pool in zip(process.pools, first, strict=True):
        if process.pushes and all(held.result() for held, _ in requests_of_pool):
            more.extend(process.fill(pool))
    print(json.dumps({"held": holding, "pushed": len(more), "refused": process.refused}), flush=True)
    if sys.stdin.readline().strip() == "release":
        process.release()
        answered = sum(answer.result() for _, answer in [*requests, *more])
        print(json.dumps({"answered": answered, "refused": process.refused}), flush=True)
        sys.stdin.readline()
    os._exit(0)  # the sockets close with the process, as when ECS stops a task


if __name__ == "__main__":
    main()
