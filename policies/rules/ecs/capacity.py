"""Policies about what services run on: Fargate's platform, Spot, and what a cluster reports of itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, NotDecidedError, Present, is_unknown, unknown_at_preview
from policies.resources.reading import optional, read, read_integer, read_list, read_text, required
from policies.resources.requested import asked_list, asked_text
from policies.resources.tokens import CLUSTER, CLUSTER_CAPACITY, EVENT_TARGET, SCHEDULE, SERVICE, TASK_SET
from policies.rules.policy import ECS_GUIDE, PRD_ONLY, setting
from policies.rules.property_checks import one_of
from policies.rules.rule import Problem, Stack, policy


def on_fargate(service: Resource) -> bool:
    """Whether a service runs on Fargate, by launch type or capacity provider. Raises NotDecidedError."""
    providers = {entry.provider for entry in strategy(service)}
    launch_type = optional(asked_text(service, "launchType"), "")
    return launch_type == "FARGATE" or bool(providers & {"FARGATE", "FARGATE_SPOT"})


@policy(
    what="Fargate services run on the latest platform version.",
    why="A pinned version gets no more security fixes of its runtime.",
    severity="low",
    how_to_fix="Set platformVersion to LATEST, or leave it out.",
    references="CKV_AWS_332 ECS.10",
    types=(SERVICE, TASK_SET, SCHEDULE, EVENT_TARGET),
)
def fargate_platform_latest(_: Stack, service: Resource) -> Iterator[Problem]:
    inside = {SCHEDULE: ("target", "ecsParameters"), EVENT_TARGET: ("ecsTarget",)}.get(service.type, ())
    if inside:
        held = read(service, *inside)
        version = (
            optional(read_text(service, *inside, "platformVersion"), "LATEST")
            if isinstance(held, Present)
            else "LATEST"
        )
        if version != "LATEST":
            yield Problem(f"platformVersion is {version[:20]}", "LATEST")
        return
    version = optional(asked_text(service, "platformVersion"), "LATEST")
    if version != "LATEST" and on_fargate(service):
        yield Problem(f"platformVersion is {version[:20]}", "LATEST")


@dataclass(frozen=True, slots=True)
class Entry:
    """A capacity provider of a strategy. weight: None where it is not set, which counts as 0."""

    provider: str
    base: int
    weight: int | None

    @property
    def share(self) -> int:
        """The weight, or the base where that is larger."""
        return max(self.weight or 0, self.base)


def strategy(resource: Resource, prop: str = "capacityProviderStrategies") -> tuple[Entry, ...]:
    """The capacity providers that a property lists. Raises NotDecidedError."""
    return tuple(
        Entry(
            required(read_text(resource, prop, position, "capacityProvider")),
            optional(read_integer(resource, prop, position, "base"), 0),
            None if isinstance(found := read_integer(resource, prop, position, "weight"), Absent) else required(found),
        )
        for position in range(len(optional(asked_list(resource, prop), [])))
    )


@policy(
    what="A service does not stand on Spot capacity alone, or nearly so, nor does a run that nobody repeats.",
    why="AWS takes Spot tasks back with two minutes' notice, from all services at once.",
    severity="medium",
    how_to_fix="Add FARGATE with a weight above 0, or a base, to capacityProviderStrategies.",
    url=ECS_GUIDE + "fargate-capacity-providers.html",
    levels=PRD_ONLY,
    settings=(
        setting(
            "minimumOnDemand",
            10,
            "Percent of a service's tasks that do not stand on Spot, where none does for certain.",
            maximum=100,
        ),
    ),
    types=(SERVICE, TASK_SET, CLUSTER_CAPACITY, SCHEDULE),
)
def no_spot_only(stack: Stack, resource: Resource) -> Iterator[Problem]:
    if resource.type == SCHEDULE:
        at = ("target", "ecsParameters", "capacityProviderStrategies")
        if not isinstance(read(resource, *at[:2]), Absent):
            listed = range(len(optional(read_list(resource, *at), [])))
            named = {required(read_text(resource, *at, position, "capacityProvider")) for position in listed}
            if named == {"FARGATE_SPOT"}:
                yield Problem("its run is on FARGATE_SPOT, and one that AWS takes back is not started again", "FARGATE")
        return
    prop = "defaultCapacityProviderStrategies" if resource.type == CLUSTER_CAPACITY else "capacityProviderStrategies"
    entries = strategy(resource, prop)
    used = {entry.provider for entry in entries if entry.share > 0}
    if used == {"FARGATE_SPOT"}:
        yield Problem(f"{prop} has FARGATE_SPOT only", "FARGATE beside it")
    elif "FARGATE_SPOT" in used:
        lasting = [entry for entry in entries if entry.provider != "FARGATE_SPOT"]
        total, on_demand = (sum(entry.weight or 0 for entry in held) for held in (entries, lasting))
        least = stack.number("minimumOnDemand")
        if not sum(entry.base for entry in lasting) and on_demand * 100 < least * total:
            share = (total - on_demand) * 100 // total
            yield Problem(
                f"{prop} has FARGATE_SPOT for {share} of 100 tasks", f"at least {least} percent on demand, or a base"
            )


exec_logged = policy(
    name="exec-logged",
    what="What people do in a shell of a task is logged.",
    why="After an incident nobody can say what was changed.",
    severity="medium",
    how_to_fix="Set configuration.executeCommandConfiguration.logging of the cluster to DEFAULT or OVERRIDE.",
    url=ECS_GUIDE + "ecs-exec.html",
    types=(CLUSTER,),
)(
    one_of(
        "configuration",
        "executeCommandConfiguration",
        "logging",
        allowed=frozenset({"DEFAULT", "OVERRIDE"}),
        default="DEFAULT",
    )
)


@policy(
    what="A cluster has Container Insights.",
    why="Without it there is no number of running tasks to alarm on.",
    severity="medium",
    how_to_fix='Set settings to name "containerInsights" with value "enabled" or "enhanced".',
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
