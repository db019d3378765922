"""Policies about Service Connect's proxy: a task has room for it, and what it says of requests that it could not deliver is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.facts.ecs.definitions import cpu_units, memory_mib
from policies.facts.ecs.parts.logs import proxy_logs
from policies.facts.ecs.service_connect import CONFIGURATION, Member
from policies.facts.facts import Facts
from policies.facts.finding import Finding
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Undecided, decided
from policies.resources.reading import optional, read, read_integer
from policies.resources.references import task_definitions
from policies.resources.requested import asked_flag
from policies.resources.tokens import CLUSTER, NAMESPACES, SERVICE, TASK_DEFINITION
from policies.rules.policy import PRD_ADVISORY, setting
from policies.rules.rule import Problem, Stack, policy, stack_policy

PROXY_CPU, PROXY_MEMORY_MIB = 256, 64
"""What AWS recommends to add to a task for the proxy (Amazon ECS Developer Guide, "Service Connect", proxy resources)."""


@stack_policy(
    what="A task of Service Connect leaves CPU and memory to the proxy beside its containers.",
    why="Every request between services goes through the proxy: starved of CPU it slows all of them, out of memory it takes the task.",
    severity="medium",
    how_to_fix="Raise cpu and memory of the task, or lower what its containers reserve.",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html",
    settings=(
        setting("cpuUnits", PROXY_CPU, "CPU units that are left to the proxy; AWS recommends 256."),
        setting("memoryMib", PROXY_MEMORY_MIB, "MiB of memory that are left to the proxy; AWS recommends at least 64."),
    ),
    types=(SERVICE, TASK_DEFINITION, CLUSTER, *NAMESPACES),
)
def service_connect_room(stack: Stack) -> Iterator[Finding]:
    facts, needs = stack.facts, {"cpu": stack.number("cpuUnits"), "memory": stack.number("memoryMib")}
    mesh = facts.mesh  # what is undecided in it, service-connect-contract reports
    for service in facts.graph.of_type(SERVICE):
        member = mesh.members.get(service.urn)
        if member is None:
            continue
        for definition in task_definitions(facts.graph, service, "taskDefinition"):
            found = decided(lambda definition=definition: _left(facts, definition))
            if isinstance(found, Undecided):
                yield Finding.unread(definition.urn, member.name, found.of(definition))
            elif found is not None:
                yield from _findings(member, definition, found, needs)


def _findings(
    member: Member, definition: Resource, left: Mapping[str, tuple[int, int]], needs: Mapping[str, int]
) -> Iterator[Finding]:
    for what, (of_task, claimed) in left.items():
        unit, need = "CPU units" if what == "cpu" else "MiB", needs[what]
        if of_task - claimed < need:
            yield Finding.of(
                definition.urn,
                member.name,
                f"the task has {of_task} {unit} of {what} and its containers claim {claimed}, which leaves "
                f"{max(0, of_task - claimed)} for the Service Connect proxy",
                required=f"{need}; every request between services goes through the proxy",
                fix=f"Raise {what} of the task to at least {claimed + need}, or lower what its containers reserve.",
            )


def _left(facts: Facts, definition: Resource) -> dict[str, tuple[int, int]] | None:
    """Of the task, and claimed by its containers: CPU units and MiB. None where the task has no size of its own (EC2)."""
    cpu = claimed_cpu = memory = claimed_memory = 0
    sizes = (cpu_units(definition), memory_mib(definition))
    if all(isinstance(size, Absent) for size in sizes):
        return None
    cpu, memory = optional(sizes[0], 0), optional(sizes[1], 0)
    for container in facts.documents(definition):
        claimed_cpu += optional(read_integer(container, "cpu"), 0)
        reserved = optional(read_integer(container, "memoryReservation"), 0)
        # A container without a soft limit reserves its hard limit (ECS API Reference, ContainerDefinition).
        claimed_memory += reserved or optional(read_integer(container, "memory"), 0)
    return {key: pair for key, pair in (("cpu", (cpu, claimed_cpu)), ("memory", (memory, claimed_memory))) if pair[0]}


_KEPT = ("awsfirelens", "awslogs", "splunk")


@policy(
    what="Service Connect's proxy logs to where logs are kept.",
    why="Why a request between two services failed stands in the log of the proxy alone.",
    severity="low",
    how_to_fix="Set serviceConnectConfiguration.logConfiguration to awslogs with a log group of the stack.",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html",
    levels=PRD_ADVISORY,
    types=(SERVICE,),
)
def service_connect_logged(_: Stack, service: Resource) -> Iterator[Problem]:
    if isinstance(read(service, CONFIGURATION), Absent) or not optional(
        asked_flag(service, CONFIGURATION, "enabled"), True
    ):
        return
    where = f"{CONFIGURATION}.logConfiguration"
    logs = proxy_logs(service)
    if logs is None:
        yield Problem(f"{where} is not set", "awslogs, with a log group of the stack")
        return
    if logs.driver not in _KEPT:
        yield Problem(f"{where}.logDriver is {logs.driver[:30]}, whose logs nobody keeps", " or ".join(_KEPT))
