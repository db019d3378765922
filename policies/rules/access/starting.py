"""What who starts something is needed for: to run a task and pass its roles on, to call a function, to start a build or pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from policies.facts.iam.rights import roles_named
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Step, Undecided
from policies.resources.reading import known_text, read
from policies.resources.references import depended_on
from policies.rules.rule import Stack

Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Actions that a role must be allowed. role: the property that names it. forms: as `allowed` of facts/iam/rights.py takes them.

    container: for which one, empty for all of it.
    """

    role: Path
    actions: tuple[str, ...]
    forms: tuple[str, ...] = ()
    container: str = ""


def passes(stack: Stack, role: Path, definitions: Iterable[Resource]) -> Iterator[Need]:
    """The roles of task definitions, which who starts them has to pass on; one of the stack by its name, while its ARN is unknown."""
    for definition in definitions:
        for prop in ("executionRoleArn", "taskRoleArn"):
            arn = known_text(definition, prop)
            forms = [arn.split(":", 5)[5]] if ":role/" in arn else []
            for held in () if forms else roles_named(stack.graph, definition, (prop,)):
                if name := known_text(held, "name"):
                    path = known_text(held, "path").strip("/")
                    forms.append(f"role/{path}/{name}" if path else f"role/{name}")
            if forms:
                yield Need(role=role, actions=("iam:PassRole",), forms=tuple(forms))


def runs_task(stack: Stack, role: Path, definitions: tuple[Resource, ...]) -> Iterator[Need]:
    """To run any revision of task definitions, and to pass their roles on."""
    for definition in definitions:
        if family := known_text(definition, "family"):
            forms = (f"task-definition/{family}", f"task-definition/{family}:1")
            yield Need(role=role, actions=("ecs:RunTask",), forms=forms)
    yield from passes(stack, role, definitions)


STARTS = {
    "codepipeline": "codepipeline:StartPipelineExecution", "codebuild": "codebuild:StartBuild", "states": "states:StartExecution",
}  # fmt: skip
"""The service in a target's ARN to the action that starts it (Amazon EventBridge User Guide, Using IAM roles)."""
STARTS_BY_SCHEDULE = {
    **STARTS, "lambda": "lambda:InvokeFunction", "sns": "sns:Publish", "sqs": "sqs:SendMessage",
}  # fmt: skip
"""Nothing lets the Scheduler in by a policy of its own (EventBridge Scheduler User Guide, Setting up the execution role)."""
_MADE: Mapping[str, tuple[str, str, str]] = {
    tokens.PIPELINE: ("codepipeline", "", "name"), tokens.BUILD_PROJECT: ("codebuild", "project/", "name"),
    tokens.STATE_MACHINE: ("states", "stateMachine:", "name"), tokens.FUNCTION: ("lambda", "function:", "name"),
    tokens.FUNCTION_ALIAS: ("lambda", "function:", "functionName"),
}  # fmt: skip
"""Type to the service in its ARN, what stands there before a name, and the property with that name."""


def started(stack: Stack, role: Path, resource: Resource, path: Path, starts: Mapping[str, str]) -> Iterator[Need]:
    """What starts a target of which a path holds the ARN; one that is unknown is that of what it was made from."""
    parts = known_text(resource, *path).split(":", 5)
    found = [(parts[2], parts[5])] if len(parts) == 6 else []
    unknown = isinstance(read(resource, *path), Undecided)
    for kind, (service, before, prop) in _MADE.items() if unknown else ():
        names = (known_text(other, prop) for other in depended_on(stack.graph, resource, str(path[0]), kind))
        found += [(service, f"{before}{name}") for name in names if name]
    for service, form in found:
        if service in starts:
            # A function is allowed with or without its qualifier.
            forms = (form, f"{form}:") if service == "lambda" else (form,)
            yield Need(role=role, actions=(starts[service],), forms=forms)
