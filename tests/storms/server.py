"""A running MariaDB server as a test sees it: the server's own counts, the administrator's session, sessions like an application's."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Imported where it is used, so that a machine without it can still say what is missing.
    import pymysql

HOST = "127.0.0.1"
SCHEMA = "itemscout"
TRIES = 600
"""Looks at the server before a condition is given up; with PAUSE between them a minute."""
PAUSE = 0.1

PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server. `observer` is the administrator's one session: it takes one connection of the reserve."""

    port: int
    socket: Path
    authority: Path
    max_connections: int
    observer: pymysql.Connection[Any]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.observer.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def status(self, name: str) -> int:
        """A counter of SHOW GLOBAL STATUS."""
        ((_, value),) = self.rows(f"SHOW GLOBAL STATUS LIKE '{name}'")
        return int(value)

    @property
    def open_connections(self) -> int:
        """Connections besides the observer's."""
        return self.status("Threads_connected") - 1

    @property
    def most_connections(self) -> int:
        """The most connections that were ever open at once, besides the observer's."""
        return self.status("Max_used_connections") - 1

    @property
    def refused_by_acceptor(self) -> int:
        """Connections refused with error 1040 before they could log in."""
        return self.status("Connection_errors_max_connections")

    @property
    def over_max_connections(self) -> bool:
        """Whether there ever was one connection over max_connections.

        The server lets that one log in, for an administrator may use it, and then refuses everyone else with error
        1040: which Connection_errors_max_connections does not count.
        """
        return self.status("Max_used_connections") > self.max_connections

    def wait_for_connections(self, number: int) -> None:
        """Look until as many connections are open: the server takes note of a closed socket a little later."""
        wait_until(lambda: self.open_connections == number, lambda: f"{self.open_connections} open, not {number}")

    def wait_for_refusals(self, number: int) -> None:
        """Look until the acceptor has counted as many refusals: it answers a client first, and then counts."""
        wait_until(
            lambda: self.refused_by_acceptor == number, lambda: f"{self.refused_by_acceptor} refused, not {number}"
        )

    def wait_for_sleep(self, seconds: int) -> None:
        """Look until every session of the applications has slept that long by the server's own clock."""
        awake = f"SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = '{SCHEMA}' AND TIME < {seconds}"
        wait_until(lambda: self.rows(awake) == [(0,)], lambda: f"{self.rows(awake)} have not slept {seconds} s")

    def run_sql(self, sql: str) -> subprocess.CompletedProcess[str]:
        """Run SQL as people do: through the client's standard input, as the administrator."""
        client = shutil.which("mariadb", path=PATH) or "mariadb"
        command = [client, "--no-defaults", f"--socket={self.socket}", "--user=root", "--batch"]
        return subprocess.run(command, input=sql, capture_output=True, text=True, check=False)

    def connect(self, user: str, password: str, *, encrypted: bool = True, database: str = SCHEMA) -> Any:
        """A session over TCP like an application's; used as a context manager it closes."""
        import pymysql

        tls = {"ca": str(self.authority), "check_hostname": False} if encrypted else None
        return pymysql.connect(
            host=HOST,
            port=self.port,
            user=user,
            password=password.encode(),  # PyMySQL would encode text as Latin-1, mysql2 and the server take UTF-8
            database=database,
            ssl=tls,
            ssl_disabled=not encrypted,
            autocommit=True,
            connect_timeout=60,
        )

    def administrator(self) -> Any:
        """One more session of the administrator; used as a context manager it closes."""
        return administrator(self.socket)

    def refusal(self, user: str, password: str, *, encrypted: bool = True, statement: str = "SELECT 1") -> int | None:
        """The number of the error that a session meets when it connects or runs the statement; None: it meets none."""
        import pymysql

        try:
            with self.connect(user, password, encrypted=encrypted) as session, session.cursor() as cursor:
                cursor.execute(statement)
        except pymysql.MySQLError as error:
            return int(error.args[0])
        return None


def wait_until(condition: Callable[[], bool], state: Callable[[], str]) -> None:
    """Look at a condition a bounded number of times; then fail with the state that was found."""
    for _ in range(TRIES):
        if condition():
            return
        time.sleep(PAUSE)
    raise AssertionError(f"gave up after {TRIES} looks: {state()}")


def administrator(path: Path) -> pymysql.Connection[Any]:
    import pymysql

    # A socket needs no TLS.
    return pymysql.connect(unix_socket=str(path), user="root", autocommit=True, ssl_disabled=True)
