"""The policy `tls-verified`: no environment, address or command switches the encryption or the check of certificates off."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping

from policies.facts.delivery.pipelines import read_variables
from policies.facts.ecs.container_addresses import texts_of
from policies.facts.ecs.parts.secrets import secrets_of
from policies.facts.ecs.stated.database_variables import PLACE_WORDS, SQL_WORDS, place_of, words_of
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import NotDecidedError, Undecided
from policies.resources.reading import known_text, optional, read_map, text_or
from policies.resources.requested import asked_flag
from policies.rules.policy import setting
from policies.rules.rule import Problem, Stack, each_container, policy

_OFF = frozenset({"0", "false", "no", "off", "none", "disable", "disabled", "never", "cert_none"})
_ON = frozenset({"1", "true", "yes", "on", "always"})
_CLEAR = frozenset({"allow", "disable", "disabled", "prefer", "preferred", "skip-verify", "preferred-skip-verify"})
"""Modes by which a database's client goes on in clear, or with a certificate of anybody, where the server lets it."""
_SWITCHED_OFF = re.compile(
    r"(?i)(?:^|_)(?:NODE_TLS_REJECT_UNAUTHORIZED|PYTHONHTTPSVERIFY|REJECT_?UNAUTHORIZED|STRICT_SSL|(?:SSL|TLS|CERT|HTTPS)_?"
    r"(?:CERT_?)?(?:VERIFY|VERIFICATION|VALIDATE|VALIDATION)(?:_ENABLED|_MODE|_PEER)?|VERIFY_?(?:SSL|TLS|CERTS?|PEER|CERTIFICATES?))$"
)
"""Variables that switch verification off by a word of _OFF (documentation of Node.js, Python, npm, Elastic, Airflow and others)."""
_SWITCHED_ON = re.compile(
    r"(?i)(?:^|_)(?:GIT_SSL_NO_VERIFY|(?:SKIP|NO|DISABLE|IGNORE)_?(?:SSL|TLS|CERT|HTTPS)(?:_?(?:VERIFY|VERIFICATION|VALIDATION|CHECK|ERRORS?))?|"
    r"(?:SSL|TLS|CERT)_?(?:NO|SKIP|DISABLE|IGNORE)_?(?:VERIFY|VERIFICATION|VALIDATION|CHECK)?|(?:TLS_|SSL_)?INSECURE(?:_SKIP_VERIFY|_TLS|_SSL)?|"
    r"SKIP_VERIFY|TRUST_?SERVER_?CERTIFICATE)$"
)
"""Variables that switch it off by a word of _ON (documentation of Git, Vault, Go clients, SQL Server and others)."""
_MODE = re.compile(
    r"(?i)(?:^|_)(?:PG|DB_|MYSQL_|DATABASE_|POSTGRES_|REDIS_)?(?:SSL_?MODE|USE_?SSL|SSL|TLS|USE_?TLS|TLS_?MODE)$"
)
"""Variables with the mode of a client's TLS."""
_IN_TEXT = re.compile(
    r"(?i)(?<![\w-])(?:(?:ssl_?-?mode|tls)=(?:allow|disabled?|prefer(?:red)?|false|skip-verify|preferred-skip-verify)|(?:use_?ssl|require_?ssl|ssl|encrypt|tls)=(?:false|0)|"
    r"verify_?server_?certificate=false|trust_?server_?certificate=(?:true|yes)|ssl_?-?cert_?-?reqs=(?:cert_)?none|sslaccept=accept_invalid_certs|"
    r"ssl_?-?verify(?:_?cert)?=(?:false|0|none)|rejectUnauthorized=(?:false|0)|tls_?(?:insecure|allow_?invalid_?certificates)=true|"
    r"[\"']?rejectUnauthorized[\"']?\s*:\s*false|http\.sslVerify[= ]false|strict-ssl[= ]false|disableHostnameVerification=true|"
    r"NODE_TLS_REJECT_UNAUTHORIZED=['\"]?0|PYTHONHTTPSVERIFY=['\"]?0|GIT_SSL_NO_VERIFY=['\"]?(?:1|true)|--ssl-mode=(?:disabled|preferred)|"
    r"--skip-ssl|--no-check-certificate|--insecure|--tls-skip-verify|--insecure-skip-tls-verify|--trusted-host|verify_?ssl=(?:false|0))(?![\w-])"
    r"|\bcurl\s(?:[^|;&\n]*\s)?-[a-zA-Z]*k[a-zA-Z]*(?=\s|$)"
)
_ANYBODY = frozenset({"require", "required", "true", "1", "yes", "on", "enabled"})
"""Modes that encrypt, and take the certificate of anybody: MySQL's --ssl-mode=REQUIRED, and libpq's sslmode=require without a root
certificate (MySQL Reference Manual, Connection-Encryption Parameters; PostgreSQL, libpq, SSL Support)."""
_CERTIFICATE = re.compile(
    r"(?i)(?:ssl|tls|pg|db|mysql|database|node|rds)\w*(?:root_?cert|ca_?(?:cert|file|path|bundle)?|cert)\w*"
)
"""Variables and parameters with the certificate of an authority."""
_ANYBODY_IN_TEXT = re.compile(r"(?i)(?<![\w-])(?:ssl_?-?mode=require(?:d)?)(?![\w-])")
_HINTS = ("ssl", "tls", "verif", "certificat", "encrypt", "insecure", "unauthorized", "trust", "curl")
"""Each text that _IN_TEXT finds holds one of these, in small or capital letters: looking for them is quicker."""
_OWN = re.compile(r"(?i)(?:^|[@/\s=])(?:localhost|127\.0\.0\.1|\[::1\])(?![\w.-])")
"""Addresses of the task itself, which no wire leads to."""

