"""The policy `capacity-provider-in-cluster`: a service runs on what its cluster has and its task definition is made for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from policies.facts.ecs.definitions import compatibilities, operating_system
from policies.facts.ecs.deployments import controller, scheduling
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, NotDecidedError, is_unknown
from policies.resources.reading import optional, read, read_list
from policies.resources.references import belonging, made_here, references, task_definitions
from policies.resources.requested import asked_list, asked_text
from policies.resources.tokens import CAPACITY_PROVIDER, CLUSTER, CLUSTER_CAPACITY, SERVICE, TASK_DEFINITION
from policies.rules.ecs.capacity import Entry, strategy
from policies.rules.rule import Problem, Stack, about, label, policy


@policy(
    what="A service runs on what its cluster has and its task definition is made for.",
    why="ECS refuses it, half-way through the deployment, or waits for instances that nobody starts.",
    severity="medium",
    how_to_fix="Set capacityProviderStrategies to providers of the cluster with a weight, or launchType FARGATE, and REPLICA.",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html",
    types=(SERVICE,),
    also=(CAPACITY_PROVIDER, CLUSTER, CLUSTER_CAPACITY, TASK_DEFINITION),
)
def capacity_provider_in_cluster(stack: Stack, service: Resource) -> Iterator[Problem]:
    entries = strategy(service)
    launch = optional(asked_text(service, "launchType"), "")
    if entries and launch:
        yield Problem(
            f"it has launchType {launch[:20]} beside capacityProviderStrategies, which ECS refuses", "one of them"
        )
    elif launch and launch not in ("EC2", "EXTERNAL", "FARGATE"):
        yield Problem(f"launchType is {launch[:20]}, which ECS does not know", "EC2, EXTERNAL or FARGATE")
    yield from _refused(entries)
    if any(entry.provider == "FARGATE_SPOT" for entry in entries):
        yield from _of_windows(stack, service)
    offered = _of_cluster(stack, service)
    managed = {entry.provider: found for entry in entries if (found := _managed(stack, entry.provider)) is not None}
    for provider, found in managed.items():
        yield from _of_another_cluster(stack, service, provider, found)
    for capacity in offered:
        with about(capacity):
            providers = optional(read_list(capacity, "capacityProviders"), [])
        for provider in (entry.provider for entry in entries):
            if provider in managed:
                if provider in providers:
                    yield Problem(
                        f"it runs on {provider[:60]}, whose instances ECS manages, and {capacity.name} lists it, which ECS refuses",
                        "the cluster of the provider alone",
                    )
            elif provider not in providers and not any(is_unknown(item) for item in providers):
                yield Problem(
                    f"it runs on {provider[:60]}, which {capacity.name} does not offer", f"{provider[:60]} there"
                )
    for how in _ways(stack, service, entries, launch, offered):
        yield from _made_for(stack, service, how)
        for prop in ("orderedPlacementStrategies", "placementConstraints"):
            if how == "FARGATE" and optional(asked_list(service, prop), []):
                yield Problem(f"{prop} is set, which ECS refuses of tasks on Fargate", "none")
    if (kept := scheduling(service)) not in ("REPLICA", "DAEMON"):
        yield Problem(f"schedulingStrategy is {kept[:20]}, which ECS does not know", "REPLICA")
    elif kept == "DAEMON" and (launch == "FARGATE" or _FARGATE & {entry.provider for entry in entries}):
        yield Problem("schedulingStrategy is DAEMON, which Fargate does not have", "REPLICA")
    elif kept == "DAEMON" and optional(asked_list(service, "orderedPlacementStrategies"), []):
        yield Problem("orderedPlacementStrategies is set, which ECS refuses of a daemon", "none")


_FARGATE = frozenset({"FARGATE", "FARGATE_SPOT"})


def _refused(entries: tuple[Entry, ...]) -> Iterator[Problem]:
    """What ECS refuses of a strategy (Amazon ECS API Reference, CapacityProviderStrategyItem): a weight left out is 0."""
    for name, count in Counter(entry.provider for entry in entries).items():
        if count > 1:
            yield Problem(f"capacityProviderStrategies names {name[:60]} {count} times", "once")
    written = any(entry.weight is not None for entry in entries) or len(entries) > 1
    if entries and written and not any(entry.weight for entry in entries):
        yield Problem("no provider of capacityProviderStrategies has a weight", "a weight above 0 for one of them")
    if len([entry for entry in entries if entry.base]) > 1:
        yield Problem("two providers of capacityProviderStrategies have a base", "one of them")
    if len({entry.provider in _FARGATE for entry in entries}) > 1:
        yield Problem("capacityProviderStrategies mixes Fargate with instances", "one or the other")


def _of_windows(stack: Stack, service: Resource) -> Iterator[Problem]:
    """AWS Batch API Reference, RuntimePlatform: "Fargate Spot is not supported on Windows-based containers"."""
    for definition in task_definitions(stack.graph, service, "taskDefinition"):
        with about(definition):
            system = operating_system(definition)
        if system.startswith("WINDOWS"):
            yield Problem(
                f"it runs on FARGATE_SPOT, which has no Windows, and {definition.name} is for {system[:40]}", "FARGATE"
            )


def _managed(stack: Stack, provider: str) -> Resource | None:
    """The provider of this name, where the stack has it and ECS manages its instances."""
    found = stack.graph.by_handle(CAPACITY_PROVIDER).get(provider)
    return None if found is None or isinstance(read(found, "managedInstancesProvider"), Absent) else found


def _of_another_cluster(stack: Stack, service: Resource, name: str, provider: Resource) -> Iterator[Problem]:
    """A provider whose instances ECS manages is of the one cluster that it names (Amazon ECS API Reference, CreateCapacityProvider)."""
    of, runs = (references(stack.graph, held, CLUSTER, "cluster").keys for held in (provider, service))
    if len(of) == len(runs) == 1 and of != runs:
        other, own = (_called(stack, *keys) for keys in (of, runs))
        yield Problem(f"it runs on {name[:60]}, which is of the cluster {other}", f"a provider of {own}")


def _called(stack: Stack, key: str) -> str:
    """What people call a cluster, by its URN or, where it is another stack's, by its name or ARN."""
    cluster = stack.graph.get(key)
    return key.rpartition("/")[2][:60] if cluster is None else label(cluster)


