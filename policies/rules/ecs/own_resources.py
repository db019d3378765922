"""The policy `container-own-resources`: what a container is given is its own workload's, of the stack's account and region."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set

from policies.facts.ecs.containers import image_of, known_variables
from policies.facts.ecs.image_owners import REGISTRY
from policies.facts.ecs.parts.logs import log_configuration
from policies.facts.ecs.parts.secrets import secrets_of
from policies.facts.naming import Names, named_for
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.rules.policy import ECS_GUIDE, setting
from policies.rules.rule import Problem, Stack, container_policy

_ARN = re.compile(r"^arn:aws[a-z-]*:[a-z0-9-]+:([a-z0-9-]+):([0-9]{12}):")


@container_policy(
    what="A container's image, secrets, logs and name are its own workload's, of the stack's account and region.",
    why="With another's secret it changes another's data, under another's name it is looked for there; what is of another region or "
    "account does not start it, or is gone with that region.",
    severity="high",
    how_to_fix="Name the workload's own repository, parameters, log group and name; list shared accounts and regions in the settings.",
    url=ECS_GUIDE + "secrets-envvar-ssm-paramstore.html",
    settings=(
        setting("accounts", (), "Further accounts, by their 12 digits, whose images and secrets may be used."),
        setting("regions", (), "Further regions whose images and secrets may be used."),
    ),
)
def container_own_resources(stack: Stack, definition: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    names, account, region = stack.facts.names, stack.facts.account, stack.facts.region
    own = names.of(definition)
    repositories = named_for(stack.graph, tokens.REPOSITORY).keys()
    # A job that runs its service's image needs what that image reads.
    lent = frozenset[str]().union(*(stack.facts.image_owners.get(name, ()) for name in own))
    for what, text in _references(container):
        found, registry = _ARN.match(text), REGISTRY.match(text)
        there = (found[1], found[2]) if found else (registry["region"], registry["account"]) if registry else ("", "")
        if there[1] and account and there[1] not in (account, *stack.texts("accounts")):
            yield Problem(f"{what} is of the account {there[1]}", account)
        elif there[0] and region and there[0] not in (region, *stack.texts("regions")):
            yield Problem(f"{what} is of the region {there[0]}", region)
        others = _others(names, (own | lent) if what.startswith("secret ") else own, repositories, what, text)
        if others:
            yield Problem(f"{what} names {' and '.join(sorted(others))}'s", f"{' and '.join(sorted(own))}'s own")
    for what, text in _identities(container):
        others = names.within(text)
        if own and not names.agree(own, others):
            yield Problem(f"{what} names {' and '.join(sorted(others))}'s", f"{' and '.join(sorted(own))}'s own")
    for name, there in _exported(container):
        if region and there != region:
            yield Problem(f"{name[:60]} sends telemetry to {there}", region)
    logs = log_configuration(container)
    there = region if logs is None else logs.options.get("awslogs-region", region)
    if region and there != region:
        yield Problem(f"awslogs-region is {there[:30]}", region)


_EXPORTED_TO = re.compile(r"""\bregion["']?\s*:\s*["']?([a-z]{2}(?:-[a-z]+)+-[0-9])""")


def _exported(container: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """(variable, region) that a collector's configuration sends telemetry to."""
    for name, value in known_variables(container):
        for region in _EXPORTED_TO.findall(value) if "exporters" in value else ():
            yield name, region


def _references(container: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """(what it is, its text) of the image, the secrets and the log group of a container."""
    yield "image", image_of(container)
    for secret in secrets_of(container):
        yield f"secret {secret.name[:60]}", secret.source
    logs = log_configuration(container)
    if logs is not None:
        yield "awslogs-group", logs.group
    for _, value in known_variables(container):
        if "awsemf" in value and (match := _EMF_GROUP.search(value)):
            yield "log_group_name", match[1]


_EMF_GROUP = re.compile(r"""log_group_name["']?\s*:\s*["']?([^"',\s}]+)""")


def _others(names: Names, own: frozenset[str], repositories: Set[str], what: str, text: str) -> frozenset[str]:
    """Another workload that a text names. An image may be another's where the workload has no repository of its own."""
    if what == "image":
        registry = REGISTRY.match(text)
        if registry is None or not own & repositories:
            return frozenset()
        text = registry["name"]
    # A database's own secret is every client's.
    others = names.within(text) - (names.databases - names.services)
    return frozenset() if names.agree(own, others) else others


_IDENTITY = re.compile(
    r"SERVICE|(?:OTEL_|DD_|ELASTIC_APM_|NEW_RELIC_|SPRING_|APP_|APPLICATION_)?(?:SERVICE|SERVICE_NAME|APP_NAME|APPLICATION_NAME)|"
    r"AWS_XRAY_TRACING_NAME"
)
"""Variables by which a workload says who it is (documentation of OpenTelemetry, Datadog, Elastic, New Relic, Spring and X-Ray)."""
_NAMED = re.compile(
    r"""(?:^|,)service\.name=([^,]+)|key["']?\s*:\s*["']?service\.name["']?\s*,?\s*["']?value["']?\s*:\s*["']?([^"',\s}]+)|"""
    r"""awsemf.*?(?<![.\w])namespace["']?\s*:\s*["']?([^"',\s}]+)""",
    re.DOTALL,
)
"""A name within resource attributes, and within a collector's configuration."""


def _identities(container: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """(variable, name) by which a container reports its logs, traces and metrics."""
    for name, value in known_variables(container):
        if _IDENTITY.fullmatch(name):
            yield name[:60], value
        elif "service.name" in value or "awsemf" in value:
            yield from ((name[:60], next(filter(None, match))) for match in _NAMED.findall(value))
