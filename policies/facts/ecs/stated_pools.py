"""The pool that a container states beside DB_CONN_LIMIT: variables, options of a command, parameters of a database's URL, documents.

Names are read by words, so that DB_POOL__MAX, spring.datasource.hikari.maximum-pool-size and connectionLimit are one kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from policies.budget.declarations import LIMIT
from policies.facts.ecs.concurrency_table import (
    BARE_POOL_NAMES,
    ORM_WORDS,
    OVERFLOW_ENDINGS,
    POOL_NAME_ENDINGS,
    PROGRAMS,
    ROLES,
    THREAD_VARIABLES,
)
from policies.facts.ecs.database_variables import (
    NO_SQL_WORDS,
    PLACE_WORDS,
    SQL_WORDS,
    place_of,
    tells_of_database,
    words_of,
)

_SQL = SQL_WORDS | frozenset(" ".join(ORM_WORDS).split())
_NOT_A_DATABASE = NO_SQL_WORDS | frozenset(
    [
        "HTTP",
        "HTTPS",
        "THREAD",
        "CLIENT",
        "KAFKA",
        "AMQP",
        "RABBITMQ",
        "SMTP",
        "GRPC",
        "TCP",
        "SOCKET",
        "WS",
        "CACHE",
        "MEMCACHED",
        "LDAP",
        "S3",
        "EXECUTOR",
        "MIN",
        "MINIMUM",
        "INITIAL",
        "IDLE",
        "BROKER",
        "RESULT",
    ]
)
_NAME = re.compile(rf"(?:(.*)_)?({POOL_NAME_ENDINGS})")
_OVERFLOW = re.compile(rf"(?:(.*)_)?({OVERFLOW_ENDINGS})")
_BARE = re.compile(BARE_POOL_NAMES)
_WITHIN = re.compile(r"MAX_SIZE|MAXSIZE|MAX_POOL|MAX")
"""What names the size in a pool's own document or a database's URL."""
_PARAMETER = re.compile(r"[?&;,\s]\s*([A-Za-z][\w .-]{0,60}?)\s*=\s*([^&;,\s]+)")
_ENTRY = re.compile(r"[\"']?([A-Za-z_][\w.-]{0,80})[\"']?\s*:\s*[\"']?(-?[0-9]+)\b")
_OPTION = re.compile(r"(?:^|[\s\"'])(?:-D|--)?([A-Za-z_][\w.-]{2,80})(?:=|\s+)[\"']?(-?[0-9]+)(?=$|[\s\"';&])")
_OPTIONS_OF_JAVA = re.compile(r"(?:JAVA|JVM|JDK_JAVA|CATALINA|SPRING|MAVEN)_(?:TOOL_)?(?:OPT(?:ION)?S|ARGS)")
_FLAGS_OF_PROCESSES = frozenset(flag.lstrip("-") for program in PROGRAMS for flag in program.processes.split())
_INTEGER = re.compile(r"-?[0-9]{1,9}")


class Size(NamedTuple):
    """A name of a pool's size. role: the words of a second pool; qualifier: what else stands before it."""

    role: tuple[str, ...]
    qualifier: tuple[str, ...]
    overflow: bool


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
    limit: int,
    environment: Mapping[str, str | None],
    secrets: Sequence[str] = (),
    command: Sequence[str] = (),
    threads: tuple[int, str] = (0, ""),
) -> Pools:
    """What one process opens at most: the limit, or the larger pool that stands beside it, and second pools in addition.

    threads: the most of a process, each with a connection, and what states them.
    """
    statements = list(_statements(environment, secrets, command))
    unknown = tuple(sorted({text for one in statements if (text := _unreadable(one))}))
    known = [one for one in statements if not _unreadable(one)]
    first = [one for one in known if not one.size.role]
    candidates = [(limit, ""), threads]
    candidates.append(_of_one(limit, [one for one in first if not one.size.qualifier]))
    named = sorted({one.size.qualifier for one in first if one.size.qualifier})
    sizes = [_of_one(limit, [one for one in first if one.size.qualifier == qualifier]) for qualifier in named]
    if sizes:
        candidates.append((sum(size for size, _ in sizes), " + ".join(text for _, text in sizes)))
    most, by = max(candidates, key=lambda candidate: candidate[0])
    for role in sorted({one.size.role for one in known if one.size.role}):
        second, text = _of_one(0, [one for one in known if one.size.role == role])
        most, by = most + second, f"{by or f'{LIMIT} {limit}'} + {text}"
    return Pools(size=most, by=by, unknown=unknown)


