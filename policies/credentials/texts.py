"""Secrets inside of texts: addresses with a password, assignments, headers, what a command passes to a program."""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from policies.credentials.names import literal_secret, secret_name, stands_for_another
from policies.credentials.shapes import known_shape

URL_WITH_PASSWORD: Final = "a URL with a password"
USER_AND_PASSWORD: Final = "a user with a password"
_IN_URL = re.compile(r"://[^\s:/@\"'?#\[]{0,80}:(?P<password>(?:(?!://)[^\s@\"']){1,200})@(?P<host>[^\s\"'@]*)")
_PORT = re.compile(r"(?:\d{1,5}|\$\{?\w+\}?|\{\w+\}|<\w+>|%\w+%)[/?#]")
"""What stands behind a colon of an address and is its port: http://api:3000/@types."""
_WITHOUT_SCHEME = re.compile(
    r"(?<![\w.:/@%+-])(?P<user>[A-Za-z0-9][\w.%+-]{0,79}):(?P<password>[^\s:/@\"'()]{1,200})@(?P<host>[^\s\"'@]+)"
)
_BEFORE_A_HOST = re.compile(r":[^\s:/@\"'()]{1,200}@")
"""What of it is found soonest: most texts with an @ hold a mail, or an image's digest."""
_ORACLE = re.compile(r"\b(?:thin:|sqlplus\s+(?:-\w+\s+)*)[\"']?(?P<user>\w{1,60})/(?P<password>[^\s@/\"']{1,100})@")
_NO_USER = frozenset({
    "mailto", "sip", "sips", "xmpp", "acct", "npm", "jsr", "workspace", "git", "email", "owner", "contact",
    "maintainer", "team", "from", "to",
})  # fmt: skip
_SERVER = re.compile(
    r"(?:tcp|unix)\(|localhost\b|\d{1,3}(?:\.\d{1,3}){3}(?![.\d])|[A-Za-z0-9-]+$|[A-Za-z0-9.-]+(?::\d{2,5}|/)"
)
"""A host that no address of a mail ends in, which stands for a connection."""
_DIGEST = re.compile(r"sha(?:256|512)[:-]")
_NO_HOST = re.compile(rf"{_DIGEST.pattern}|v?\d+(?:\.\d+){{0,2}}(?:-|$)")
"""A digest or a version, as behind an image's or a package's name."""
_ASSIGNED = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(?!=)(?P<value>\"[^\"]*\"|'[^']*'|\$\([^()]*\)?|[^\s\"';&|()]+)"
)
_IN_JSON = re.compile(r"\\?[\"'](?P<name>[A-Za-z_][\w.-]*)\\?[\"']\s*:\s*\\?[\"'](?P<value>[^\"'\\]+)\\?[\"']")
_IN_YAML = re.compile(
    r"^[ \t]*(?:-[ \t]+)?(?P<name>[A-Za-z_][\w-]*):[ \t]+(?P<value>\"[^\"\n]+\"|'[^'\n]+'|\S+)[ \t]*$", re.M
)
_IN_HEADER = re.compile(
    r"\b(?:(?:proxy-)?authorization\W{1,4}(?:bearer|basic|token|apikey|digest)\s+"
    r"|(?:x-[\w-]*(?:key|token|secret)|private-token|api-?key)\s?:\s*)(?P<value>[^\s\"'\\,]+)",
    re.IGNORECASE,
)
_IN_SQL = re.compile(r"\b(?:identified\s+(?:with\s+\S+\s+)?by|password)\s+'(?P<value>[^']+)'", re.IGNORECASE)
_PIPED = re.compile(
    r"\becho\s+(?:-\w+\s+)?(?P<value>\"[^\"]+\"|'[^']+'|\S+)\s*\|[^|]*(?:--password-stdin|chpasswd|passwd\s+--stdin|sudo\s+-S)"
)
_BUILD_SECRET = re.compile(r"(?:id|type)=|\*")
"""An option of docker build, which names a secret, or a mask."""
_SPACE = re.compile(r"\s")
_ENDS_A_COMMAND = frozenset((";", "&&", "||", "|", "&"))
_MYSQL = frozenset({
    "mysql", "mysqladmin", "mysqldump", "mysqlcheck", "mysqlimport", "mysqlpump", "mysqlsh", "mariadb",
    "mariadb-admin", "mariadb-dump",
})  # fmt: skip
_PASSING: Mapping[str, tuple[str, ...]] = {
    "curl": ("-u", "--user", "-U", "--proxy-user"),
    "sshpass": ("-p",),
    "redis-cli": ("-a",),
    "valkey-cli": ("-a",),
    "mongo": ("-p",),
    "mongosh": ("-p",),
    "mongodump": ("-p",),
    "mongorestore": ("-p",),
    "login": ("-p",),
    "cqlsh": ("-p",),
    "rabbitmqadmin": ("-p",),
    "sqlcmd": ("-P",),
    "ldapsearch": ("-w",),
    "zip": ("-P",),
    "7z": ("-p",),
}
"""Programs and their short options for a password, from their manuals; curl's is user:password, "login" is docker's and its kin's."""


@functools.lru_cache(maxsize=8192)
def credential(text: str) -> str | None:
    """What a text holds that is plainly a credential: a key of a known shape, or an address with a password."""
    return known_shape(text) or _address(text, mail=True)


