"""Policies about secrets in plain text: none in environments, commands, parameters, builds or anywhere else. No value is ever quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import cast

from ..graph import Resource
from ..reading import Absent, Present, is_unknown, optional, read, read_json, read_list, read_text, refuse, required
from ..rules import Problem, Rule, Stack, each, each_container
from ..spec import EVERYWHERE, PolicySpec, hub, setting
from ..tokens import BUILD_PROJECT, PARAMETER, SCHEDULE

_ENVIRONMENT = PolicySpec(
    name="no-plaintext-secrets",
    what="No secret stands in plain text in a container's or a build's environment.",
    why="Everybody who may describe a task definition or a build reads it, and its old revisions keep it for ever.",
    severity="critical",
    how_to_fix="Store it as an SSM SecureString and name its ARN under secrets (containers) or type PARAMETER_STORE (builds).",
    url=hub("ECS.8"),
    levels=EVERYWHERE,
    references=("AwsSolutions-ECS2", "CodeBuild.2", "ECS.8"),
    settings=(setting("notSecret", (), "Names of variables that look like a secret's and are none."),),
)
_PARAMETERS = PolicySpec(
    name="secret-parameters-encrypted",
    what="An SSM parameter that holds a secret is a SecureString.",
    why="A String is shown in the console and in every answer of the API, without a key in between.",
    severity="high",
    how_to_fix="Set type to SecureString, and the value outside the program.",
    url="https://docs.aws.amazon.com/systems-manager/latest/userguide/secure-string-parameter-kms-encryption.html",
    levels=EVERYWHERE,
    references=("CKV2_AWS_34",),
)
_ANYWHERE = PolicySpec(
    name="no-credentials-in-program",
    what="No property of any resource holds something that is plainly a credential.",
    why="It stands in the state, in the events of every run and in AWS.",
    severity="critical",
    how_to_fix="Revoke the credential, since it has been seen, and pass the new one as a reference to a SecureString.",
    url="https://docs.aws.amazon.com/secretsmanager/latest/userguide/best-practices.html",
    levels=EVERYWHERE,
    references=("CKV_AWS_46", "CodeBuild.1"),
)

_NAME = re.compile(
    r"(?:^|[_./-])(?:PASSWORD|PASSWD|PASSPHRASE|PWD|SECRET|SECRETS|TOKEN|CREDENTIAL|CREDENTIALS|API_?KEY|PRIVATE_?KEY|"
    r"ACCESS_?KEY|SECRET_?KEY|SIGNING_?KEY|ENCRYPTION_?KEY|AUTH_?KEY|CLIENT_?SECRET|DATABASE_URL|CONNECTION_STRING|DSN|SALT)"
    r"(?:$|[_./-](?:\d+|PROD|PRD|DEV|VALUE|BASE64|B64|OLD|NEW|CURRENT)$)",
    re.IGNORECASE,
)
"""Names that are a secret's by their last word, so that TOKEN_TTL and PASSWORD_MIN_LENGTH are not."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_VALUE = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"
    r"|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"
    r"|\b(?:ghp|gho|ghs|ghr)_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{40,}\b|\bglpat-[A-Za-z0-9_-]{20,}\b"
    r"|\bxox[abprs]-[A-Za-z0-9-]{20,}\b|\bsk_live_[A-Za-z0-9]{16,}\b|\bAIza[A-Za-z0-9_-]{35}\b|\bnpm_[A-Za-z0-9]{36}\b"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"
    r"|\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@\"'<>{}$]{1,80}:[^\s/@\"'<>{}$]{1,200}@"
)
"""Shapes of credentials: AWS, private keys, GitHub, GitLab, Slack, Stripe, Google, npm, JWT, and URLs with a password."""
_HINTS = (
    "AKIA", "ASIA", "-----BEGIN", "ghp_", "gho_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "sk_live_", "AIza", "npm_",
    "eyJ", "://",
)  # fmt: skip
"""What every shape holds: finding one of these is quicker than the pattern."""
_REFERENCE = re.compile(r"arn:|/[A-Za-z0-9_./-]+$|https?://[^@]*$")
_DEEPEST = 40


def secret_name(name: str) -> bool:
    """Whether a variable's name is a secret's by its last word."""
    return _NAME.search(_CAMEL.sub("_", name).replace("-", "_")) is not None


def credential(text: str) -> bool:
    """Whether a text holds what is plainly a credential."""
    return any(hint in text for hint in _HINTS) and _VALUE.search(text) is not None


