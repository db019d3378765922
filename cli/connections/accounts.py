"""The database account of each workload: its name, its share of the connections, its password's place."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from policies.budget.demand import Workload

LONGEST_NAME = 32
"""Characters of an account's name (MySQL 8.4 Reference Manual, "Account User Names and Passwords"; MariaDB takes more)."""

PASSWORD_VARIABLE = "DB_PASSWORD"
"""The container's variable whose SecureString holds the password."""


class AccountError(ValueError):
    """Accounts that cannot be distinguished or created; the message says which, why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One workload's account.

    name: user name, the workload's with "_" for "-", as DB_USER has it in the containers. connections:
    MAX_USER_CONNECTIONS, >= 0; 0 stands for a workload that runs no task. changes_schema: runs migrations.
    """

    workload: str
    name: str
    connections: int
    changes_schema: bool = False

    @property
    def variable(self) -> str:
        """The session variable that holds the password while the SQL runs, without its @."""
        return f"{self.name}_password"

    def parameter(self, stage: str) -> str:
        """Path of the SSM SecureString with the password."""
        return f"/{stage}/{self.workload}/{PASSWORD_VARIABLE}"


def accounts_of(workloads: Iterable[Workload], *, migrations: Collection[str] = ()) -> tuple[Account, ...]:
    """An account per workload, each with the workload's demand; migrations: names of those that change the schema."""
    accounts: dict[str, Account] = {}
    for workload in workloads:
        name = workload.name.replace("-", "_")
        _check(workload.name, name)
        taken = accounts.get(name)
        if taken is not None:
            raise AccountError(
                f'"{taken.workload}" and "{workload.name}" would both have the account {name}, so one could use up the '
                'other\'s connections: names that differ only in "-" and "_" are one account; rename one of them.'
            )
        accounts[name] = Account(
            workload=workload.name,
            name=name,
            connections=workload.demand,
            changes_schema=workload.name in migrations,
        )
    return tuple(accounts.values())


def _check(workload: str, name: str) -> None:
    if not 1 <= len(name) <= LONGEST_NAME:
        raise AccountError(
            f'"{workload}" would have an account name of {len(name)} characters; MySQL takes 1 to {LONGEST_NAME}: '
            "rename the workload."
        )
    if not name.isprintable():
        raise AccountError(f"{workload!r} has a character that no account name can show: rename the workload.")
