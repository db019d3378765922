"""The policy that keeps stages apart: nothing of one stage names another's cluster, namespace, database, secret or repository."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import cast

from policies.facts.finding import Finding, Parts
from policies.resources.graph import Resource
from policies.resources.reading import refuse
from policies.resources.tokens import TASK_DEFINITION
from policies.rules.policy import EVERYWHERE, setting
from policies.rules.rule import Problem, Stack, advice, checked, stack_policy
from policies.rules.stages import USUAL, alike

_PROSE = frozenset(
    {"alarmDescription", "command", "comment", "content", "description", "entryPoint", "healthCheck", "tags", "tagsAll"}
)
"""Properties that are for people, commands of a program, or a file's text: what they name is no resource of AWS."""
_DEVICE = re.compile(r"(?<![\w.-])/dev/(?:null|zero|u?random|std(?:in|out|err)|fd|shm|tty|kvm|fuse|net)\b")
"""Files of an operating system, which are no stage's."""
_DEEPEST = 40


def _words(stack: Stack) -> tuple[frozenset[str], frozenset[str]]:
    """(words for this stage, words for others); the first is empty where the stack's name names no stage."""
    configured, named = stack.text("stage"), frozenset(name.lower() for name in stack.stages.named)
    name = (configured or stack.stage).lower()
    own = alike({name, *re.split(r"[^a-z0-9]+", name)})
    if configured or name in named:
        own |= {name}
    others = frozenset(stack.texts("otherStages")) or named | alike(named or USUAL) - {"stage", "develop"}
    return own, others - own


@lru_cache(maxsize=8)
def _pattern(words: frozenset[str]) -> re.Pattern[str]:
    """Another stage's word as a part of a name, which is what references are: the word alone is a mode, such as NODE_ENV."""
    either = "|".join(re.escape(word) for word in sorted(words))
    return re.compile(
        rf"(?:(?<=[-_./:])(?:{either})(?![A-Za-z0-9])|(?<![A-Za-z0-9])(?:{either})(?=[-_./]))", re.IGNORECASE
    )


def _isolated(stack: Stack, resource: Resource, words: frozenset[str]) -> Iterator[Problem]:
    pattern, parsed = _pattern(words), dict[str, object]()
    if resource.type == TASK_DEFINITION:
        parsed["containerDefinitions"] = list(stack.facts.documents(resource))
    for where, text in _texts({**resource.props, **parsed}, "", 0):
        lower = text.lower()
        match = pattern.search(_DEVICE.sub("", text)) if any(word in lower for word in words) else None
        if match:
            yield Problem(f'{where} names "{match[0]}", another stage', "a resource of this stage")


def _texts(value: object, where: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        refuse(where, "is nested too deep to be read")
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for key, item in cast("Mapping[str, object]", value).items():
            if key not in _PROSE:
                yield from _texts(item, where or str(key), depth + 1)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _texts(item, where, depth + 1)


@stack_policy(
    what="Nothing of one stage names another stage's resources.",
    why="A development task with production's database or secrets changes what customers see.",
    severity="critical",
    how_to_fix="Name this stage's own resource; name the stages in the settings of stage-names where they are called otherwise.",
    url="https://docs.aws.amazon.com/wellarchitected/latest/devops-guidance/ag.sad.1-organize-workloads-into-distinct-accounts.html",
    levels=EVERYWHERE,
    settings=(
        setting("stage", "", "The stage's name, where it is not the stack's."),
        setting(
            "otherStages",
            (),
            "Words that name other stages; empty for those that stage-names has, or else the usual ones.",
        ),
    ),
    types=(),
)
def stage_isolation(stack: Stack) -> Iterator[Finding]:
    if all(resource.type.startswith("pulumi:") for resource in stack.graph):
        return  # nothing that could name anything
    own, others = _words(stack)
    if not own and not stack.texts("otherStages"):
        found = (
            f'undecided: the stack\'s name "{stack.stage}" names no stage, so what belongs to another one is not known'
        )
        needed = "the team's stages in the settings lenient and strict of the policy stage-names"
        parts = Parts(found=found, required=needed)
        yield Finding("", f"{found}. Required: {needed}. {advice(stack.spec)}", parts=parts)
        return
    for resource in stack.graph:
        yield from checked(stack.spec, resource, lambda resource=resource: _isolated(stack, resource, others))
