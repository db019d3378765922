"""The pool that a container states, beside DB_CONN_LIMIT or without: variables, options, parameters of a URL, documents.

What a name says, pool_names.py knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from policies.budget.declarations import LIMIT
from policies.facts.ecs.stated.concurrency_table import PROGRAMS, THREAD_VARIABLES
from policies.facts.ecs.stated.database_variables import place_of, shows_database, words_of
from policies.facts.ecs.stated.pool_names import NOT_A_DATABASE, RESERVE, ROLES, SQL, WHOLE, Size, size_name

_PARAMETER = re.compile(r"[?&;,\s]\s*([A-Za-z][\w .-]{0,60}?)\s*=\s*([^&;,\s]+)")
_ENTRY = re.compile(r"[\"']?([A-Za-z_][\w.-]{0,80})[\"']?\s*:\s*[\"']?(-?[0-9]+)\b")
_OPTION = re.compile(r"(?:^|[\s\"'])(?:-D|--)?([A-Za-z_][\w.-]{2,80})(?:=|\s+)[\"']?(-?[0-9]+)(?=$|[\s\"';&])")
_OPTIONS_OF_JAVA = re.compile(r"(?:JAVA|JVM|JDK_JAVA|CATALINA|SPRING|MAVEN)_(?:TOOL_)?(?:OPT(?:ION)?S|ARGS)")
_FLAGS_OF_PROCESSES = frozenset(flag.lstrip("-") for program in PROGRAMS for flag in program.processes.split())
_INTEGER = re.compile(r"-?[0-9]{1,9}")
_POOL_OF_RAILS = "RAILS_MAX_THREADS"
"""The one variable of threads that a pool is given: by the database.yml that Rails generates."""
_OF_SQLALCHEMY = re.compile(r"(?:mysql|mariadb|postgresql)\+[a-z0-9]+://", re.IGNORECASE)
_WORDS_OF_SQLALCHEMY = frozenset({"SQLALCHEMY", "ALCHEMY"})
DEFAULT_OVERFLOW, DEFAULT_OVERFLOW_NAME = 10, "max_overflow by default"
"""What SQLAlchemy's pools open beside a stated size where nothing states it (docs.sqlalchemy.org, create_engine)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pools:
    """The connections that the pools of one process open. by: what states them, empty for DB_CONN_LIMIT; unknown: statements
    without a number."""

    size: int
    by: str = ""
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Statement:
    size: Size
    name: str
    value: str | None


def stated_pools(
    limit: int | None,
    environment: Mapping[str, str | None],
    secrets: Sequence[str] = (),
    command: Sequence[str] = (),
    threads: tuple[int, str] = (0, ""),
) -> Pools:
    """What one process opens at most: the limit, or the larger pool that stands beside it, and second pools in addition.

    limit: None without DB_CONN_LIMIT; then the size is that of a pool stated by another name, and 0 where none is. threads: the most
    of a process, each with a connection, and what states them.
    """
    statements = list(_statements(environment, secrets, command))
    unknown = tuple(sorted({text for one in statements if (text := _unreadable(one))}))
    known = [one for one in statements if not _unreadable(one)]
    first = [one for one in known if not one.size.role]
    candidates = [(limit or 0, "")]
    candidates.append(_of_one(limit, [one for one in first if not one.size.qualifier]))
    named = sorted({one.size.qualifier for one in first if one.size.qualifier})
    sizes = [_of_one(limit, [one for one in first if one.size.qualifier == qualifier]) for qualifier in named]
    if sizes:
        candidates.append((sum(size for size, _ in sizes), " + ".join(text for _, text in sizes if text)))
    most, by = max(candidates, key=lambda candidate: candidate[0])
    if most == 0:
        return Pools(size=0, unknown=unknown)
    if limit is None and _overflows_by_default(environment, first):
        most, by = most + DEFAULT_OVERFLOW, f"{by} + {DEFAULT_OVERFLOW_NAME} {DEFAULT_OVERFLOW}"
    most, by = max((most, by), threads, key=lambda candidate: candidate[0])
    for role in sorted({one.size.role for one in known if one.size.role}):
        second, text = _of_one(0, [one for one in known if one.size.role == role])
        most, by = most + second, f"{by or f'{LIMIT} {limit}'} + {text}"
    return Pools(size=most, by=by, unknown=unknown)


