"""A MariaDB server of the test's own: on loopback, with its own data directory, port and certificate, gone after the test."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.storms.certificates import make_certificates

if TYPE_CHECKING:
    # Imported where it is used, so that a machine without it can still say what is missing.
    import pymysql

HOST = "127.0.0.1"
SCHEMA = "itemscout"
TRIES = 600
"""Looks at the server before a condition is given up; with PAUSE between them a minute."""
PAUSE = 0.1

_PROGRAMS = ("mariadbd", "mariadb-install-db", "my_print_defaults", "mariadb")
_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def what_is_missing() -> str:
    """What this machine lacks for a server, with the way to get it; empty where nothing is missing."""
    programs = [name for name in _PROGRAMS if shutil.which(name, path=_PATH) is None]
    reasons: list[str] = []
    if programs:
        reasons.append(f"{', '.join(programs)} (Debian: apt-get install mariadb-server-core mariadb-client-core)")
    if importlib.util.find_spec("pymysql") is None:
        reasons.append("PyMySQL (requirements-dev.txt)")
    return " and ".join(reasons)


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

    def wait_for_sleep(self, seconds: int) -> None:
        """Look until every connection besides the observer's has slept that long by the server's own clock."""
        awake = f"SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER <> 'root' AND TIME < {seconds}"
        wait_until(lambda: self.rows(awake) == [(0,)], lambda: f"{self.rows(awake)} have not slept {seconds} s")

    def run_sql(self, sql: str) -> subprocess.CompletedProcess[str]:
        """Run SQL as people do: through the client's standard input, as the administrator."""
        client = shutil.which("mariadb", path=_PATH) or "mariadb"
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
        return _administrator(self.socket)

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


@contextmanager
def mariadb(*, max_connections: int, wait_timeout: int, require_tls: bool = True) -> Iterator[Server]:
    """Start a server with a stage's limits; it is stopped and its data removed at the end, whatever happens."""
    # Not in pytest's directory: that is closed to the account which the server must run as when the tests run as root.
    with tempfile.TemporaryDirectory(prefix="storm-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        data = folder / "data"
        data.mkdir()
        certificates = make_certificates(folder)
        account = _unprivileged()
        if account is not None:
            for path in (folder, data, *folder.glob("*.pem"), certificates.key):
                os.chown(path, account.pw_uid, account.pw_gid)
        _install(data, account)
        process, port = _start(
            folder,
            account,
            f"--max-connections={max_connections}",
            f"--wait-timeout={wait_timeout}",
            f"--interactive-timeout={wait_timeout}",
            f"--require-secure-transport={'ON' if require_tls else 'OFF'}",
            f"--ssl-ca={certificates.authority}",
            f"--ssl-cert={certificates.certificate}",
            f"--ssl-key={certificates.key}",
        )
        try:
            with closing(_first_session(folder, process)) as observer:
                server = Server(
                    port=port,
                    socket=folder / "socket",
                    authority=certificates.authority,
                    max_connections=max_connections,
                    observer=observer,
                )
                assert server.rows("SELECT @@max_connections, @@wait_timeout") == [(max_connections, wait_timeout)]
                # The observer itself must outlive short timeouts.
                with observer.cursor() as cursor:
                    cursor.execute("SET SESSION wait_timeout = 28800")
                    cursor.execute(f"CREATE DATABASE {SCHEMA}")
                yield server
        finally:
            _stop(process)


def _unprivileged() -> pwd.struct_passwd | None:
    """The account that mariadbd runs as: it refuses to be root. None: the account that runs the tests."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("mysql") or known["nobody"]


def _run_as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    return {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _install(data: Path, account: pwd.struct_passwd | None) -> None:
    program = shutil.which("mariadb-install-db", path=_PATH) or "mariadb-install-db"
    options = ["--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db"]
    done = subprocess.run(
        [program, *options, "--innodb-log-file-size=4M"],
        capture_output=True,
        text=True,
        check=False,
        cwd=data,
        **_run_as(account),
    )
    assert done.returncode == 0, f"mariadb-install-db failed:\n{done.stdout}{done.stderr}"


def _start(folder: Path, account: pwd.struct_passwd | None, *options: str) -> tuple[subprocess.Popen[bytes], int]:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    program = shutil.which("mariadbd", path=_PATH) or "mariadbd"
    command = [
        program,
        "--no-defaults",
        f"--datadir={folder / 'data'}",
        f"--socket={folder / 'socket'}",
        f"--pid-file={folder / 'data' / 'pid'}",
        f"--port={port}",
        f"--bind-address={HOST}",
        "--skip-name-resolve",
        "--skip-log-bin",
        # Small and quick: what is measured are connections. All of a storm may knock before one is let in.
        "--performance-schema=OFF",
        "--innodb-buffer-pool-size=8M",
        "--innodb-log-file-size=4M",
        "--innodb-flush-log-at-trx-commit=0",
        "--table-open-cache=64",
        "--back-log=4096",
        "--connect-timeout=60",
        *options,
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, **_run_as(account)
        )
    return process, port


def _administrator(path: Path) -> pymysql.Connection[Any]:
    import pymysql

    return pymysql.connect(unix_socket=str(path), user="root", autocommit=True)


def _first_session(folder: Path, process: subprocess.Popen[bytes]) -> pymysql.Connection[Any]:
    import pymysql

    for _ in range(TRIES):
        if process.poll() is not None:
            break
        try:
            return _administrator(folder / "socket")
        except pymysql.OperationalError:
            time.sleep(PAUSE)
    raise AssertionError(f"mariadbd did not start:\n{(folder / 'log').read_text(errors='replace')[-4000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
