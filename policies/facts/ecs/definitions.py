"""What a task definition says of where its tasks run, with ECS's own values where it says nothing."""

from __future__ import annotations

import re

from policies.resources.graph import Resource
from policies.resources.outcomes import Present, Reading
from policies.resources.reading import optional, read, read_integer, word_of
from policies.resources.requested import asked_text, asked_texts

_COMPATIBILITIES = ("EC2", "EXTERNAL", "FARGATE", "MANAGED_INSTANCES")
_MODES = ("awsvpc", "bridge", "default", "host", "none")
"""Amazon ECS API Reference, TaskDefinition; `default` is Windows' NAT."""


def compatibilities(definition: Resource) -> tuple[str, ...]:
    """What its tasks are made for, none where it does not say. Raises NotDecidedError for a word that ECS does not know."""
    listed = asked_texts(definition, "requiresCompatibilities")
    return tuple(
        word_of(_COMPATIBILITIES, word, f"requiresCompatibilities[{place}]") for place, word in enumerate(listed)
    )


def is_for_fargate(definition: Resource) -> bool:
    """Whether Fargate may run it, and asks of it what it asks."""
    return "FARGATE" in compatibilities(definition)


def network_mode(definition: Resource) -> str:
    """How its containers are on the network; `bridge` where it does not say. Raises NotDecidedError for an unknown word."""
    return word_of(_MODES, optional(asked_text(definition, "networkMode"), "bridge"), "networkMode")


def operating_system(definition: Resource) -> str:
    """LINUX, or such as WINDOWS_SERVER_2022_CORE; as it is written."""
    return optional(asked_text(definition, "runtimePlatform", "operatingSystemFamily"), "LINUX")


def is_for_windows(definition: Resource) -> bool:
    """Whether its containers are Windows'."""
    return operating_system(definition).startswith("WINDOWS")


def cpu_units(definition: Resource) -> Reading[int]:
    """The CPU units of a task as a whole; AWS takes ".5 vCPU", too."""
    return _size(definition, "cpu", "vcpu")


def memory_mib(definition: Resource) -> Reading[int]:
    """The MiB of memory of a task as a whole; AWS takes "2 GB", too."""
    return _size(definition, "memory", "gb")


def _size(definition: Resource, prop: str, unit: str) -> Reading[int]:
    text = read(definition, prop)
    if isinstance(text, Present) and isinstance(text.value, str):
        match = re.fullmatch(rf"([0-9]{{0,4}}(?:\.[0-9]{{1,3}})?)\s*{unit}", text.value.strip().lower())
        if match and match[1]:
            return Present(round(float(match[1]) * 1024))
    return read_integer(definition, prop)
