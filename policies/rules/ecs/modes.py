"""The policy `no-development-mode`: nothing in production runs, or is built, in a development mode."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policies.facts.ecs.containers import known_variables
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.reading import (
    Present,
    optional,
    read_list,
    read_text,
)
from policies.rules.policy import PRD_ADVISORY, setting
from policies.rules.rule import Problem, Stack, each_container, policy

_MODE = re.compile(
    r"(?:^|_)(?:ENV|ENVIRONMENT|STAGE|NODE_ENV|PROFILES?_ACTIVE|DEPLOYMENT_ENV|SETTINGS_MODULE|MIX_ENV)$"
)
_STAGE_OF_BUILD = ("ENVIRONMENT", "STAGE", "ENV")
_DEVELOPMENT = re.compile(
    r"(?:^|[._-])(?:dev|develop|development|test|testing|staging|stg|local|qa|uat)(?:$|[._-])", re.IGNORECASE
)


@policy(
    what="Nothing in production runs, or is built, in a development mode.",
    why="Development modes show stack traces to visitors, skip caches and checks, and take another stage's settings.",
    severity="medium",
    how_to_fix="Set the variable to production.",
    url="https://expressjs.com/en/advanced/best-practice-performance.html",
    levels=PRD_ADVISORY,
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
        if isinstance(name, Present) and of_stage and isinstance(value, Present) and _DEVELOPMENT.search(value.value):
            yield Problem(f"{name.value} is {value.value[:60]}", "production")


def _developing(stack: Stack, _: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    for name, value in known_variables(container):
        if name in stack.texts("alsoAllowed"):
            continue
        word = value.strip()
        if _MODE.search(name.upper()) and len(word) <= 60 and _DEVELOPMENT.search(word):
            yield Problem(f"{name[:80]} is {word}", "production")
        elif re.search(r"(?:^|_)DEBUG$", name.upper()) and word.lower() in ("1", "true", "yes", "on"):
            yield Problem(f"{name[:80]} is {word}", "false")
        elif re.fullmatch(r"(?:\w+_)?LOG_?LEVEL", name.upper()) and word.lower() in ("debug", "trace", "silly", "all"):
            yield Problem(f"{name[:80]} is {word}: it writes what customers send into logs", "info")
