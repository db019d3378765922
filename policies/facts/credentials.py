"""What tells a secret: the names of variables that hold one, and the shapes of credentials."""

from __future__ import annotations

import base64
import binascii
import re

_NAME = re.compile(
    r"(?:(?:^|[_./-])(?:PASS|PWD|TOKEN|CREDENTIAL|CREDENTIALS|SIGNING_?KEY|ENCRYPTION_?KEY|AUTH_?KEY|DATABASE_URL|"
    r"CONNECTION_STRING|DSN|SALT)"
    r"|PASSWORD|PASSWD|PASSPHRASE|SECRETS?|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|SECRET_?KEY|ACCESSTOKEN|AUTHTOKEN)"
    r"(?:$|[_./-](?:\d+|PROD|PRD|DEV|VALUE|BASE64|B64|OLD|NEW|CURRENT)$)",
    re.IGNORECASE,
)
"""Names that are a secret's by their last word, so that TOKEN_TTL and PASSWORD_MIN_LENGTH are not."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_VALUE = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"
    r"|(?i:aws_?secret_?access_?key)[\"'\s:=]+[A-Za-z0-9/+]{40}\b"
    r"|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"
    r"|\b(?:ghp|gho|ghs|ghr|ghu)_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{40,}\b"
    r"|\bgl(?:pat|rt|dt|ptt)-[A-Za-z0-9_-]{20,}\b|\bxox[abprs]-[A-Za-z0-9-]{20,}\b"
    r"|\bhooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{20,}"
    r"|\b[rs]k_live_[A-Za-z0-9]{16,}\b|\bsk-(?:proj|ant)-[A-Za-z0-9_-]{20,}\b|\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b"
    r"|\bAIza[A-Za-z0-9_-]{35}\b|\bnpm_[A-Za-z0-9]{36}\b"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"
    r"|\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@\"'<>{}$]{0,80}:[^\s/@\"'<>{}$]{1,200}@"
)
"""Shapes of credentials: AWS, private keys, GitHub, GitLab, Slack, Stripe, AI services, SendGrid, Google, npm, JWT, and URLs with
a password."""
_HINTS = (
    "AKIA", "ASIA", "-----BEGIN", "ghp_", "gho_", "ghs_", "ghr_", "ghu_", "github_pat_", "glpat-", "glrt-", "gldt-", "glptt-", "xox",
    "hooks.slack", "k_live_", "sk-", "SG.", "AIza", "npm_", "eyJ", "://", "ecret", "ECRET",
)  # fmt: skip
"""What every shape holds: finding one of these is quicker than the pattern."""
_CODED_KEY = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/=]{20,}")
"""The beginning of a key or a certificate, -----BEGIN, in Base64."""
_REFERENCE = re.compile(r"arn:|/[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+$|https?://[^@]*[.:][^@]*$")
"""What is no secret although its name says so: an ARN, a path, an address."""
_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*[\"']?(?!(?:id|type)=|\*)([^\s\"'$;&|<>{}()]{3,})")

"""A name and what it is set to; not an option of docker build, a mask or a reference to a variable."""


def secret_name(name: str) -> bool:
    """Whether a variable's name is a secret's by its last word."""
    return _NAME.search(_CAMEL.sub("_", name).replace("-", "_")) is not None


def passes(name: str, value: str) -> bool:
    """Whether a name is a secret's, and the value neither a reference nor a switch."""
    harmless = not value.strip() or value.lower() in ("true", "false") or _REFERENCE.match(value)
    return not harmless and secret_name(name)


def credential(text: str) -> bool:
    """Whether a text holds what is plainly a credential."""
    if any(hint in text for hint in _HINTS) and _VALUE.search(text) is not None:
        return True
    return "LS0tLS1CRUdJTi" in text and any("PRIVATE KEY" in (coded(key) or "") for key in _CODED_KEY.findall(text))


def assigned(text: str) -> str | None:
    """The name of a secret that a text sets, as in "Server=db;Password=…" or "DB_PASSWORD=… node main.js"."""
    if "=" not in text:
        return None
    return next((match[1] for match in _ASSIGNED.finditer(text) if passes(match[1].lstrip("-"), match[2])), None)


def coded(text: str) -> str | None:
    """What a text in Base64 says; None where it is none."""
    compact = "".join(text.split())
    try:
        return base64.b64decode(compact[: len(compact) - len(compact) % 4], validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None
