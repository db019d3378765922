"""Accounts for the processes of a storm: made by the project's own SQL, or without any cap to show what that SQL is for."""

import base64
import secrets
from collections.abc import Mapping, Sequence

from cli.connections.accounts import Account, accounts_of
from cli.connections.sql import accounts_sql
from policies.budget.demand import Workload
from tests.storms.pools import Login
from tests.storms.server import SCHEMA, Server

STAGE = "storm"


def capped_logins(server: Server, workloads: Sequence[Workload]) -> dict[str, Login]:
    """Run the project's SQL: a login per workload, by the workload's name, capped at its demand."""
    accounts = accounts_of(workloads)
    logins = _logins(accounts)
    sql = accounts_sql(stage=STAGE, schema=SCHEMA, accounts=accounts)
    done = server.run_sql(with_passwords(sql, {login.user: login.password for login in logins.values()}))
    assert done.returncode == 0, done.stderr
    return logins


def uncapped_logins(server: Server, workloads: Sequence[Workload]) -> dict[str, Login]:
    """The same logins made by hand, with no limit on their connections."""
    logins = _logins(accounts_of(workloads))
    for login in logins.values():
        server.rows(f"CREATE USER '{login.user}'@'%' IDENTIFIED BY '{login.password}'")
        server.rows(f"GRANT SELECT ON {SCHEMA}.* TO '{login.user}'@'%'")
    return logins


def with_passwords(sql: str, passwords: Mapping[str, str]) -> str:
    """The SQL behind the lines that fill its variables, as the command in its comments puts them; by account."""
    lines = [f"SET @{account}_password = {_encoded(password)};" for account, password in passwords.items()]
    return "\n".join([*lines, sql])


def _encoded(password: str) -> str:
    return f"CONVERT(FROM_BASE64('{base64.b64encode(password.encode()).decode()}') USING utf8mb4)"


def _logins(accounts: Sequence[Account]) -> dict[str, Login]:
    return {account.workload: Login(user=account.name, password=secrets.token_urlsafe()) for account in accounts}