_WANTED = "TLS with verification"


def _of_variable(name: str, value: str) -> bool:
    word = value.strip().lower()
    off, on, mode = _switches(name)
    return bool(
        (off and word in _OFF)
        or (on and (word in _ON or (name.upper() == "GIT_SSL_NO_VERIFY" and word)))
        or (mode and (word in _CLEAR or word in _OFF))
    )


@functools.lru_cache(maxsize=4096)
def _switches(name: str) -> tuple[bool, bool, bool]:
    """Whether a variable switches verification off by a word of _OFF, by one of _ON, and whether it is the mode of a client's TLS."""
    return _SWITCHED_OFF.search(name) is not None, _SWITCHED_ON.search(name) is not None, _MODE.search(name) is not None


def _found(name: str, value: str) -> str:
    """What switches it off in a text, empty for nothing. Nothing of a value that may be secret is shown."""
    if _of_variable(name, value):
        return f"{name[:100]} is {value.strip()[:20]}"
    lower = value.lower()
    match = _IN_TEXT.search(value) if any(hint in lower for hint in _HINTS) else None
    if match is None or (_OWN.search(value) and len(re.findall(r"(?i)https?://|@", value)) < 2):
        return ""
    shown = re.sub(r"(?i)^curl.*\s(-\w*k\w*)$", r"curl \1", match[0], flags=re.DOTALL)
    return f"{name[:100]} has {shown[:60]}"


def _container(stack: Stack, _: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    texts = texts_of(container)
    # An authority's certificate beside it makes a mode that only encrypts one that verifies.
    certified = any(_is_certificate(text.where) for text in texts) or any(
        _is_certificate(secret.name) for secret in secrets_of(container)
    )
    for text in texts:
        if found := _found(text.where, text.value):
            yield Problem(found, _WANTED)
        elif not certified and (found := _anybody(text.where, text.value)):
            yield Problem(f"{found}, which takes any certificate", _WANTED)
    if not certified:
        yield from _left_out(stack, {text.where: text.value for text in texts})


@functools.lru_cache(maxsize=4096)
def _is_certificate(name: str) -> bool:
    return _CERTIFICATE.fullmatch(name) is not None


def _anybody(name: str, value: str) -> str:
    """The mode of a database's client that takes any certificate, empty for none."""
    if _switches(name)[2] and words_of(name)[0] in SQL_WORDS | {"PGSSLMODE"} and value.strip().lower() in _ANYBODY:
        return f"{name[:100]} is {value.strip()[:20]}"
    match = _ANYBODY_IN_TEXT.search(value) if "require" in value.lower() else None
    return f"{name[:100]} has {match[0]}" if match and not _CERTIFICATE.search(value.partition("?")[2]) else ""


def _left_out(stack: Stack, texts: Mapping[str, str]) -> Iterator[Problem]:
    """A mode that the stack's other clients of a database are given, and this one is not."""
    if any(re.search(r"(?i)ssl|tls", f"{name}={value}") for name, value in texts.items() if value.strip()):
        return
    for place in texts:
        beginning, _, last = place.rpartition("_")
        names = (
            [beginning + ending for ending in _ENDINGS] if last in PLACE_WORDS and place_of(place) is not None else []
        )
        for name in names:
            if len(stack.facts.given.get(name, ())) > 1 or (name not in texts and stack.facts.given.get(name)):
                is_set = "empty" if name in texts else "not set"
                yield Problem(
                    f"{name[:100]} is {is_set}, which the stack's other clients are given: MySQL's and PostgreSQL's clients then take "
                    "any certificate, or none",
                    _WANTED,
                )


_ENDINGS = ("_SSL_MODE", "_SSLMODE", "_TLS_MODE", "_SSL", "_TLS", "_USE_SSL", "_USE_TLS")
"""Ends of the names of variables with the mode of a client's TLS, behind what stands before its HOST."""


@policy(
    what="No task, build or function switches off TLS, or the check of the other side's certificate.",
    why="Whoever stands between then reads and changes what is sent, passwords first, and nobody notices.",
    severity="high",
    how_to_fix="Remove the switch, and give the client the authority's certificate where it does not know it.",
    url="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_protect_data_transit_authenticate.html",
    settings=(setting("alsoAllowed", (), "Variables that may do so, by name."),),
    types=(tokens.TASK_DEFINITION, tokens.BUILD_PROJECT, tokens.FUNCTION),
)
def tls_verified(stack: Stack, resource: Resource) -> Iterator[Problem]:
    allowed = stack.texts("alsoAllowed")
    if resource.type == tokens.TASK_DEFINITION:
        found = each_container(_container)(stack, resource)
        yield from (problem for problem in found if not any(f": {name} " in problem.found for name in allowed))
        return
    for name, value in _variables(resource):
        said = _found(name, value)
        if said and name not in allowed:
            yield Problem(said, _WANTED)
    if resource.type == tokens.BUILD_PROJECT and optional(asked_flag(resource, "source", "insecureSsl"), False):
        yield Problem("source.insecureSsl is true", _WANTED)


def _variables(resource: Resource) -> Iterator[tuple[str, str]]:
    """(name, value) of a build's or a function's variables; a build's commands, too."""
    if resource.type == tokens.FUNCTION:
        for name, value in optional(read_map(resource, "environment", "variables"), {}).items():
            yield name, value if isinstance(value, str) else ""
        return
    for variable in read_variables(resource, "environment", "environmentVariables"):
        value = variable.value
        if isinstance(value, Undecided) and not value.unknown:
            raise NotDecidedError(value)
        yield variable.name, text_or(value, "")
    yield "source.buildspec", known_text(resource, "source", "buildspec")
