"""Starts MariaDB servers of a test's own: on loopback, with their own data, port and certificate, gone after the test."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.storms.certificates import make_certificates
from tests.storms.server import HOST, PATH, PAUSE, SCHEMA, TRIES, Server, administrator

if TYPE_CHECKING:
    import pymysql

PORTS = 5
"""Free ports to try before a server is given up."""

_PROGRAMS = ("mariadbd", "mariadb-install-db", "my_print_defaults", "mariadb")


def what_is_missing() -> str:
    """What this machine lacks for a server, with the way to get it; empty where nothing is missing."""
    programs = [name for name in _PROGRAMS if shutil.which(name, path=PATH) is None]
    reasons: list[str] = []
    if programs:
        reasons.append(f"{', '.join(programs)} (Debian: apt-get install mariadb-server-core mariadb-client-core)")
    if importlib.util.find_spec("pymysql") is None:
        reasons.append("PyMySQL (requirements-dev.txt)")
    return " and ".join(reasons)


@contextmanager
def installed_data() -> Iterator[Path]:
    """The data of a server that never ran: to install them takes as long as a storm, to copy them nothing."""
    with _folder() as folder:
        account = _unprivileged()
        _give(account, folder)
        _install(folder / "data", account)
        yield folder / "data"


@contextmanager
def mariadb(data: Path, *, max_connections: int, wait_timeout: int, require_tls: bool = True) -> Iterator[Server]:
    """Start a server on a copy of the data with a stage's limits; stopped and removed at the end, whatever happens."""
    with _folder() as folder:
        shutil.copytree(data, folder / "data", dirs_exist_ok=True)
        certificates = make_certificates(folder)
        account = _unprivileged()
        _give(account, folder)
        options = (
            f"--max-connections={max_connections}",
            f"--wait-timeout={wait_timeout}",
            f"--interactive-timeout={wait_timeout}",
            f"--require-secure-transport={'ON' if require_tls else 'OFF'}",
            f"--ssl-ca={certificates.authority}",
            f"--ssl-cert={certificates.certificate}",
            f"--ssl-key={certificates.key}",
        )
        process, port, session = _start(folder, account, options)
        try:
            with closing(session) as observer:
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


@contextmanager
def _folder() -> Iterator[Path]:
    """A server's folder, gone at the end; with one for temporary tables, of which a server that starts removes the left-overs."""
    # Not in pytest's directory: that is closed to the account which the server must run as when the tests run as root.
    with tempfile.TemporaryDirectory(prefix="storm-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for part in ("data", "tmp"):
            (folder / part).mkdir()
        yield folder


def _give(account: pwd.struct_passwd | None, folder: Path) -> None:
    if account is not None:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid)


def _unprivileged() -> pwd.struct_passwd | None:
    """The account that mariadbd runs as: it refuses to be root. None: the account that runs the tests."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("mysql") or known["nobody"]


def _run_as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    return {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _install(data: Path, account: pwd.struct_passwd | None) -> None:
    program = shutil.which("mariadb-install-db", path=PATH) or "mariadb-install-db"
    options = [
        "--no-defaults",
        f"--datadir={data}",
        f"--tmpdir={data.parent / 'tmp'}",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
    ]
    done = subprocess.run(
        [program, *options, "--innodb-log-file-size=4M", "--innodb-flush-method=nosync"],
        capture_output=True,
        text=True,
        check=False,
        cwd=data,
        **_run_as(account),
    )
    assert done.returncode == 0, f"mariadb-install-db failed:\n{done.stdout}{done.stderr}"


def _start(
    folder: Path, account: pwd.struct_passwd | None, options: Sequence[str]
) -> tuple[subprocess.Popen[bytes], int, pymysql.Connection[Any]]:
    """The process, its port and the administrator's session; another port where someone else takes the free one first."""
    log = folder / "log"
    for _ in range(PORTS):
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port: int = probe.getsockname()[1]
        with log.open("wb") as output:
            process = subprocess.Popen(
                _command(folder, port, options),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
                **_run_as(account),
            )
        session = _first_session(folder, process)
        if session is not None:
            return process, port, session
        _stop(process)
        if b"Address already in use" not in log.read_bytes():
            break
    raise AssertionError(f"mariadbd did not start:\n{log.read_text(errors='replace')[-4000:]}")


def _command(folder: Path, port: int, options: Sequence[str]) -> list[str]:
    return [
        shutil.which("mariadbd", path=PATH) or "mariadbd",
        "--no-defaults",
        f"--datadir={folder / 'data'}",
        f"--tmpdir={folder / 'tmp'}",
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
        "--innodb-flush-method=nosync",
        "--table-open-cache=64",
        "--back-log=4096",
        "--connect-timeout=60",
        *options,
    ]


def _first_session(folder: Path, process: subprocess.Popen[bytes]) -> pymysql.Connection[Any] | None:
    """The administrator's session once the server answers; None where it ended before, or never did."""
    import pymysql

    for _ in range(TRIES):
        if process.poll() is not None:
            return None
        try:
            return administrator(folder / "socket")
        except pymysql.OperationalError:
            time.sleep(PAUSE)
    return None


def _stop(process: subprocess.Popen[bytes]) -> None:
    """At once: its data are thrown away."""
    process.kill()
    process.wait()
