"""The policy `reference-as-named`: what is named for one workload or database names that one's resources."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator

from policies.facts.iam.patterns import like
from policies.facts.iam.statements import Statement
from policies.facts.iam.users import RIGHTS_OF_USERS, group_rights
from policies.facts.naming import Names
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import NotDecidedError, Present, Reading, Undecided
from policies.resources.reading import fields_of, parsed_json, required
from policies.resources.references import task_definitions
from policies.rules.rule import Problem, Stack, policy
from policies.rules.wiring.leaves import leaves
from policies.rules.wiring.reference_table import DATABASES, DELIVERY, KINDS, PAIRS, REFERENCES

_SHOWN = 3
_SECRETS = ("ssm:Get", "secretsmanager:Get")
"""Rights to read secrets: a job that runs its service's image needs what that image reads."""


@policy(
    what="What is named for one workload or database names that one's resources, and not another's.",
    why="A rule, alarm or deployment that is called after one service and acts on another is found when the wrong one is broken.",
    severity="high",
    how_to_fix="Name the resource of the same workload, or rename what names it.",
    url="https://www.pulumi.com/docs/iac/concepts/resources/names/",
    types=REFERENCES,
    also=RIGHTS_OF_USERS,
)
def reference_as_named(stack: Stack, resource: Resource) -> Iterator[Problem]:
    names = stack.facts.names
    own = names.of(resource)
    if not own:
        return
    found = [
        (where, *meant)
        for path in REFERENCES[resource.type]
        for where, reading in leaves(resource, path)
        if (meant := _meant(stack, resource, path[0], where, reading))[0]
    ]
    if resource.type in PAIRS and any(names.agree(own, others) for _, others, _ in found):
        return
    if resource.type == tokens.SERVICE and not all(names.agree(own, others) for _, others, _ in found):
        own |= _shared(stack, resource, own)
    for where, others, shown in found:
        if not names.agree(own, others):
            yield Problem(
                f"{where} names {shown} of {_listed(others)}", f"{_listed(own, ' or ')}'s, as its own name says"
            )
    if resource.type == tokens.PIPELINE:
        yield from _steps(stack, resource, own)
    if resource.type in (tokens.ROLE_POLICY, tokens.USER_POLICY):
        yield from _delivering(stack, names, stack.facts.statements(resource, "policy"), own)
    if resource.type == tokens.USER:
        yield from _delivering(stack, names, group_rights(stack.graph, resource, stack.facts.statements), own)


def _steps(stack: Stack, pipeline: Resource, own: frozenset[str]) -> Iterator[Problem]:
    """What the actions of a pipeline are given that is another service's; a pipeline may deliver jobs beside its own."""
    names = stack.facts.names
    for action in stack.facts.pipelines[pipeline.urn].actions():
        for name, value in action.told().items():
            others = names.within(value) & names.services
            if not names.agree(own, others):
                yield Problem(
                    f'{required(action.name)[:60]} is told {name[:60]} "{value[:100]}" of {_listed(others)}',
                    f"{_listed(own)}'s, as its own name says",
                )


def _shared(stack: Stack, service: Resource, own: frozenset[str]) -> frozenset[str]:
    """What the task definition of a service is named for, where none is named for the service: then several share one."""
    names = stack.facts.names
    if any(own & names.of(definition) for definition in stack.graph.of_type(tokens.TASK_DEFINITION)):
        return frozenset()
    definitions = task_definitions(stack.graph, service, "taskDefinition")
    return frozenset[str]().union(*(names.of(definition) for definition in definitions))


def _meant(
    stack: Stack, resource: Resource, prop: str, where: str, reading: Reading[object]
) -> tuple[frozenset[str], str]:
    """What a value names, of the names in the stack, and how to show it: by its text, or where that is unknown by what it was made from."""
    names = stack.facts.names
    if isinstance(reading, Undecided):
        made_from = resource.property_dependencies.get(prop, ())
        if not reading.unknown or (not made_from and where != prop):
            raise NotDecidedError(reading)
        known = _of_kind(where, [held for urn in made_from if (held := stack.graph.get(urn)) is not None])
        meant = frozenset[str]().union(*(names.of(other) for other in known))
        named = sorted({f"{other.type.rpartition(':')[2]} {other.name}" for other in known if names.of(other)})
        shown = ", ".join(named[:_SHOWN])
    else:
        text = said_of_resources(reading)
        meant, shown = names.within(text), "a resource" if text.startswith("[") else f'"{text[:100]}"'
    # A database's groups may be those of its clients.
    return (meant & names.databases if resource.type in DATABASES else meant), shown


def _of_kind(where: str, others: list[Resource]) -> list[Resource]:
    """Those of the kind that a property of this name holds, where one of them is."""
    kind = KINDS.get(re.sub(r"\[[0-9]+\]", "", where).rpartition(".")[2])
    return [other for other in others if other.type == kind] or others


def said_of_resources(reading: Reading[object]) -> str:
    """The text of a value; of an event pattern or a query only what it says about single resources."""
    if not isinstance(reading, Present) or not isinstance(reading.value, str):
        return ""
    if not reading.value.lstrip().startswith("{"):
        return reading.value
    try:
        pattern = parsed_json(reading.value)
    except ValueError:
        return ""
    fields = fields_of(pattern)
    return json.dumps([fields.get(key) for key in ("resources", "detail", "TagFilters")]) if fields else ""


def _delivering(stack: Stack, names: Names, statements: Iterable[Statement], own: frozenset[str]) -> Iterator[Problem]:
    """What a role or user may deliver or read that is another workload's."""
    for statement in statements:
        actions = [action for action in statement.actions if _delivers(action)]
        for item in statement.resources if statement.allows and actions else ():
            others = names.within(item) & names.services  # a pipeline may deliver jobs beside its service
            if not others and "*" in item and actions[0] != "iam:PassRole" and (also := _covered(stack, own, item)):
                yield Problem(
                    f'{statement.where} allows {actions[0]} on "{item[:100]}", which is {also}\'s, too',
                    f"{_listed(own, ' or ')}'s alone",
                )
            reads_secret = all(action.startswith(_SECRETS) for action in actions)
            lent = (stack.facts.image_owners.get(name, frozenset[str]()) for name in own if reads_secret)
            if not names.agree(own.union(*lent), others):
                yield Problem(
                    f'{statement.where} allows {actions[0]} on "{item[:100]}" of {_listed(others)}',
                    f"{_listed(own)}'s, as its own name says",
                )


@functools.lru_cache(maxsize=4096)
def _delivers(action: str) -> bool:
    return any(like(known, action) for known in DELIVERY)


def _covered(stack: Stack, own: frozenset[str], item: str) -> str:
    """Another service of whose resources a pattern of ARNs covers one; empty where there is none."""
    parts = item.split(":", 5)
    if len(parts) < 6:
        return ""
    for form, holders in stack.facts.holdings.get(parts[2], ()):
        others = holders & stack.facts.names.services
        if others and not stack.facts.names.agree(own, others) and like(form, parts[5]):
            return _listed(others)
    return ""


def _listed(names: frozenset[str], between: str = " and ") -> str:
    return between.join(sorted(names))