def _of_one(limit: int | None, statements: Sequence[_Statement]) -> tuple[int, str]:
    """The largest size that is stated, and the largest overflow, which is added to it or else to the limit."""
    stated = [(int(one.value or 0), one.name) for one in statements if not one.size.overflow and _is_pool(one, limit)]
    whole = any(one.name.upper().endswith(WHOLE) for one in statements)
    beyond = [
        (int(one.value or 0), one.name)
        for one in statements
        if one.size.overflow and not (whole and one.name.upper().endswith(RESERVE))
    ]
    size, name = max(stated, default=(0, ""))
    text = f"{name} {size}" if name else f"{LIMIT} {limit}"
    if not stated and (limit is None or not beyond):
        return 0, ""
    more, more_name = max(beyond, default=(0, ""))
    return (size if name else limit or 0) + more, f"{text} + {more_name} {more}" if more else text


def _is_pool(one: _Statement, limit: int | None) -> bool:
    """Whether a size is one of a pool: threads are at most beside a limit, since their pool may be larger."""
    return limit is not None or one.name == _POOL_OF_RAILS or one.name not in THREAD_VARIABLES


def _overflows_by_default(environment: Mapping[str, str | None], statements: Sequence[_Statement]) -> bool:
    if any(one.size.overflow for one in statements):
        return False
    named = any(_WORDS_OF_SQLALCHEMY.intersection(words_of(one.name)) for one in statements)
    return named or any(_OF_SQLALCHEMY.match(value) for value in environment.values() if value)


def _unreadable(one: _Statement) -> str:
    """Why a statement has no number, with its name; empty where it has one."""
    if one.value is None:
        return f"{one.name}, whose value is not known here"
    if not _INTEGER.fullmatch(one.value.strip()):
        return f'{one.name} "{one.value[:40]}", not an integer'
    number = int(one.value)
    if number < 0 or (number == 0 and not one.size.overflow):
        return f"{one.name} {number}, which pools take for no limit"
    return ""


def _statements(
    environment: Mapping[str, str | None], secrets: Sequence[str], command: Sequence[str]
) -> Iterator[_Statement]:
    for name in secrets:
        if (size := size_name(name)) is not None:
            yield _Statement(size, name, None)
    for name, value in environment.items():
        size = Size((), (), overflow=False) if name in THREAD_VARIABLES else size_name(name)
        document = value is not None and value.lstrip()[:1] in ("{", "[")
        # A variable's case counts: db_conn_limit is read by nobody.
        if size is not None and name.upper() != LIMIT and not (document or _switch(name, value)):
            yield _Statement(size, name, value)
        elif value:
            yield from _within(name, value)
    for name, value in _OPTION.findall(" ".join(command)):
        if name != LIMIT and name not in _FLAGS_OF_PROCESSES and (size := size_name(name)) is not None:
            yield _Statement(size, name, value)


def _switch(name: str, value: str | None) -> bool:
    """Whether a value gives no size: it is empty, or names or switches a pool, as DB_POOL=true does."""
    if value is None or value.strip():
        return value is not None and name.upper().endswith("POOL") and not re.search(r"[0-9$]", value)
    return True


def _within(name: str, value: str) -> Iterator[_Statement]:
    """Sizes in a URL or connection string, in a document, and among the options of a JVM."""
    words = words_of(name)
    if NOT_A_DATABASE.intersection(words):
        return
    database = shows_database(name, value)
    role = tuple(word for word in (place_of(name) or ()) if word in ROLES)
    if database and ("=" in value):
        for key, number in _PARAMETER.findall(f";{value}" if "://" not in value else value):
            if (size := size_name(key, within=True)) is not None and not _switch(key, number):
                yield _Statement(size._replace(role=role), f"{key} of {name}", number)
    if value.lstrip()[:1] in ("{", "[") and (
        database
        or SQL.intersection(words)
        or re.search(r"(?i)datasource|hikari|database|mysql|postgres|\bsql|pool", value)
    ):
        for key, number in _ENTRY.findall(value):
            if (size := size_name(key, within=True)) is not None:
                yield _Statement(size._replace(role=role), f"{key} of {name}", number)
    if _OPTIONS_OF_JAVA.fullmatch(name) or value.startswith("-D") or " -D" in value:
        for key, number in _OPTION.findall(value):
            if (size := size_name(key)) is not None:
                yield _Statement(size, f"{key} of {name}", number)
