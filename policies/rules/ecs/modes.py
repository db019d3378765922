"""The policies `no-development-mode` and `no-verbose-logs`: production runs, and is built, as production."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policies.facts.ecs.container_addresses import texts_of
from policies.facts.ecs.containers import known_variables
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Present
from policies.resources.reading import optional, read_list, read_text
from policies.rules.policy import PRD_ADVISORY, PRD_ONLY, setting
from policies.rules.rule import Problem, Stack, container_policy, each_container, policy
from policies.rules.stages import alike

_MODE = re.compile(
    r"(?:^|_)(?:ENV|ENVIRONMENT|STAGE|NODE_ENV|PROFILES?_ACTIVE|DEPLOYMENT_ENV|SETTINGS_MODULE|MIX_ENV)$"
)
_STAGE_OF_BUILD = ("ENVIRONMENT", "STAGE", "ENV")
_DEVELOPMENT = re.compile(
    r"(?<![^._-])(dev|develop|development|test|testing|staging|stg|local|qa|uat)(?![^._-])", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r"(?:^|,)deployment\.environment(?:\.name)?=([^,]*)")
"""OpenTelemetry's resource attribute of a stage."""
_DEBUGGER = re.compile(
    r"(?:^|[\s=\"'])(--inspect(?:-brk|-wait|-port)?(?=[=\s\"']|$)|-(?:agentlib:|Xrun)jdwp|-Xdebug\b|-m\s+(?:debugpy|ptvsd|pdb)\b|dlv\s+"
    r"(?:exec|debug|attach)\b|rdbg\b|rdebug-ide\b|-Dcom\.sun\.management\.jmxremote\.authenticate=false\b)"
)
"""What starts a debugger that others can reach (documentation of Node.js, the JVM, debugpy, Delve, Ruby)."""
_SERVER = re.compile(
    r"(?:^|[\s\"'/])((?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?:\w+:)?dev(?::\w+)?(?=\s|$)|(?:npm|pnpm|yarn)\s+(?:run\s+)?start:(?:dev|debug)(?=\s|$)|next\s+dev\b|"
    r"nodemon\b|ts-node-dev\b|(?:uvicorn|gunicorn|hypercorn|fastapi)\s(?:[^;|&]*\s)?--reload(?=\s|$)|fastapi\s+dev\b|manage\.py\s+runserver\b|flask\s(?:[^;|&]*\s)?"
    r"--debug\b|artisan\s+serve\b|webpack(?:-dev-server|\s+serve)\b)"
)
"""Servers that are for development by their own documentation."""


@policy(
    what="Nothing in production runs, or is built, in a development mode.",
    why="Development modes show stack traces to visitors, let people into the process, skip caches and checks, and take another "
    "stage's settings.",
    severity="high",
    how_to_fix="Set the variable to production, and start the server without its debugger.",
    url="https://expressjs.com/en/advanced/best-practice-performance.html",
    levels=PRD_ONLY,
    settings=(setting("alsoAllowed", (), "Variables that may hold a word of development, by name."),),
    types=(tokens.TASK_DEFINITION, tokens.BUILD_PROJECT),
)
def no_development_mode(stack: Stack, resource: Resource) -> Iterator[Problem]:
    if resource.type == tokens.TASK_DEFINITION:
        yield from each_container(_developing)(stack, resource)
        return
    at = ("environment", "environmentVariables")
    for position in range(len(optional(read_list(resource, *at), []))):
        name, value = (read_text(resource, *at, position, key) for key in ("name", "value"))
        # A build may test in a mode of its own (NODE_ENV); the stage that it builds for is the stack's.
        of_stage = isinstance(name, Present) and name.value in _STAGE_OF_BUILD
        if isinstance(name, Present) and of_stage and isinstance(value, Present) and _developed(stack, value.value):
            yield Problem(f"{name.value} is {value.value[:60]}", "production")


def _developing(stack: Stack, _: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    for name, value in known_variables(container):
        if name in stack.texts("alsoAllowed"):
            continue
        word = value.strip()
        if _MODE.search(name.upper()) and len(word) <= 60 and _developed(stack, word):
            yield Problem(f"{name[:80]} is {word}", "production")
        elif re.search(r"(?:^|_)DEBUG$", name.upper()) and word.lower() in ("1", "true", "yes", "on"):
            yield Problem(f"{name[:80]} is {word}", "false")
        elif name.upper() == "XDEBUG_MODE" and re.search(r"\b(?:debug|develop)\b", word):
            yield Problem(f"{name[:80]} is {word[:60]}", "off")
        for stage in _ATTRIBUTE.findall(value):
            if _developed(stack, stage):
                yield Problem(f"{name[:80]} has deployment.environment {stage[:40]}", "production")
    for text in texts_of(container):
        if text.where in stack.texts("alsoAllowed"):
            continue
        line = text.value.replace("\n", " ")
        if match := _DEBUGGER.search(line):
            yield Problem(
                f"{text.where[:80]} starts a debugger ({match[1][:40]})",
                "none: whoever reaches it runs code in the task",
            )
        elif text.where in ("the command", "the entryPoint") and (match := _SERVER.search(line)):
            yield Problem(f"{text.where} starts a server for development ({match[1][:60]})", "the one for production")


def _developed(stack: Stack, value: str) -> bool:
    """Whether a value names a stage of development that is not the stack's own."""
    words = frozenset(re.split(r"[^a-z0-9]+", stack.stage.lower()))
    own = words | alike(words)
    return any(word.lower() not in own for word in _DEVELOPMENT.findall(value))


@container_policy(
    what="Production does not log what only a search for a fault needs.",
    why="It writes what customers send into logs, and CloudWatch bills every line.",
    severity="low",
    how_to_fix="Set the variable to info, or warn.",
    url="https://docs.aws.amazon.com/wellarchitected/latest/framework/ops_observability_application_telemetry.html",
    levels=PRD_ADVISORY,
    settings=(setting("alsoAllowed", (), "Variables that may hold such a level, by name."),),
)
def no_verbose_logs(stack: Stack, _: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    for name, value in known_variables(container):
        word = value.strip()
        if name in stack.texts("alsoAllowed") or not re.fullmatch(r"(?:\w+_)?LOG_?LEVEL", name.upper()):
            continue
        if word.lower() in ("debug", "trace", "silly", "all", "verbose"):
            yield Problem(f"{name[:80]} is {word}", "info")