def secret_in_text(text: str, *, script: bool = False) -> str | None:
    """What a text holds or sets: "a URL with a password", "it sets Password"; None where it holds no secret.

    script: what a machine runs at its start, so lines of YAML and pipes count, too.
    """
    if found := credential(text):
        return found
    if (name := assigned(text, shell=script)) is not None:
        return f"it sets {name[:60]}"
    if any(_literal(match["value"]) for match in _IN_HEADER.finditer(text)):
        return "a header with a secret"
    if "'" in text and any(_literal(match["value"]) for match in _IN_SQL.finditer(text)):
        return "SQL with a password"
    if script:
        if name := next((match["name"] for match in _IN_YAML.finditer(text) if _sets(match, shell=True)), None):
            return f"it sets {name[:60]}"
        for line in text.splitlines():
            if found := next(secrets_in_command([line]), None):
                return f"a command that passes {found}"
    return None


def assigned(text: str, *, shell: bool = False) -> str | None:
    """The name of a secret that a text sets, as in "Server=db;Password=…", "DB_PASSWORD=… node main.js" or {"token": "…"}."""
    for pattern, mark in ((_ASSIGNED, "="), (_IN_JSON, ":")):
        if mark in text:
            for match in pattern.finditer(text):
                if _sets(match, shell=shell):
                    return match["name"].lstrip("-")
    return None


def secrets_in_command(words: Sequence[str]) -> Iterator[str]:
    """What a command passes that is a secret, each without its value: "--password", "a URL with a password"."""
    yield from _secrets_in_command(tuple(words))


@functools.lru_cache(maxsize=4096)
def _secrets_in_command(words: tuple[str, ...]) -> tuple[str, ...]:
    """A platform's services are checked and built by the same few commands."""
    return tuple(dict.fromkeys(_passed(list(_tokens(words, 0)))))


def _passed(tokens: Sequence[str]) -> Iterator[str]:
    program = ""
    for number, token in enumerate(tokens):
        following = tokens[number + 1] if number + 1 < len(tokens) else ""
        name = token.rpartition("/")[2]
        if token in _ENDS_A_COMMAND:
            program = ""
        elif name in _PASSING or name in _MYSQL:
            program = name
        found = _option(token, following) or _short_option(program, token, following)
        if found := found or (None if _SPACE.search(token) else _held(token)):
            yield found
        elif any(_literal(match["value"]) for match in (*_IN_HEADER.finditer(token), *_IN_SQL.finditer(token))):
            yield "a header or a statement with a secret"
        elif _oracle(token):
            yield USER_AND_PASSWORD
        if any(_literal(match["value"].strip("\"'")) for match in _PIPED.finditer(token)):
            yield "a password by echo"


def _held(token: str) -> str | None:
    """What one word of a command holds or sets."""
    name = assigned(token, shell=True)
    return credential(token) or _address(token, mail=False) if name is None else name[:60]


def _tokens(words: Sequence[str], depth: int) -> Iterator[str]:
    """The words of a command, and those of the commands that are written inside of one."""
    for word in words:
        yield word
        if depth > 3 or not _SPACE.search(word):
            continue
        try:
            lexer = shlex.shlex(word, posix=True, punctuation_chars=";&|")
            lexer.whitespace_split, lexer.commenters = True, ""
            inner = list(lexer)
        except ValueError:  # a quote is never closed
            inner = word.split()
        yield from _tokens([token for token in inner if token != word], depth + 1)


def _option(token: str, following: str) -> str | None:
    """An option with a secret's name, and a literal behind it."""
    if not token.startswith("-"):
        return None
    option, _, value = token.lstrip("-").partition("=")
    if len(option) < 2 or not secret_name(option):
        return None
    given = value or ("" if "=" in token or following.startswith("-") else following)
    return (
        token[:60].partition("=")[0]
        if literal_secret(option, given, shell=True) and not _BUILD_SECRET.match(given)
        else None
    )


def _short_option(program: str, token: str, following: str) -> str | None:
    """A program's short option for a password, and a literal behind it."""
    if program in _MYSQL:
        return "-p" if token.startswith("-p") and _literal(token[2:]) else None
    for option in _PASSING.get(program, ()):
        joined = token.removeprefix(option) if len(option) == 2 and token != option and token.startswith(option) else ""
        value = (
            following
            if token == option
            else joined or (token.partition("=")[2] if token.startswith(f"{option}=") else "")
        )
        if program == "curl":
            value = value.partition(":")[2]
        if value and _literal(value):
            return option
    return None


def _address(text: str, *, mail: bool) -> str | None:
    """An address with a user and a password. mail: may be one of a mail behind a word, as in owner:ann@example.com."""
    if "@" not in text:
        return None
    if "://" in text:
        for match in _IN_URL.finditer(text):
            if not _PORT.match(match["password"]) and not _DIGEST.match(match["host"]) and _literal(match["password"]):
                return URL_WITH_PASSWORD
    for match in _WITHOUT_SCHEME.finditer(text) if _BEFORE_A_HOST.search(text) else ():
        host, user = match["host"], match["user"].lower()
        if user in _NO_USER or _NO_HOST.match(host) or not _literal(match["password"]):
            continue
        if _SERVER.match(host) or (not mail and re.match(r"[A-Za-z0-9.-]+$", host)):
            return USER_AND_PASSWORD
    return USER_AND_PASSWORD if _oracle(text) else None


def _oracle(text: str) -> bool:
    """Whether Oracle's form stands there, user/password@server."""
    return ("thin:" in text or "sqlplus" in text) and any(
        _literal(match["password"]) for match in _ORACLE.finditer(text)
    )


def _sets(match: re.Match[str], *, shell: bool) -> bool:
    name, value = match["name"].lstrip("-"), match["value"].strip("\"'")
    return not _BUILD_SECRET.match(value) and literal_secret(name, value, shell=shell)


def _literal(value: str) -> bool:
    return bool(value) and not stands_for_another(value, shell=True)