def _pairs(fields: Mapping[str, object], key: str, value_key: str) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """(name, value or "", the entry) of a list of {"name", value_key}."""
    for position, item in enumerate(optional(read_list(fields, key), [])):
        if not isinstance(item, Mapping):
            refuse(f"{key}[{position}]", "is unknown at preview" if is_unknown(item) else "is no object")
        entry = cast("Mapping[str, object]", item)
        value = entry.get(value_key)
        yield required(read_text(entry, "name")), value if isinstance(value, str) else "", entry


def _telling(stack: Stack, name: str, value: str) -> bool:
    """Whether a variable passes a secret: by its name, unless it is a reference or a switch, or by its value."""
    if name in stack.texts(_ENVIRONMENT, "notSecret"):
        return False
    harmless = not value.strip() or value.lower() in ("true", "false") or _REFERENCE.match(value) is not None
    return (secret_name(name) and not harmless) or credential(value)


def _containers(stack: Stack, __: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    for name, value, _entry in _pairs(container, "environment", "value"):
        if _telling(stack, name, value):
            yield Problem(f"{name[:100]} is in environment", "secrets")
    for name, reference, _entry in _pairs(container, "secrets", "valueFrom"):
        # The name of a parameter of this region is a reference, too; a value with spaces or the like is none.
        if not re.fullmatch(r"arn:[^\s]+|/?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*", reference):
            yield Problem(f"valueFrom of {name[:100]} is no ARN and no parameter's name", "a reference")
    words = [str(word) for key in ("command", "entryPoint") for word in optional(read_list(container, key), [])]
    for before, word in zip(("", *words), words, strict=False):
        option, _, value = word.lstrip("-").partition("=")
        given = value if word.startswith("-") and value else ""
        if (secret_name(option) and given) or (
            before.startswith("--") and "=" not in before and secret_name(before.lstrip("-"))
        ):
            yield Problem(f"the command passes {option[:60] if given else before[:60]}", "no secret in a command")


def _schedules(stack: Stack, schedule: Resource) -> Iterator[Problem]:
    document = read_json(schedule, "target", "input")
    if isinstance(document, Absent) or not isinstance(required(document), dict):
        return
    overrides = cast("Mapping[str, object]", required(document))
    for item in optional(read_list(overrides, "containerOverrides"), []):
        if isinstance(item, Mapping):
            for name, value, _entry in _pairs(cast("Mapping[str, object]", item), "environment", "value"):
                if _telling(stack, name, value):
                    yield Problem(f"{name[:100]} is in the input's environment", "secrets of the task definition")


def _builds(stack: Stack, project: Resource) -> Iterator[Problem]:
    environment = read(project, "environment")
    if not isinstance(environment, Present) or not isinstance(environment.value, Mapping):
        required(environment)
        refuse("environment", "is no object")
    for name, value, entry in _pairs(cast("Mapping[str, object]", environment.value), "environmentVariables", "value"):
        if optional(read_text(entry, "type"), "PLAINTEXT") == "PLAINTEXT" and _telling(stack, name, value):
            yield Problem(f"{name[:100]} is PLAINTEXT", "type PARAMETER_STORE or SECRETS_MANAGER")


def _parameters(stack: Stack, parameter: Resource) -> Iterator[Problem]:
    name, kind = required(read_text(parameter, "name")), required(read_text(parameter, "type"))
    value = parameter.props.get("value")
    if kind != "SecureString" and (secret_name(name) or (isinstance(value, str) and credential(value))):
        yield Problem(f"type is {kind[:20]}", "SecureString")


def _anywhere(_: Stack, resource: Resource) -> Iterator[Problem]:
    for where, text in _texts(resource.props, "", 0):
        if credential(text):
            yield Problem(f"{where} holds a credential", "none")


def _texts(value: object, where: str, depth: int) -> Iterator[tuple[str, str]]:
    """(top-level property, text) of every string; what is nested deeper than any AWS property is refused."""
    if depth > _DEEPEST:
        refuse(where, "is nested too deep to be read")
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for key, item in cast("Mapping[str, object]", value).items():
            yield from _texts(item, where or str(key), depth + 1)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _texts(item, where, depth + 1)


def _environments(stack: Stack, resource: Resource) -> Iterator[Problem]:
    yield from (_schedules if resource.type == SCHEDULE else _builds)(stack, resource)


_OF_CONTAINERS = each_container(_ENVIRONMENT)(_containers)
_OF_OTHERS = each(_ENVIRONMENT, SCHEDULE, BUILD_PROJECT)(_environments)

RULES: tuple[Rule, ...] = (
    Rule(
        spec=_ENVIRONMENT,
        judge=lambda stack: (*_OF_CONTAINERS.judge(stack), *_OF_OTHERS.judge(stack)),
        types=_OF_CONTAINERS.types | _OF_OTHERS.types,
    ),
    each(_PARAMETERS, PARAMETER)(_parameters),
    each(_ANYWHERE)(_anywhere),
)