def _of_cluster(stack: Stack, service: Resource) -> tuple[Resource, ...]:
    """What offers capacity to a service's cluster: by the cluster of the stack, or by its name."""
    graph, own = stack.graph, references(stack.graph, service, CLUSTER, "cluster")
    if own.undecided is not None and made_here(graph, service, "cluster") and graph.of_type(CLUSTER_CAPACITY):
        raise NotDecidedError(own.undecided)
    found: list[Resource] = []
    for key in sorted(own.keys):
        cluster = graph.get(key)
        by_name = graph.by_text(CLUSTER_CAPACITY, "clusterName").get(key.rpartition("/")[2], ())
        found += by_name if cluster is None else belonging(graph, cluster, CLUSTER_CAPACITY, "clusterName")
    return tuple(found)


def _ways(
    stack: Stack, service: Resource, entries: tuple[Entry, ...], launch: str, offered: tuple[Resource, ...]
) -> Iterator[str]:
    """What its tasks are started on, as a task definition says it; nothing where another stack may say so."""
    if entries or launch:
        yield from sorted({_started_on(stack, entry.provider) for entry in entries} or {launch})
        return
    if controller(service) == "EXTERNAL":
        return
    own = references(stack.graph, service, CLUSTER, "cluster")
    if own.undecided is not None or not any(stack.graph.get(key) for key in own.keys):
        return
    for capacity in offered:
        with about(capacity):
            if optional(asked_list(capacity, "defaultCapacityProviderStrategies"), []):
                return
    if offered or not stack.graph.of_type(CLUSTER_CAPACITY):
        yield "EC2"


def _started_on(stack: Stack, provider: str) -> str:
    """FARGATE, EC2 or MANAGED_INSTANCES; the last two where the provider is of another stack, which may be either."""
    if provider in _FARGATE:
        return "FARGATE"
    if _managed(stack, provider) is not None:
        return "MANAGED_INSTANCES"
    return "EC2" if provider in stack.graph.by_handle(CAPACITY_PROVIDER) else "EC2 or MANAGED_INSTANCES"


def _made_for(stack: Stack, service: Resource, how: str) -> Iterator[Problem]:
    for definition in task_definitions(stack.graph, service, "taskDefinition"):
        with about(definition):
            made_for = compatibilities(definition)
        if made_for and not {*how.split(" or ")} & {*made_for}:
            yield Problem(
                f"its tasks are started on {how[:40]}, and {definition.name} is for {', '.join(made_for)[:60]}",
                made_for[0][:20],
            )
