"""Policies about task definitions: apart from the host, of a size that exists, and with ports that can be found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.facts.ecs.definitions import cpu_units, is_for_fargate, is_for_windows, memory_mib, network_mode
from policies.facts.ecs.parts.port_mappings import port_mappings
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Undecided, decided
from policies.resources.reading import optional, read, read_integer, read_list, read_text, required
from policies.resources.requested import asked_integer, asked_list, asked_text
from policies.resources.tokens import TASK_DEFINITION
from policies.rules.policy import ECS_GUIDE, hub, setting
from policies.rules.property_checks import stated
from policies.rules.rule import Problem, Stack, about, container_policy, policy

_GIB = 1024
_MEMORY: Mapping[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4 * _GIB + 1, _GIB)),
    1024: tuple(range(2 * _GIB, 8 * _GIB + 1, _GIB)),
    2048: tuple(range(4 * _GIB, 16 * _GIB + 1, _GIB)),
    4096: tuple(range(8 * _GIB, 30 * _GIB + 1, _GIB)),
    8192: tuple(range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB)),
    16384: tuple(range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB)),
    32768: tuple(range(60 * _GIB, 244 * _GIB + 1, 4 * _GIB)),
}
"""CPU units to memory in MiB (Amazon ECS Developer Guide, Fargate task definition parameters)."""

_OF_WINDOWS = (1024, 2048, 4096)
"""CPU units that Fargate has for Windows, by the same table."""
_DISK = (21, 200)
"""GiB of a Fargate task's scratch disk (Amazon ECS API Reference, EphemeralStorage); 20 where it is not set."""
_DRIVER_OPTIONS = ("dockerVolumeConfiguration", "driverOpts")


@policy(
    what="A task shares no namespace with its host and mounts nothing of it.",
    why="Processes, memory, network and files of the host are those of every other task.",
    severity="critical",
    how_to_fix="Use networkMode awsvpc, and remove pidMode host, ipcMode host and volumes with a host path.",
    url=hub("ECS.3"),
    references="CKV_AWS_335 ECS.1 ECS.3 ECS.17",
    types=(TASK_DEFINITION,),
)
def task_apart_from_host(_: Stack, definition: Resource) -> Iterator[Problem]:
    for prop in ("networkMode", "pidMode", "ipcMode"):
        if optional(asked_text(definition, prop), "").lower() == "host":
            yield Problem(f"{prop} is host", "one of its own")
    for position in range(len(optional(asked_list(definition, "volumes"), []))):
        if optional(read_text(definition, "volumes", position, "hostPath"), ""):
            yield Problem(f"volumes[{position}] mounts a path of the host", "no hostPath")
        # Docker's local driver mounts a path of the host, too, where its options say so.
        if optional(read_text(definition, "volumes", position, *_DRIVER_OPTIONS, "device"), ""):
            yield Problem(f"volumes[{position}] mounts a device or a path of the host", "no device in driverOpts")


