"""The policies about names that resources give each other: of one's own workload and database, and of one's own account."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import cast

from policies.facts.ecs.pipeline_steps import steps_of
from policies.facts.iam.patterns import like
from policies.facts.iam.statements import Statement
from policies.facts.naming import Names
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.json_text import read_json
from policies.resources.reading import NotDecidedError, Present, Reading, Undecided, decided
from policies.resources.references import task_definitions
from policies.rules.policy import setting
from policies.rules.rule import Problem, Stack, policy
from policies.rules.wiring.leaves import leaves
from policies.rules.wiring.reference_table import DATABASES, DELIVERY, KEYS, PAIRS, REFERENCES

_ACCOUNT = re.compile(
    r"(?:\barn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(?=[0-9]{12}:)|^(?=[0-9]{12}\.dkr\.ecr\.)|/AWSLogs/(?=[0-9]{12}/))([0-9]{12})"
)
_REGISTRY = re.compile(r"^[0-9]{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com")
_REGION = re.compile(r"\barn:aws[a-z-]*:[a-z0-9-]+:([a-z]{2}(?:-[a-z]+)+-[0-9]):[0-9]{12}:")
_KEY = re.compile(r"arn:aws[a-z-]*:kms:([a-z0-9-]+):([0-9]{12}):")
_OF_REGION = frozenset({tokens.ALARM, tokens.EVENT_RULE, tokens.SCHEDULE, tokens.SCALING_POLICY})
"""Types whose ARNs are of their own region: alarms tell topics of it, and rules hear events of it."""
_DOCUMENTS = {
    tokens.ROLE: "assumeRolePolicy",
    **dict.fromkeys((tokens.BUCKET_POLICY, tokens.TOPIC_POLICY, tokens.QUEUE_POLICY, tokens.KEY_POLICY), "policy"),
}
_SOURCES = frozenset({"aws:sourceaccount", "aws:sourcearn"})
_ACTIONS = {
    tokens.ALARM: (("alarmActions",), ("okActions",), ("insufficientDataActions",)),
    tokens.NOTIFICATION_RULE: (("targets", "*", "address"),),
    tokens.TOPIC_SUBSCRIPTION: (("topic",),),
    tokens.SCHEDULE: (("target", "arn"),),
}
"""Where types name what reports to or starts something, which may be anybody's in the account."""


@policy(
    what="What is named for one workload or database names that one's resources, and not another's.",
    why="A rule, alarm or deployment that is called after one service and acts on another is found when the wrong one is broken.",
    severity="high",
    how_to_fix="Name the resource of the same workload, or rename what names it.",
    url="https://www.pulumi.com/docs/iac/concepts/resources/names/",
    types=REFERENCES,
)
def reference_as_named(stack: Stack, resource: Resource) -> Iterator[Problem]:
    names = stack.facts.names
    own = names.of(resource)
    if not own:
        return
    found = [
        (where, reading, others)
        for path in REFERENCES[resource.type]
        for where, reading in leaves(resource, path)
        if (others := _meant(stack, resource, path[0], where, reading))
    ]
    if resource.type in PAIRS and any(names.agree(own, others) for _, _, others in found):
        return
    if resource.type == tokens.SERVICE and not all(names.agree(own, others) for _, _, others in found):
        own |= _shared(stack, resource, own)
    for where, reading, others in found:
        if not names.agree(own, others):
            shown = f' "{_text(reading)[:100]}"' if _text(reading) and not _text(reading).startswith("[") else ""
            yield Problem(f"{where} names{shown} of {_listed(others)}", f"{_listed(own)}'s, as its own name says")
    if resource.type == tokens.PIPELINE:
        yield from _steps(names, resource, own)
    if resource.type in (tokens.ROLE_POLICY, tokens.USER_POLICY):
        yield from _delivering(stack, names, resource, own)


def _steps(names: Names, pipeline: Resource, own: frozenset[str]) -> Iterator[Problem]:
    """What the actions of a pipeline are told that is another service's; a pipeline may deliver jobs beside its own."""
    for step in steps_of(pipeline):
        for name, value in step.variables.items():
            others = names.within(value) & names.services
            if not names.agree(own, others):
                yield Problem(
                    f'{step.name[:60]} is told {name[:60]} "{value[:100]}" of {_listed(others)}',
                    f"{_listed(own)}'s, as its own name says",
                )


def _shared(stack: Stack, service: Resource, own: frozenset[str]) -> frozenset[str]:
    """What the task definition of a service is named for, where none is named for the service: then several share one."""
    names = stack.facts.names
    if any(own & names.of(definition) for definition in stack.graph.of_type(tokens.TASK_DEFINITION)):
        return frozenset()
    definitions = task_definitions(stack.graph, service, "taskDefinition")
    return frozenset[str]().union(*(names.of(definition) for definition in definitions))


def _meant(stack: Stack, resource: Resource, prop: str, where: str, reading: Reading[object]) -> frozenset[str]:
    """What a value names, of the names in the stack: by its text, or where that is unknown by what it was made from."""
    names = stack.facts.names
    if isinstance(reading, Undecided):
        made_from = resource.property_dependencies.get(prop, ())
        if not reading.unknown or (not made_from and where != prop):
            raise NotDecidedError(reading)
        known = (stack.graph.get(urn) for urn in made_from)
        meant = frozenset[str]().union(*(names.of(other) for other in known if other is not None))
    else:
        meant = names.within(_text(reading))
    # A database's groups may be those of its clients.
    return meant & names.databases if resource.type in DATABASES else meant


