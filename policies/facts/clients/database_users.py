"""The database account that a client connects as: its name, or the secret that holds it, as far as the stack says it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from policies.facts.clients.workloads import users_of
from policies.facts.ecs.stated.database_variables import SQL_WORDS, shows_database
from policies.facts.ecs.task_runs import Run
from policies.facts.stack import StackFacts
from policies.resources.outcomes import Undecided, decided, is_unknown
from policies.resources.reading import optional, read_map
from policies.resources.tokens import FUNCTION

_WORDS = {"PGUSER": "PG_USER"}
_USER = frozenset({"USER", "USERNAME"})
_IN_URL = re.compile(r"(?:.*?://|(?!.*://))([^\s:@/?]+)(?::[^@\s/]*)?@")


def accounts_by_client(facts: StackFacts) -> Mapping[str, str | None]:
    """By URN of a run or a Lambda function: how people call its one account, None where it is not known or not one."""
    found: dict[str, str | None] = {}
    for run in facts.runs:
        accounts = decided(lambda run=run: frozenset(_of_run(facts, run)))
        found[run.resource.urn] = _one(frozenset() if isinstance(accounts, Undecided) else accounts)
    for function in facts.graph.of_type(FUNCTION):
        variables = decided(lambda function=function: optional(read_map(function, "environment", "variables"), {}))
        plain = {} if isinstance(variables, Undecided) else variables
        texts = {
            name: value if isinstance(value, str) and not is_unknown(value) else None for name, value in plain.items()
        }
        found[function.urn] = _one(frozenset(_of_variables(texts, {})))
    return found


def _one(accounts: frozenset[str]) -> str | None:
    return next(iter(accounts)) if len(accounts) == 1 and "" not in accounts else None


def _of_run(facts: StackFacts, run: Run) -> Iterator[str]:
    for container in users_of(facts, run):
        if container.environment_files:
            yield ""
        yield from tuple(_of_variables(container.environment, container.secrets)) or ("",)


def _of_variables(variables: Mapping[str, str | None], secrets: Mapping[str, str]) -> Iterator[str]:
    """Each account that variables name, "" for one that is not known. A name of its own goes before one within a URL."""
    naming = [name for name in (*variables, *secrets) if _names_user(name)]
    if not naming:
        naming = [name for name, value in variables.items() if shows_database(name, value) and "@" in (value or "@")]
        naming = [name for name in naming if "@" in (variables[name] or "") or _is_address(name)]
        naming += [name for name in secrets if _is_address(name)]
    for name in naming:
        if name in secrets:
            yield f"the secret {secrets[name]}" if secrets[name] else ""
            continue
        value = variables[name]
        if value and not _names_user(name):
            match = _IN_URL.match(value)
            value = unquote(match[1]) if match else ""
        yield f'"{value[:80]}"' if value else ""


def _names_user(name: str) -> bool:
    words = re.split(r"[_.]+", _WORDS.get(name, name).upper())
    return words[-1] in _USER and not SQL_WORDS.isdisjoint(words)


def _is_address(name: str) -> bool:
    """Whether a variable holds a URL, in which an account may stand."""
    return re.split(r"[_.]+", name.upper())[-1] in {"URL", "URI", "DSN"} and shows_database(name, None)