def _of_one(limit: int, statements: Sequence[_Statement]) -> tuple[int, str]:
    """The largest size that is stated, and the largest overflow, which is added to it or else to the limit."""
    stated = [(int(one.value or 0), one.name) for one in statements if not one.size.overflow]
    beyond = [(int(one.value or 0), one.name) for one in statements if one.size.overflow]
    size, name = max(stated, default=(0, ""))
    text = f"{name} {size}" if name else f"{LIMIT} {limit}"
    if not stated and not beyond:
        return 0, ""
    more, more_name = max(beyond, default=(0, ""))
    return (size if name else limit) + more, f"{text} + {more_name} {more}" if more else text


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
        if size is not None and name != LIMIT and not (document or _switch(name, value)):
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
    if _NOT_A_DATABASE.intersection(words):
        return
    database = tells_of_database(name, value)
    role = tuple(word for word in (place_of(name) or ()) if word in ROLES)
    if database and ("=" in value):
        for key, number in _PARAMETER.findall(f";{value}" if "://" not in value else value):
            if (size := size_name(key, within=True)) is not None and not _switch(key, number):
                yield _Statement(size._replace(role=role), f"{key} of {name}", number)
    if value.lstrip()[:1] in ("{", "[") and (
        database
        or _SQL.intersection(words)
        or re.search(r"(?i)datasource|hikari|database|mysql|postgres|\bsql|pool", value)
    ):
        for key, number in _ENTRY.findall(value):
            if (size := size_name(key, within=True)) is not None:
                yield _Statement(size._replace(role=role), f"{key} of {name}", number)
    if _OPTIONS_OF_JAVA.fullmatch(name):
        for key, number in _OPTION.findall(value):
            if (size := size_name(key)) is not None:
                yield _Statement(size, f"{key} of {name}", number)


@lru_cache(maxsize=4096)
def size_name(name: str, *, within: bool = False) -> Size | None:
    """Whether a name states the size of a database's pool; within: it stands in a URL or a document of one."""
    spelled = name if name.isupper() else re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    words = words_of(re.sub("(?i)dbcp2", "DBCP", spelled))
    joined = "_".join(words)
    overflow = _OVERFLOW.fullmatch(joined)
    match = overflow or _NAME.fullmatch(joined) or (_WITHIN.fullmatch(joined) if within else None)
    if match is None or _NOT_A_DATABASE.intersection(words):
        return None
    before = [word for word in ((match[1] if match.re is not _WITHIN else "") or "").split("_") if word]
    role = tuple(word for word in before if word in ROLES)
    bare = overflow or _BARE.fullmatch("_".join(word for word in words if word not in ROLES))
    if not (within or bare or _SQL.intersection(before)):
        return None
    qualifier = tuple(word for word in before if word not in _SQL | ROLES | PLACE_WORDS | _PARTS)
    return Size(role, () if within else qualifier, overflow=overflow is not None)


_PARTS = frozenset(
    [
        "SPRING",
        "QUARKUS",
        "CONNECTION",
        "DEFAULT",
        "MAIN",
        "PRIMARY",
        "APP",
        "APPLICATION",
        "MY",
        "MAX",
        "POOL",
        "OPEN",
        "TOMCAT",
        "JDBC",
        "R2DBC",
        "REACTIVE",
        "ENGINE",
        "GF",
        "KC",
        "MB",
        "N8N",
        "GRAPHQL",
        "MICRONAUT",
        "DATASOURCES",
        "AIRFLOW",
        "KONG",
        "STRAPI",
        "WRITE",
        "WRITER",
        "MASTER",
    ]
)
"""Words that name no pool of their own."""
