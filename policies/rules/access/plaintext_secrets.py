"""Policies about secrets in plain text: none in environments, commands, parameters, builds or anywhere else. No value is ever quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from policies.credentials.names import may_hold_secret, secret_name
from policies.credentials.shapes import decoded
from policies.credentials.texts import credential, secret_in_text, secrets_in_command
from policies.credentials.variables import NAMED, secret_reason
from policies.facts.delivery.pipelines import Variable, read_variables
from policies.facts.ecs.parts.health_checks import health_check
from policies.facts.ecs.parts.logs import log_configuration
from policies.facts.ecs.parts.secrets import secrets_of
from policies.facts.event_input import handed_over
from policies.resources import tokens
from policies.resources.documents import DocumentError, read_yaml
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present, Reading, Undecided, settled
from policies.resources.reading import (
    fields_of,
    items_of,
    known_text,
    optional,
    read,
    read_json,
    read_list,
    read_map,
    read_text,
    refuse,
    refuse_value,
    required,
)
from policies.resources.texts import DEEPEST
from policies.rules.policy import EVERYWHERE, hub, setting
from policies.rules.property_checks import stated
from policies.rules.rule import Problem, Stack, each_container, policy


def _pairs(fields: Mapping[str, object], key: str, value_key: str) -> Iterator[tuple[str, Reading[object]]]:
    """(name, its value) of a list of {"name", value_key}."""
    for position, item in enumerate(optional(read_list(fields, key), [])):
        if not isinstance(item, Mapping):
            refuse_value(f"{key}[{position}]", item, "is not an object")
        entry = cast("Mapping[str, object]", item)
        yield required(read_text(entry, "name")), read(entry, value_key)


def _why(stack: Stack, name: str, found: Reading[object]) -> str:
    """Why a variable is a secret, in brackets; empty where it is none. Raises NotDecidedError where its value has to be known."""
    if name in stack.texts("notSecret"):
        return ""
    if isinstance(found, Undecided) and may_hold_secret(name):
        required(found)
    why = secret_reason(name, str(found.value)) if isinstance(found, Present) else None
    return f" ({why})" if why else ""


def _containers(stack: Stack, __: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    for name, value in _pairs(container, "environment", "value"):
        if why := _why(stack, name, value):
            yield Problem(f"{name[:100]} is in environment{why}", "secrets")
    for secret in secrets_of(container):
        # The name of a parameter of this region is a reference, too; a value with spaces or the like is none.
        if not re.fullmatch(r"arn:[^\s]+|/?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*", secret.source):
            where = f"valueFrom of {secret.name[:100]}"
            yield Problem(stated(where, secret.written, "no ARN and no parameter's name"), "a reference")
    yield from _commands(container)
    logs = log_configuration(container)
    for where, held, instead in (
        ("dockerLabels", optional(read_map(container, "dockerLabels"), {}), "no secret in a label"),
        ("logConfiguration.options", {} if logs is None else logs.options, "secretOptions"),
    ):
        for name, item in held.items():
            if why := _why(stack, name, Present(item)):
                yield Problem(f"{name[:100]} is in {where}{why}", instead)


def _commands(container: Mapping[str, object]) -> Iterator[Problem]:
    """What the command, the entry point and the health check pass."""
    for where, words in _lines(container):
        for found in secrets_in_command([str(word) for word in words]):
            yield Problem(f"{where} passes {found}", "no secret in a command")


def _lines(container: Mapping[str, object]) -> Iterator[tuple[str, Sequence[object]]]:
    for key in ("command", "entryPoint"):
        yield key, optional(read_list(container, key), [])
    check = health_check(container)
    if check is not None:
        yield "healthCheck.command", check.command


def _overrides(stack: Stack, resource: Resource) -> Iterator[Problem]:
    """The environment in what a schedule or an event hands to a task."""
    if resource.type == tokens.EVENT_TARGET and isinstance(read(resource, "ecsTarget"), Absent):
        return  # its input is no task's
    document = read_json(resource, "target", "input") if resource.type == tokens.SCHEDULE else handed_over(resource)
    if isinstance(document, Absent) or not isinstance(required(document), dict):
        return
    overrides = cast("Mapping[str, object]", required(document))
    for item in optional(read_list(overrides, "containerOverrides"), []):
        if isinstance(item, Mapping):
            for name, value in _pairs(cast("Mapping[str, object]", item), "environment", "value"):
                if why := _why(stack, name, value):
                    yield Problem(f"{name[:100]} is in the input's environment{why}", "secrets of the task definition")
            yield from _commands(cast("Mapping[str, object]", item))


def _states(stack: Stack, machine: Resource) -> Iterator[Problem]:
    """The environment in what the states of a state machine hand to tasks; an unknown document is made of outputs, not of secrets."""
    document = read_json(machine, "definition")
    if not isinstance(document, Present):
        return
    for item in _overriding(document.value):
        for variable in map(fields_of, items_of(item.get("Environment"))):
            name, value = str(variable.get("Name")), read(variable, "Value")
            if why := _why(stack, name, value):
                yield Problem(f"{name[:100]} is in the states' environment{why}", "secrets of the task definition")


def _overriding(value: object) -> Iterator[Mapping[str, object]]:
    """The overrides of containers anywhere in a document of states."""
    if isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _overriding(item)
    for key, inner in fields_of(value).items():
        if key == "ContainerOverrides":
            yield from map(fields_of, items_of(inner))
        else:
            yield from _overriding(inner)


def _builds(stack: Stack, project: Resource) -> Iterator[Problem]:
    required(read_map(project, "environment"))
    yield from _plain(stack, read_variables(project, "environment", "environmentVariables"))
    buildspec = known_text(project, "source", "buildspec")
    if ":" not in buildspec or buildspec.startswith("arn:"):
        return  # a file's name, or an object in a bucket
    try:
        document = read_yaml(buildspec)
    except DocumentError:
        refuse("source.buildspec", "is not YAML")
    for name, value in _mapping(document, "env", "variables").items():
        if why := _why(stack, str(name), Present(value)):
            yield Problem(
                f"{str(name)[:100]} is in the buildspec's variables{why}", "parameter-store or secrets-manager"
            )
    for phase in _mapping(document, "phases").values():
        commands = phase.get("commands") if isinstance(phase, Mapping) else None
        for line in commands if isinstance(commands, list) else [commands] if isinstance(commands, str) else ():
            for found in secrets_in_command([str(line)]):
                yield Problem(f"a command of the buildspec passes {found}", "no secret in a command")


def _mapping(document: object, *keys: str) -> Mapping[object, object]:
    for key in keys:
        document = cast("Mapping[object, object]", document).get(key) if isinstance(document, Mapping) else None
    return cast("Mapping[object, object]", document) if isinstance(document, Mapping) else {}


def _plain(stack: Stack, variables: Iterable[Variable]) -> Iterator[Problem]:
    """Variables of a build that have no type of a reference."""
    for variable in variables:
        if variable.plain and (why := _why(stack, variable.name, variable.value)):
            yield Problem(f"{variable.name[:100]} is PLAINTEXT{why}", "type PARAMETER_STORE or SECRETS_MANAGER")


def _pipelines(stack: Stack, pipeline: Resource) -> Iterator[Problem]:
    for action in stack.facts.pipelines[pipeline.urn].actions():
        yield from _plain(stack, settled(action.variables))


def _batches(stack: Stack, definition: Resource) -> Iterator[Problem]:
    properties = read_json(definition, "containerProperties")
    if isinstance(properties, Absent) or not isinstance(required(properties), dict):
        return
    container = cast("Mapping[str, object]", required(properties))
    for name, value in _pairs(container, "environment", "value"):
        if why := _why(stack, name, value):
            yield Problem(f"{name[:100]} is in containerProperties.environment{why}", "secrets")
    yield from _commands(container)


_OF_IMAGES = ("sourceConfiguration", "imageRepository", "imageConfiguration", "runtimeEnvironmentVariables")
_OF_CODE = (
    *("sourceConfiguration", "codeRepository", "codeConfiguration", "codeConfigurationValues"),
    "runtimeEnvironmentVariables",
)
_SETTINGS: Mapping[str, tuple[tuple[tuple[str, ...], str, str], ...]] = {
    tokens.FUNCTION: ((("environment", "variables"), "environment", "a reference to a SecureString or a secret"),),
    tokens.APP_RUNNER_SERVICE: tuple((path, path[-1], "runtimeEnvironmentSecrets") for path in (_OF_IMAGES, _OF_CODE)),
    tokens.GLUE_CONNECTION: (
        (("connectionProperties",), "connectionProperties", "SECRET_ID with the name of a secret"),
    ),
    tokens.GLUE_JOB: ((("defaultArguments",), "defaultArguments", "the name of a secret that the job reads"),),
}
"""Type to its properties with names and values, what people call them, and what stands there instead of a secret."""


def _settings(stack: Stack, resource: Resource) -> Iterator[Problem]:
    for path, shown, instead in _SETTINGS[resource.type]:
        values = optional(read_map(resource, *path), {})
        for name in values:
            if why := _why(stack, name.lstrip("-"), read(values, name)):
                yield Problem(f"{name[:100]} is in {shown}{why}", instead)


@policy(
    what="An SSM parameter that holds a secret is a SecureString.",
    why="A String is shown in the console and in every answer of the API, without a key in between.",
    severity="high",
    how_to_fix="Set type to SecureString, and the value outside the program.",
    url="https://docs.aws.amazon.com/systems-manager/latest/userguide/secure-string-parameter-kms-encryption.html",
    levels=EVERYWHERE,
    references="CKV2_AWS_34",
    types=(tokens.PARAMETER,),
)
def secret_parameters_encrypted(_: Stack, parameter: Resource) -> Iterator[Problem]:
    name, kind = required(read_text(parameter, "name")), required(read_text(parameter, "type"))
    values = [known_text(parameter, key) for key in ("value", "insecureValue")]
    if kind == "SecureString":
        return
    why = next(filter(None, (secret_reason(name, value) for value in values)), None)
    if why or (secret_name(name) and not any(values)):
        yield Problem(f"type is {kind[:20]} ({why or NAMED})", "SecureString")


@policy(
    what="No property of any resource holds something that is plainly a credential.",
    why="It stands in the state, in the events of every run and in AWS.",
    severity="critical",
    how_to_fix="Revoke the credential, since it has been seen, and pass the new one as a reference to a SecureString.",
    url="https://docs.aws.amazon.com/secretsmanager/latest/userguide/best-practices.html",
    levels=EVERYWHERE,
    references="CKV_AWS_41 CKV_AWS_46 CodeBuild.1",
    among=lambda stack: stack.facts.texts.holders(credential).union(
        resource.urn for resource in stack.graph if not _SCRIPTS.isdisjoint(resource.props)
    ),
)
def no_credentials_in_program(_: Stack, resource: Resource) -> Iterator[Problem]:
    for where, text in _texts(resource.props, "", 0):
        found = secret_in_text(decoded(text) or text, script=True) if where in _SCRIPTS else credential(text)
        if found:
            yield Problem(f"{where} holds a credential ({found})", "none")


_SCRIPTS = frozenset({"userData", "userDataBase64"})
"""Properties with what an EC2 instance runs at its start, mostly in Base64."""


def _texts(value: object, where: str, depth: int) -> Iterator[tuple[str, str]]:
    """(top-level property, text) of every string; what is nested deeper than any AWS property is refused."""
    if depth > DEEPEST:
        refuse(where, "is nested too deep to be read")
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for key, item in cast("Mapping[str, object]", value).items():
            yield from _texts(item, where or str(key), depth + 1)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _texts(item, where, depth + 1)


_BY_TYPE = {
    **dict.fromkeys(_SETTINGS, _settings),
    tokens.BATCH_JOB_DEFINITION: _batches,
    tokens.BUILD_PROJECT: _builds,
    tokens.EVENT_TARGET: _overrides,
    tokens.PIPELINE: _pipelines,
    tokens.SCHEDULE: _overrides,
    tokens.STATE_MACHINE: _states,
}


@policy(
    what="No secret stands in plain text in the environment or the commands of a container, a build or a function.",
    why="Everybody who may describe a task definition or a build reads it, and its old revisions keep it for ever.",
    severity="critical",
    how_to_fix="Store it as an SSM SecureString and name its ARN under secrets (containers) or type PARAMETER_STORE (builds).",
    url=hub("ECS.8"),
    levels=EVERYWHERE,
    references="AwsSolutions-ECS2 CKV_AWS_45 CodeBuild.2 ECS.8",
    settings=(setting("notSecret", (), "Names of variables that look like a secret's and are none."),),
    types=(tokens.TASK_DEFINITION, *_BY_TYPE),
)
def no_plaintext_secrets(stack: Stack, resource: Resource) -> Iterator[Problem]:
    yield from _BY_TYPE.get(resource.type, each_container(_containers))(stack, resource)
