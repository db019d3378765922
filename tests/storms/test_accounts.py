"""The project's SQL on a real server: accounts that cap, encrypt and grant no more than said, however often it is run."""

from collections.abc import Callable

import pytest

from cli.connections.accounts import Account
from cli.connections.sql import accounts_sql
from policies.budget.demand import OneOffTasks, Workload
from tests.storms.logins import capped_logins, with_passwords
from tests.storms.server import SCHEMA, Server

pytestmark = pytest.mark.slow

SHARES = "SELECT User, Host, max_user_connections, ssl_type FROM mysql.user WHERE User NOT IN ('root', 'mariadb.sys')"
ACCESS_DENIED, DATABASE_DENIED, TABLE_DENIED, LOCKED, OVER_SHARE = 1045, 1044, 1142, 4151, 1226
PASSWORD = """it's "50 %" \\ of `all` é $(x)"""
"""With every character that a shell, SQL or the client could take for its own."""


def api(connections: int) -> Account:
    return Account(workload="web-api", name="web_api", connections=connections)


def sql_for(*accounts: Account, schema: str = SCHEMA) -> str:
    return accounts_sql(stage="prd", schema=schema, accounts=accounts)


def run(server: Server, *accounts: Account, password: str = PASSWORD) -> None:
    done = server.run_sql(with_passwords(sql_for(*accounts), {account.name: password for account in accounts}))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def server(start_server: Callable[..., Server]) -> Server:
    """Without the server's own demand for TLS, so that the accounts' is seen."""
    return start_server(30, require_tls=False)


def test_running_it_again_changes_nothing(server: Server) -> None:
    run(server, api(2))
    first = (server.rows(SHARES), server.rows("SHOW GRANTS FOR web_api"))
    run(server, api(2))
    assert (server.rows(SHARES), server.rows("SHOW GRANTS FOR web_api")) == first
    assert first[0] == [("web_api", "%", 2, "ANY")]


def test_it_brings_an_account_made_by_hand_to_what_it_should_be(server: Server) -> None:
    server.rows("CREATE USER web_api IDENTIFIED BY 'old' WITH MAX_USER_CONNECTIONS 500 ACCOUNT LOCK")
    run(server, api(2))
    assert server.rows(SHARES) == [("web_api", "%", 2, "ANY")]
    assert server.refusal("web_api", "old") == ACCESS_DENIED
    assert server.refusal("web_api", PASSWORD) is None


@pytest.mark.parametrize(("before", "after", "refused"), [(1, 2, None), (3, 1, OVER_SHARE)])
def test_a_new_share_counts_at_once_for_accounts_with_open_sessions(
    server: Server, before: int, after: int, refused: int | None
) -> None:
    run(server, api(before))
    with server.connect("web_api", PASSWORD):
        run(server, api(after))
        assert server.refusal("web_api", PASSWORD) == refused


def test_an_unencrypted_session_is_refused(server: Server) -> None:
    run(server, api(2))
    assert server.refusal("web_api", PASSWORD) is None
    assert server.refusal("web_api", PASSWORD, encrypted=False) == ACCESS_DENIED


def test_an_application_works_with_rows_of_its_schema_and_nothing_else(server: Server) -> None:
    server.rows(f"CREATE TABLE {SCHEMA}.items (id INT)")
    server.rows("CREATE DATABASE elsewhere")
    server.rows("CREATE TABLE elsewhere.items (id INT)")
    run(server, api(2))
    for allowed in (
        "INSERT INTO items VALUES (1)",
        "UPDATE items SET id = 2",
        "SELECT * FROM items",
        "DELETE FROM items",
    ):
        assert server.refusal("web_api", PASSWORD, statement=allowed) is None
    for denied in ("CREATE TABLE more (id INT)", "DROP TABLE items", "SELECT * FROM elsewhere.items"):
        assert server.refusal("web_api", PASSWORD, statement=denied) == TABLE_DENIED


def test_migrations_change_the_schema(server: Server) -> None:
    run(server, Account(workload="migrations", name="migrations", connections=1, changes_schema=True))
    for statement in ("CREATE TABLE items (id INT)", "ALTER TABLE items ADD note TEXT", "DROP TABLE items"):
        server.wait_for_connections(0)  # its one connection: the server frees it a little after the client closes it
        assert server.refusal("migrations", PASSWORD, statement=statement) is None
    server.wait_for_connections(0)
    assert server.refusal("migrations", PASSWORD, statement="CREATE DATABASE more") == DATABASE_DENIED


def test_an_underscore_in_the_schema_opens_no_other_schema(server: Server) -> None:
    for schema in ("item_scout", "itemXscout"):
        server.rows(f"CREATE DATABASE {schema}")
        server.rows(f"CREATE TABLE {schema}.items (id INT)")
    done = server.run_sql(with_passwords(sql_for(api(2), schema="item_scout"), {"web_api": PASSWORD}))
    assert done.returncode == 0, done.stderr
    with server.connect("web_api", PASSWORD, database="item_scout") as session, session.cursor() as cursor:
        cursor.execute("SHOW DATABASES")
        assert "itemXscout" not in {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT * FROM items")


def test_a_workload_without_tasks_is_locked_rather_than_unlimited(server: Server) -> None:
    """MAX_USER_CONNECTIONS 0 would lift the limit."""
    (login,) = capped_logins(server, [Workload(name="idle", limit=5, tasks=OneOffTasks(count=0))]).values()
    assert server.rows(SHARES) == [("idle", "%", 1, "ANY")]
    assert server.refusal(login.user, login.password) == LOCKED


@pytest.mark.parametrize("empty", ["", "SET @web_api_password = '';"])
def test_without_a_password_it_stops_before_it_changes_anything(server: Server, empty: str) -> None:
    batch = Account(workload="batch", name="batch", connections=1)
    sql = with_passwords(f"{empty}\n{sql_for(batch, api(2))}", {"batch": PASSWORD})
    done = server.run_sql(sql)
    assert done.returncode == 1
    assert "passwords are missing, set @web_api_password first" in done.stderr
    assert server.rows(SHARES) == []


def test_names_that_need_escapes_arrive_as_they_are(server: Server) -> None:
    schema, name = "odd`sche\\ma", "o'brien\\`%"
    server.rows("CREATE DATABASE `odd``sche\\ma`")
    account = Account(workload=name, name=name, connections=3)
    sql = with_passwords(sql_for(account, schema=schema), {})
    done = server.run_sql(f"SET @`o'brien\\``%_password` = 'secret';\n{sql}")
    assert (done.returncode, done.stderr) == (0, "")
    assert server.rows(SHARES) == [(name, "%", 3, "ANY")]
    with server.connect(name, "secret", database=schema) as session, session.cursor() as cursor:
        cursor.execute("SELECT DATABASE()")
        assert cursor.fetchall() == ((schema,),)
