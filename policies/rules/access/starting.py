"""What who starts something is needed for: to run a task and pass its roles on, to call a function, to start a build or pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from policies.facts.iam.rights import roles_named
from policies.resources.graph import Resource
from policies.resources.outcomes import Step
from policies.resources.reading import known_text
from policies.rules.rule import Stack

Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Actions that a role must be allowed, of some with "|" between them one. role: the property that names it. forms: as `allowed` of
    facts/iam/rights.py takes them.

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


CALLS = {"lambda": "lambda:InvokeFunction"}
STARTS = {
    "codepipeline": "codepipeline:StartPipelineExecution", "codebuild": "codebuild:StartBuild", "events": "events:PutEvents",
    "firehose": "firehose:PutRecord", "kinesis": "kinesis:PutRecord", "states": "states:StartExecution",
}  # fmt: skip
"""The service in a target's ARN to the action that starts it (Amazon EventBridge User Guide, Using IAM roles)."""
STARTS_BY_SCHEDULE = {**STARTS, **CALLS, "sns": "sns:Publish", "sqs": "sqs:SendMessage"}
"""Nothing lets the Scheduler in by a policy of its own (EventBridge Scheduler User Guide, Setting up the execution role)."""


def started(role: Path, targets: Sequence[tuple[str, str]], starts: Mapping[str, str]) -> Iterator[Need]:
    """What starts one of some targets, each as `ends_of_arn` gives it. starts: a service to its action."""
    actions = {
        "events:InvokeApiDestination" if end.startswith("api-destination/") else starts.get(service, "")
        for service, end in targets
    }
    action = actions.pop() if len(actions) == 1 else ""
    if action:
        # A function is allowed with or without its qualifier.
        qualified = [f"{end}:" for service, end in targets if service == "lambda"]
        yield Need(role=role, actions=(action,), forms=(*(end for _, end in targets), *qualified))
