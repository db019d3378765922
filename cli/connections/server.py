"""`./run connections --sql`: the accounts that a stage's budget comes to, as SQL for its database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from offline.engine.errors import EngineError, UsageError
from policies.budget.demand import Workload
from policies.budget.words import counted
from policies.facts.clients.budgets import DatabaseBudget
from settings.nearest import question

from .accounts import Account, AccountError, accounts_of
from .changes import workload_named
from .sql import accounts_sql
from .stage import Stage, variables


class ServerSqlError(EngineError):
    """Why no SQL is printed, as sentences for people."""


def sql_of(stage: Stage, *, database: str | None = None, migrations: Sequence[str] = ()) -> str:
    """SQL for one database of the stage: an account per workload, capped at its demand.

    database: needed where there are several. migrations: workloads whose account may change the schema. Raises UsageError
    for a name that does not exist, ServerSqlError where the budget is undecided or broken, or the containers log in otherwise.
    """
    entry = _chosen(stage, database)
    budget = entry.budget
    if not budget.fits:
        raise ServerSqlError(
            f"No SQL: {entry.database} does not fit ({budget.used} of {counted(budget.supply.max_connections, 'connection')}). Caps that "
            f"add up to more than max_connections enforce nothing; see ./run connections -s {stage.name} for the ways out."
        )
    changing = {_short(stage, workload_named(stage, name)[1]) for name in migrations}
    users = {
        _short(stage, workload): variables(stage.facts, urn, "DB_USER")
        for workload, urn in zip(budget.workloads, entry.urns, strict=True)
    }
    workloads = [replace(workload, name=_short(stage, workload)) for workload in budget.workloads]
    schemas = {schema for urn in entry.urns for schema in variables(stage.facts, urn, "DB_NAME")}
    try:
        accounts = accounts_of(workloads, migrations=changing)
        _check_users(accounts, users)
        if len(schemas) != 1:
            found = ", ".join(sorted(schemas)) or "none"
            raise AccountError(
                f"the containers of {entry.database}'s workloads must name one schema in DB_NAME; found: {found}."
            )
        return accounts_sql(stage=stage.name, schema=schemas.pop(), accounts=accounts)
    except AccountError as error:
        raise ServerSqlError(f"No SQL: {error}") from error


def _chosen(stage: Stage, name: str | None) -> DatabaseBudget:
    undecided = [entry for entry in stage.entries if not isinstance(entry, DatabaseBudget)]
    if undecided:
        reasons = "\n".join(f"  - {finding.message}" for entry in undecided for finding in entry.findings)
        raise ServerSqlError(f"No SQL: the budget of stage {stage.name} is undecided.\n{reasons}")
    names = [entry.database for entry in stage.budgets]
    found = [entry for entry in stage.budgets if name in (None, entry.database)]
    if len(found) == 1:
        return found[0]
    if name is None and found:
        raise UsageError(f"There are several databases ({', '.join(names)}): choose one with --database NAME.")
    asked = f'There is no database "{name}" in' if name is not None else "There is no database in"
    raise UsageError(
        f"{asked} stage {stage.name}; there are: {', '.join(names) or 'none'}.{question(name or '', names)}"
    )


def _check_users(accounts: Sequence[Account], users: dict[str, frozenset[str]]) -> None:
    """An account that no container logs in with would cap nobody."""
    wrong = [
        f"{account.workload} logs in as {', '.join(sorted(users[account.workload]))}, its account would be {account.name}"
        for account in accounts
        if users[account.workload] not in (frozenset(), frozenset({account.name}))
    ]
    if wrong:
        raise AccountError(f"{'; '.join(wrong)}. Set DB_USER to the account's name.")


def _short(stage: Stage, workload: Workload) -> str:
    return workload.name.removeprefix(f"{stage.name}-")