def _text(reading: Reading[object]) -> str:
    """The text of a value; of an event pattern or a query only what it says about single resources."""
    if not isinstance(reading, Present) or not isinstance(reading.value, str):
        return ""
    if not reading.value.lstrip().startswith("{"):
        return reading.value
    try:
        pattern = read_json(reading.value)
    except ValueError:
        return ""
    fields = cast("Mapping[str, object]", pattern) if isinstance(pattern, Mapping) else {}
    return json.dumps([fields.get(key) for key in ("resources", "detail", "TagFilters")]) if fields else ""


def _delivering(stack: Stack, names: Names, resource: Resource, own: frozenset[str]) -> Iterator[Problem]:
    """What a role's policy lets it deliver or read that is another workload's."""
    for statement in stack.facts.statements(resource, "policy"):
        actions = [action for action in statement.actions if any(like(known, action) for known in DELIVERY)]
        for item in statement.resources if statement.allows and actions else ():
            others = names.within(item) & names.services  # a pipeline may deliver jobs beside its service
            if not names.agree(own, others):
                yield Problem(
                    f'{statement.where} allows {actions[0]} on "{item[:100]}" of {_listed(others)}',
                    f"{_listed(own)}'s, as its own name says",
                )


@policy(
    what="Alarms, events, roles, builds and policies name resources of the stack's own account, and registries and keys of its region.",
    why="An ARN that was copied from another account is refused, or reports to another team this stage's failures.",
    severity="medium",
    how_to_fix="Compute the ARN from the account and region of the provider, or list the account in the setting accounts.",
    url="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",
    settings=(setting("accounts", (), "Further accounts, by their 12 digits, whose resources the stack may name."),),
    types=tuple({**REFERENCES, **KEYS, **dict.fromkeys(_DOCUMENTS), tokens.TOPIC_SUBSCRIPTION: ()}),
)
def reference_own_account(stack: Stack, resource: Resource) -> Iterator[Problem]:
    own = stack.facts.account
    if not own:
        return
    allowed = {own, *stack.texts("accounts")}
    paths = (*REFERENCES.get(resource.type, ()), *_ACTIONS.get(resource.type, ()))
    for path in paths:
        for where, reading in leaves(resource, path):
            text = reading.value if isinstance(reading, Present) and isinstance(reading.value, str) else ""
            strangers = sorted(set(_ACCOUNT.findall(text)) - allowed)
            if strangers:
                yield Problem(f"{where} names a resource of the account {', '.join(strangers)}", own)
            elif resource.type in _OF_REGION and (
                others := sorted(set(_REGION.findall(text)) - {stack.facts.region, ""})
            ):
                yield Problem(f"{where} names a resource of the region {', '.join(others)[:60]}", stack.facts.region)
            elif (registry := _REGISTRY.match(text)) and stack.facts.region not in ("", registry[1]):
                yield Problem(f"{where} names a registry of the region {registry[1][:30]}", stack.facts.region)
    yield from _keys(stack, resource, allowed)
    if resource.type in _DOCUMENTS:
        # What is unknown of a document, the policies about documents say.
        statements = decided(lambda: stack.facts.statements(resource, _DOCUMENTS[resource.type]))
        for statement in statements if not isinstance(statements, Undecided) else ():
            strangers = sorted(_trusted(statement) - allowed)
            # AWS's own accounts write the load balancer's logs.
            if "/AWSLogs/" not in "".join(statement.resources) and resource.type != tokens.ROLE:
                named = "\n".join(statement.principals.get("AWS", ()))
                strangers += sorted(set(re.findall(r"(?<![0-9])([0-9]{12})(?![0-9])", named)) - allowed)
            if strangers and statement.allows:
                yield Problem(f"{statement.where} is for the account {', '.join(strangers)}", own)


def _keys(stack: Stack, resource: Resource, allowed: set[str]) -> Iterator[Problem]:
    for path in KEYS.get(resource.type, ()):
        for where, reading in leaves(resource, path):
            text = reading.value if isinstance(reading, Present) and isinstance(reading.value, str) else ""
            match = _KEY.match(text)
            if match and match[2] not in allowed:
                yield Problem(f"{where} names a key of the account {match[2]}", stack.facts.account)
            elif match and stack.facts.region not in ("", match[1]):
                yield Problem(f"{where} names a key of the region {match[1]}", stack.facts.region)


def _trusted(statement: Statement) -> frozenset[str]:
    """The accounts that a statement lets a service of AWS act for."""
    values = [
        value
        for tests in statement.conditions.values()
        for key, listed in tests.items()
        if key in _SOURCES
        for value in listed
    ]
    texts = (*values, *statement.resources)
    return frozenset(
        account for text in texts for account in re.findall(r"^[0-9]{12}$", text) or _ACCOUNT.findall(text)
    )


def _listed(names: frozenset[str]) -> str:
    return " and ".join(sorted(names))
