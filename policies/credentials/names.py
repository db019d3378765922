"""Which names say that a secret stands behind them, and which values there are none: references, switches, public keys."""

from __future__ import annotations

import functools
import re

from policies.credentials.shapes import PUBLIC

_NAME = re.compile(
    r"(?:(?:^|[_./-])(?:PASS|PWD|TOKEN|CREDENTIAL|CREDENTIALS|SALT"
    r"|(?:SIGNING|ENCRYPTION|AUTH|HMAC|MASTER|SSH|DEPLOY|SERVICE|ACCOUNT|DB|DATABASE|CLIENT)_?KEY)"
    r"|PASSWORD|PASSWD|PASSPHRASE|REQUIREPASS|SECRETS?|SECRET_?KEY_?BASE|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|SECRET_?KEY"
    r"|ACCESSTOKEN|AUTHTOKEN)"
    r"(?:$|[_./-](?:\d+|PROD|PRD|DEV|VALUE|BASE64|B64|OLD|NEW|CURRENT)$)",
    re.IGNORECASE,
)
"""Names that are a secret's by their last word, so that TOKEN_TTL and PASSWORD_MIN_LENGTH are not."""
_PUBLIC_NAME = re.compile(
    r"(?:^|_)(?:PUBLIC|PUBLISHABLE|ANON)_|^(?:VITE|REACT_APP|GATSBY|EXPO_PUBLIC)_|SITE_KEY$", re.IGNORECASE
)
"""Names of what is meant for everybody: bundlers build variables of these prefixes into what browsers load."""
_ANY_LITERAL = re.compile(r"PASSWORD|PASSWD|PASSPHRASE|REQUIREPASS|PWD|PASS|SECRET", re.IGNORECASE)
"""Of these a number is a weak secret; of a token, a key or a salt it is a count, a port or a time."""
_CARRIER = re.compile(
    r"(?:^|[_./-])(?:DSN|(?:DATABASE|DB|REDIS|MONGO(?:DB)?|AMQP|BROKER)_UR[IL]|CONNECTION_STRING)$", re.I
)
"""Names of addresses that often carry a password: their value decides, so it has to be known."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SWITCHES = frozenset(["true", "false", "yes", "no", "on", "off", "enabled", "disabled", "required", "optional"])
_NUMBER = re.compile(r"\d+(?:\.\d+)?\s?(?:ms|s|m|h|d|[KMG]i?B?)?")
_REFERENCE = re.compile(
    r"arn:|(?:file|s3|ssm|awsssm|awssm|aws-sm|sm|vault|op|ref\+\w+|secretsmanager|secretmanager|aws:\w+):\S"
    r"|~?/[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+/?$|\.{1,2}/[A-Za-z0-9_./-]+$|[A-Za-z]:\\"
    r"|[A-Za-z0-9_./-]+\.(?:pem|key|crt|cert|cer|p12|pfx|jks|json|ya?ml|txt|env|conf|ini|properties)$"
    r"|https?://[^@]*[.:][^@]*$"
)
"""What is no secret although its name says so: an ARN, a path, an address, a secret store's reference."""
_STORED = re.compile(r"[a-z][a-z0-9-]*(?:/[a-z][a-z0-9-]*)+")
"""The name of a secret in a store, as in DB_SECRET=prd/api/db."""
_STANDS_FOR = re.compile(
    r"\$\{[A-Za-z_][\w.]*(?:\[\w+\])?(?::?[?+][^{}]*|:?-(?P<default>[^{}]*))?\}|\$\([^()]*\)?|`[^`]*`?|\$[A-Z_][A-Z0-9_]*"
    r"|\$\{\{[^{}]*\}\}|\{\{[^{}]*\}\}|#\{[^{}]*\}|\{[A-Za-z_][\w.]*\}|<[^<>]+>|%[A-Z_]+%|%\(\w+\)s|%s"
    r"|process\.env\b\S*|os\.environ\b\S*|ENV\[\S*"
)
"""What stands for a value that comes from elsewhere, as shells, templates and code write it."""
_SHELL_VARIABLE = re.compile(r"\$[A-Za-z_]\w*")
_MASK = re.compile(r"[*•.]+|[xX]{3,}|\[?(?:redacted|secret|masked|hidden)\]?", re.IGNORECASE)


@functools.lru_cache(maxsize=4096)
def secret_name(name: str) -> bool:
    """Whether a variable's name is a secret's by its last word."""
    plain = _CAMEL.sub("_", name).replace("-", "_")
    return _NAME.search(plain) is not None and _PUBLIC_NAME.search(plain) is None


@functools.lru_cache(maxsize=4096)
def may_hold_secret(name: str) -> bool:
    """Whether a value under this name has to be known to say that it is none."""
    return secret_name(name) or _CARRIER.search(_CAMEL.sub("_", name).replace("-", "_")) is not None


def stands_for_another(value: str, *, shell: bool = False) -> bool:
    """Whether a value is wholly a reference (`${DB_PASSWORD}`, `{{ password }}`) or a mask, and no literal is its default.

    shell: small letters name variables, too.
    """
    defaults: list[str] = []

    def taken(match: re.Match[str]) -> str:
        defaults.append(match["default"] or "")
        return ""

    rest = _STANDS_FOR.sub(taken, value)
    if shell:
        rest = _SHELL_VARIABLE.sub("", rest)
    if any(default and not stands_for_another(default, shell=shell) for default in defaults):
        return False
    return not rest.strip(" \"'") or _MASK.fullmatch(rest.strip()) is not None


def literal_secret(name: str, value: str, *, shell: bool = False) -> bool:
    """Whether a name is a secret's and the value a literal: no reference, switch, path, address or public key."""
    text = value.strip()
    if not secret_name(name) or not text or text.lower() in _SWITCHES or stands_for_another(text, shell=shell):
        return False
    if name == "PWD" and text.startswith("/"):
        return False  # the shell's own variable
    if not _ANY_LITERAL.search(name) and _NUMBER.fullmatch(text):
        return False
    stored = re.search(r"(?:SECRETS?|CREDENTIALS?)$", name, re.IGNORECASE) and _STORED.fullmatch(text)
    return not (stored or _REFERENCE.match(text) or PUBLIC.match(text))