@container_policy(
    what="A named port is called after its number and protocol.",
    why="Names of one form let services be wired without looking each one up.",
    severity="low",
    how_to_fix="Name the port as the setting pattern says, such as server-3000-tcp.",
    url=ECS_GUIDE + "service-connect-concepts.html",
    settings=(setting("pattern", "server-{port}-{protocol}", "The name of a port, from {port} and {protocol}."),),
)
def port_name(stack: Stack, _: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    pattern = stack.text("pattern")
    for mapping in port_mappings(container):
        wanted = pattern.replace("{port}", str(mapping)).replace("{protocol}", mapping.protocol)
        if mapping.name not in (None, wanted):
            or_tcp = ", or protocol tcp" if mapping.protocol != "tcp" else ""
            yield Problem(f'the port is named "{mapping.name[:60]}"', f'"{wanted}"{or_tcp}')


@container_policy(
    what="A container's port is not bound to another one of its host.",
    why="With awsvpc AWS refuses it; on EC2 two tasks of one host collide.",
    severity="medium",
    how_to_fix="Leave hostPort out, or set it to containerPort (0 for a dynamic one in bridge mode).",
    url=ECS_GUIDE + "task_definition_parameters.html",
)
def no_host_port(_: Stack, definition: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    with about(definition):
        bridge = network_mode(definition) == "bridge"
    for mapping in port_mappings(container):
        host = mapping.host_port
        if host not in (None, mapping.port) and not (bridge and host == 0):
            yield Problem(f"hostPort is {host} and containerPort {mapping}", "the same port, or none")


@policy(
    what="CPU and memory of a Fargate task are a pair that exists, its scratch disk and limits those that Fargate gives.",
    why="AWS refuses every other, half-way through the deployment.",
    severity="medium",
    how_to_fix="Take a pair from AWS's table, such as 512 with 1024, a disk of 21 to 200 GiB, and of the ulimits nofile alone.",
    url=ECS_GUIDE + "fargate-tasks-services.html",
    types=(TASK_DEFINITION,),
)
def fargate_size(stack: Stack, definition: Resource) -> Iterator[Problem]:
    if not is_for_fargate(definition):
        return
    cpu, memory = required(cpu_units(definition)), required(memory_mib(definition))
    windows = is_for_windows(definition)
    sizes = [size for size in _MEMORY if not windows or size in _OF_WINDOWS]
    if cpu not in sizes:
        on = ", and its containers are Windows'" if cpu in _MEMORY else ""
        yield Problem(f"cpu is {cpu}{on}", f"one of {', '.join(map(str, sizes))}")
    elif memory not in _MEMORY[cpu]:
        yield Problem(
            f"memory is {memory} MiB with cpu {cpu}", f"{_MEMORY[cpu][0]} to {_MEMORY[cpu][-1]} MiB in AWS's steps"
        )
    disk = optional(asked_integer(definition, "ephemeralStorage", "sizeInGib"), _DISK[0])
    if not _DISK[0] <= disk <= _DISK[1]:
        yield Problem(f"ephemeralStorage.sizeInGib is {disk}", f"{_DISK[0]} to {_DISK[1]}")
    # What cannot be read of the containers, other policies say.
    documents = decided(lambda: stack.facts.documents(definition))
    for container in () if isinstance(documents, Undecided) else documents:
        yield from _limits(container)


def _limits(container: Mapping[str, object]) -> Iterator[Problem]:
    inside = f'container "{container.get("name")}"'
    for position in range(len(optional(read_list(container, "ulimits"), []))):
        name = required(read_text(container, "ulimits", position, "name"))
        soft, hard = (required(read_integer(container, "ulimits", position, key)) for key in ("softLimit", "hardLimit"))
        if name != "nofile":
            yield Problem(f"ulimit {name[:20]} is set, which Fargate does not take", "nofile alone", inside)
        elif soft > hard:
            yield Problem(f"softLimit of {name} is {soft}, above its hardLimit of {hard}", f"at most {hard}", inside)


@policy(
    what="A task definition for Fargate gives each task a network interface of its own.",
    why="ECS refuses every other mode for Fargate, half-way through the deployment.",
    severity="high",
    how_to_fix="Set networkMode to awsvpc, or take FARGATE out of requiresCompatibilities.",
    url=ECS_GUIDE + "task-networking.html",
    types=(TASK_DEFINITION,),
)
def fargate_network_mode(_: Stack, definition: Resource) -> Iterator[Problem]:
    if is_for_fargate(definition) and (used := network_mode(definition)) != "awsvpc":
        said = stated("networkMode", asked_text(definition, "networkMode"), used)
        yield Problem(f"{said}, and Fargate has no other than awsvpc", "awsvpc")


@policy(
    what="A task reaches its EFS volumes over TLS.",
    why="Files travel in clear otherwise.",
    severity="medium",
    how_to_fix="Set efsVolumeConfiguration.transitEncryption to ENABLED.",
    url=ECS_GUIDE + "efs-volumes.html",
    references="CKV_AWS_97 ECS.18",
    types=(TASK_DEFINITION,),
)
def volume_encrypted_in_transit(_: Stack, definition: Resource) -> Iterator[Problem]:
    for position in range(len(optional(asked_list(definition, "volumes"), []))):
        at = ("volumes", position, "efsVolumeConfiguration")
        if isinstance(read(definition, *at), Absent):
            continue
        if optional(read_text(definition, *at, "transitEncryption"), "DISABLED") != "ENABLED":
            yield Problem(f"transitEncryption of volumes[{position}] is not ENABLED", "ENABLED")
