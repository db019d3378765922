"""Policies about what services run on: Fargate's platform, Spot, and what a cluster tells of itself."""

from __future__ import annotations

from collections.abc import Iterator

from policies.resources.graph import Resource
from policies.resources.reading import (
    NotDecidedError,
    is_unknown,
    optional,
    read_integer,
    read_text,
    required,
    unknown_at_preview,
)
from policies.resources.requested import asked_list, asked_text
from policies.resources.tokens import (
    CLUSTER,
    SERVICE,
)
from policies.rules.policy import PRD_ONLY, STRICT_IN_PRD, hub
from policies.rules.rule import Problem, Stack, policy

_ECS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"


def on_fargate(service: Resource) -> bool:
    """Whether a service runs on Fargate, by launch type or capacity provider. Raises NotDecidedError."""
    providers = {provider for provider, _ in strategy(service)}
    launch_type = optional(asked_text(service, "launchType"), "")
    return launch_type == "FARGATE" or bool(providers & {"FARGATE", "FARGATE_SPOT"})


@policy(
    name="fargate-platform-latest",
    what="Fargate services run on the latest platform version.",
    why="A pinned version gets no more security fixes of its runtime.",
    severity="low",
    how_to_fix="Set platformVersion to LATEST, or leave it out.",
    url=hub("ECS.10"),
    levels=STRICT_IN_PRD,
    references="CKV_AWS_332 ECS.10",
    types=(SERVICE,),
)
def fargate_platform_latest(_: Stack, service: Resource) -> Iterator[Problem]:
    version = optional(asked_text(service, "platformVersion"), "LATEST")
    if version != "LATEST" and on_fargate(service):
        yield Problem(f"platformVersion is {version[:20]}", "LATEST")


def strategy(service: Resource) -> tuple[tuple[str, int], ...]:
    """Capacity providers with their share: weight, or base where that is larger."""
    found: list[tuple[str, int]] = []
    for position in range(len(optional(asked_list(service, "capacityProviderStrategies"), []))):
        at = ("capacityProviderStrategies", position)
        share = max(optional(read_integer(service, *at, key), 0) for key in ("weight", "base"))
        found.append((required(read_text(service, *at, "capacityProvider")), share))
    return tuple(found)


@policy(
    name="no-spot-only",
    what="A service does not stand on Spot capacity alone.",
    why="AWS takes Spot tasks back with two minutes' notice, from all services at once.",
    severity="medium",
    how_to_fix="Add FARGATE with a weight above 0, or a base, to capacityProviderStrategies.",
    url=_ECS + "fargate-capacity-providers.html",
    levels=PRD_ONLY,
    types=(SERVICE,),
)
def no_spot_only(_: Stack, service: Resource) -> Iterator[Problem]:
    used = {provider for provider, share in strategy(service) if share > 0}
    if used == {"FARGATE_SPOT"}:
        yield Problem("capacityProviderStrategies has FARGATE_SPOT only", "FARGATE beside it")


@policy(
    name="container-insights",
    what="A cluster has Container Insights.",
    why="Without it there is no number of running tasks to alarm on.",
    severity="medium",
    how_to_fix='Set settings to name "containerInsights" with value "enabled" or "enhanced".',
    url=hub("ECS.12"),
    levels=STRICT_IN_PRD,
    references="CKV_AWS_65 AwsSolutions-ECS4 ECS.12",
    types=(CLUSTER,),
)
def container_insights(_: Stack, cluster: Resource) -> Iterator[Problem]:
    values: list[str] = []
    for position, item in enumerate(optional(asked_list(cluster, "settings"), [])):
        if is_unknown(item):
            raise NotDecidedError(unknown_at_preview(f"settings[{position}]"))
        if required(read_text(cluster, "settings", position, "name")) == "containerInsights":
            values.append(required(read_text(cluster, "settings", position, "value")))
    if not values or any(value not in ("enabled", "enhanced") for value in values):
        yield Problem(f"containerInsights is {', '.join(values) or 'not set'}", "enabled or enhanced")
