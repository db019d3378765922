"""The SQL of the accounts, statement by statement; tests/storms runs it on a real server."""

import base64
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.connections.accounts import Account, AccountError
from cli.connections.sql import accounts_sql

TRACKING = Account(workload="tracking-api", name="tracking_api", connections=384)
MIGRATIONS = Account(workload="migrations", name="migrations", connections=1, changes_schema=True)


def statements(sql: str) -> list[str]:
    return [line for line in sql.splitlines() if line and not line.startswith("--")]


def test_the_sql_of_one_account() -> None:
    run = "PREPARE statement FROM @statement; EXECUTE statement; DEALLOCATE PREPARE statement;"
    assert statements(accounts_sql(stage="prd", schema="itemscout", accounts=[TRACKING])) == [
        "SET NAMES utf8mb4;",
        "SET SESSION sql_mode = 'STRICT_TRANS_TABLES';",
        "SET @missing = CONCAT_WS(', ',",
        "  IF(CHAR_LENGTH(@tracking_api_password) > 0, NULL, '@tracking_api_password'));",
        "SET @statement = IF(@missing = '', 'DO 0', CONCAT('passwords are missing, set ', @missing, ' first'));",
        run,
        "SET @account = CONCAT('''tracking_api''@''%'' IDENTIFIED BY ', QUOTE(@tracking_api_password),",
        "  ' REQUIRE SSL WITH MAX_USER_CONNECTIONS 384 ACCOUNT UNLOCK');",
        "SET @statement = CONCAT('CREATE USER IF NOT EXISTS ', @account);",
        run,
        "SET @statement = CONCAT('ALTER USER ', @account);",
        run,
        "GRANT SELECT, INSERT, UPDATE, DELETE ON `itemscout`.* TO 'tracking_api'@'%';",
        "SET @account = NULL, @statement = NULL, @missing = NULL;",
        "SET @tracking_api_password = NULL;",
        "SHOW GRANTS FOR 'tracking_api'@'%';",
    ]


def test_the_comments_say_how_the_passwords_get_in() -> None:
    lines = accounts_sql(stage="prd", schema="itemscout", accounts=[TRACKING, MIGRATIONS]).splitlines()
    assert lines[0] == (
        "-- Accounts of prd in the schema itemscout: each may hold as many connections as the budget gives its workload."
    )
    assert "--     fill '@tracking_api_password' '/prd/tracking-api/DB_PASSWORD'" in lines
    assert "--     fill '@migrations_password' '/prd/migrations/DB_PASSWORD'" in lines
    assert "-- tracking-api: 384 connections" in lines


def test_migrations_may_change_the_schema() -> None:
    assert (
        "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON `itemscout`.* TO 'migrations'@'%';"
        in statements(accounts_sql(stage="prd", schema="itemscout", accounts=[MIGRATIONS]))
    )


def test_no_connection_is_a_lock_and_not_the_zero_that_means_no_limit() -> None:
    idle = Account(workload="idle", name="idle", connections=0)
    sql = accounts_sql(stage="dev", schema="itemscout", accounts=[idle])
    assert "  ' REQUIRE SSL WITH MAX_USER_CONNECTIONS 1 ACCOUNT LOCK');" in statements(sql)


def test_names_are_escaped_for_where_they_stand() -> None:
    account = Account(workload="o'b-`\\", name="o'b_`\\", connections=1)
    lines = accounts_sql(stage="dev", schema="a_b`c%\\", accounts=[account]).splitlines()
    assert "--     fill '@`o'\\''b_``\\_password`' '/dev/o'\\''b-`\\/DB_PASSWORD'" in lines
    assert "SET @account = CONCAT('''o''''b_`\\\\\\\\''@''%'' IDENTIFIED BY ', QUOTE(@`o'b_``\\_password`)," in lines
    assert lines[-1] == "SHOW GRANTS FOR 'o''b_`\\\\'@'%';"
    assert "GRANT SELECT, INSERT, UPDATE, DELETE ON `a\\_b``c\\%\\\\`.* TO 'o''b_`\\\\'@'%';" in lines


@pytest.mark.parametrize("argument", ["stage", "schema"])
def test_a_line_break_cannot_leave_the_comment_it_is_shown_in(argument: str) -> None:
    names = {"stage": "dev", "schema": "itemscout", argument: "x\nDROP DATABASE itemscout;"}
    with pytest.raises(AccountError) as refused:
        accounts_sql(stage=names["stage"], schema=names["schema"], accounts=[TRACKING])
    assert str(refused.value) == (
        f"The {argument} 'x\\nDROP DATABASE itemscout;' has a character that cannot be shown: give its plain name."
    )


def test_without_accounts_nothing_is_asked_for() -> None:
    assert statements(accounts_sql(stage="dev", schema="itemscout", accounts=[])) == [
        "SET NAMES utf8mb4;",
        "SET SESSION sql_mode = 'STRICT_TRANS_TABLES';",
        "SET @account = NULL, @statement = NULL, @missing = NULL;",
    ]


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=30))
def test_every_share_is_positive_and_a_share_of_none_is_locked(shares: list[int]) -> None:
    accounts = [Account(workload=f"w{n}", name=f"w{n}", connections=share) for n, share in enumerate(shares)]
    sql = accounts_sql(stage="dev", schema="itemscout", accounts=accounts)
    found = [line for line in statements(sql) if line.startswith("  ' REQUIRE SSL")]
    assert found == [
        f"  ' REQUIRE SSL WITH MAX_USER_CONNECTIONS {share or 1} ACCOUNT {'UNLOCK' if share else 'LOCK'}');"
        for share in shares
    ]


def test_the_command_in_the_comments_fills_the_variables_from_ssm(tmp_path: Path) -> None:
    """Run as it is printed, in a plain shell where aws and mysql are stand-ins."""
    password = """it's "50 %" \\ of $(x) `y`"""
    sql = accounts_sql(stage="prd", schema="itemscout", accounts=[TRACKING])
    (tmp_path / "accounts.sql").write_text(sql)
    comments = [line.removeprefix("--   ") for line in sql.splitlines() if line.startswith("--   ")]
    stand_ins = [
        'aws() { echo "$*" >> asked; cat password; echo; }',  # the AWS CLI ends its answer with a line break
        "mysql() { cat; }",
    ]
    (tmp_path / "password").write_text(password)
    script = "\n".join([*stand_ins, *comments]).replace("<endpoint>", "endpoint")
    done = subprocess.run(["sh", "-eu", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    encoded = base64.b64encode(password.encode()).decode()
    assert done.stdout == f"SET @tracking_api_password = CONVERT(FROM_BASE64('{encoded}') USING utf8mb4);\n{sql}"
    assert (tmp_path / "asked").read_text() == (
        "ssm get-parameter --with-decryption --name /prd/tracking-api/DB_PASSWORD --query Parameter.Value --output text\n"
    )
