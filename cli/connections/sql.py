"""The SQL that makes the server enforce the budget: one account per workload, capped at its demand.

Sources: MySQL 8.4 Reference Manual, "CREATE USER Statement", "Setting Account Resource Limits" (MAX_USER_CONNECTIONS 0 means no
limit), "GRANT Statement" (_ and % in a database's name are wildcards), "PREPARE Statement"; MariaDB documentation, "ALTER USER".
Nothing here is particular to one of the two: IDENTIFIED BY uses the server's own default plugin.
"""

from __future__ import annotations

from collections.abc import Sequence

from policies.budget.words import counted

from .accounts import Account, AccountError

HOST = "%"
"""Any client host: tasks have changing addresses, and the security groups decide who gets as far as the server."""

DATA_PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE")
SCHEMA_PRIVILEGES = (*DATA_PRIVILEGES, "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES")

# Escapes below and QUOTE() hold in this mode only: with NO_BACKSLASH_ESCAPES or ANSI_QUOTES they would mean something else.
_SQL_MODE = "STRICT_TRANS_TABLES"


def accounts_sql(*, stage: str, schema: str, accounts: Sequence[Account]) -> str:
    """SQL for MySQL 8.4 and MariaDB that creates the accounts or brings them to what they should be; safe to repeat.

    It holds no password. Each is read from a session variable, @<account>_password, that whoever runs the SQL sets
    in the same session; the comments at the top have the command that fills them from SSM. With one of them missing or
    empty the SQL stops before it changes anything.
    """
    for what, name in (("stage", stage), ("schema", schema)):
        if not name.isprintable():
            raise AccountError(f"The {what} {name!r} has a character that cannot be shown: give its plain name.")
    parts = [_introduction(stage, schema, accounts), _refuse_missing_passwords(accounts)]
    parts.extend(_account(schema, account) for account in accounts)
    parts.append(_show(accounts))
    return "\n\n".join(part for part in parts if part) + "\n"


def _introduction(stage: str, schema: str, accounts: Sequence[Account]) -> str:
    fills = [
        f"--     fill {_shell_word(_variable(account))} {_shell_word(account.parameter(stage))}" for account in accounts
    ]
    lines = [
        f"-- Accounts of {stage} in the schema {schema}: each may hold as many connections as the budget gives its workload.",
        "-- Run as the database's administrator over TLS, with the passwords read from SSM SecureStrings in the same session:",
        "--   fill() {  # one variable from one parameter; Base64 keeps every character, and nothing shows in a process list",
        '--     value=$(aws ssm get-parameter --with-decryption --name "$2" --query Parameter.Value --output text) || return',
        '--     printf "SET %s = CONVERT(FROM_BASE64(\'%s\') USING utf8mb4);\\n" "$1" \\',
        '--       "$(printf %s "$value" | base64 | tr -d \'\\n\')"',
        "--   }",
        "--   {",
        *fills,
        "--     cat accounts.sql",
        "--   } | mysql --ssl-mode=VERIFY_IDENTITY --ssl-ca=global-bundle.pem --host=<endpoint> --user=admin --password",
        "SET NAMES utf8mb4;",  # the server hashes a password's bytes in the session's character set
        f"SET SESSION sql_mode = '{_SQL_MODE}';",
    ]
    return "\n".join(lines)


def _refuse_missing_passwords(accounts: Sequence[Account]) -> str:
    """SQL outside a procedure has no IF: a sentence where a statement should be stops the client with that sentence."""
    if not accounts:
        return ""
    checks = ",\n  ".join(f"IF({_present(account)}, NULL, {_literal(_variable(account))})" for account in accounts)
    return (
        f"SET @missing = CONCAT_WS(', ',\n  {checks});\n"
        "SET @statement = IF(@missing = '', 'DO 0', CONCAT('passwords are missing, set ', @missing, ' first'));\n"
        + _run()
    )


def _account(schema: str, account: Account) -> str:
    who = _who(account)
    # MAX_USER_CONNECTIONS 0 would mean "no limit", so a workload without tasks has a locked account instead.
    share, lock = (account.connections, "UNLOCK") if account.connections else (1, "LOCK")
    options = f" REQUIRE SSL WITH MAX_USER_CONNECTIONS {share} ACCOUNT {lock}"
    privileges = ", ".join(SCHEMA_PRIVILEGES if account.changes_schema else DATA_PRIVILEGES)
    return "\n".join(
        [
            f"-- {account.workload}: {counted(account.connections, 'connection')}",
            f"SET @account = CONCAT({_literal(f'{who} IDENTIFIED BY ')}, QUOTE({_variable(account)}),",
            f"  {_literal(options)});",
            "SET @statement = CONCAT('CREATE USER IF NOT EXISTS ', @account);",
            _run(),
            "SET @statement = CONCAT('ALTER USER ', @account);",
            _run(),
            f"GRANT {privileges} ON {_schema_pattern(schema)}.* TO {who};",
        ]
    )


def _show(accounts: Sequence[Account]) -> str:
    lines = ["SET @account = NULL, @statement = NULL, @missing = NULL;"]
    lines.extend(f"SET {_variable(account)} = NULL;" for account in accounts)
    lines.append(
        "-- What holds now; a privilege beyond the ones above was granted by hand, and this SQL does not take it away."
    )
    lines.extend(f"SHOW GRANTS FOR {_who(account)};" for account in accounts)
    return "\n".join(lines)


def _run() -> str:
    return "PREPARE statement FROM @statement; EXECUTE statement; DEALLOCATE PREPARE statement;"


def _present(account: Account) -> str:
    return f"CHAR_LENGTH({_variable(account)}) > 0"  # NULL where the variable is unset, which IF takes for false


def _who(account: Account) -> str:
    return f"{_literal(account.name)}@{_literal(HOST)}"


def _variable(account: Account) -> str:
    plain = account.variable.replace("_", "").isalnum() and account.variable.isascii()
    return f"@{account.variable}" if plain else f"@{_identifier(account.variable)}"


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _identifier(text: str) -> str:
    escaped = text.replace("`", "``")
    return f"`{escaped}`"


def _schema_pattern(schema: str) -> str:
    """A schema's name in GRANT, where _ and % would otherwise match other schemas as well."""
    escaped = schema.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%")
    return _identifier(escaped)


def _shell_word(text: str) -> str:
    escaped = text.replace("'", "'\\''")
    return f"'{escaped}'"
