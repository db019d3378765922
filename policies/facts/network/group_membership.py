"""In which security groups a resource of any type stands: by its dependencies, what its properties are called, and what joins it to one."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Undecided, is_unknown, unknown_at_preview
from policies.resources.references import References, belonging, references
from policies.resources.tokens import GROUP_OF_INTERFACE, SECURITY_GROUP, TASK_DEFINITION

_NAMES_GROUPS = re.compile(r"security_?groups?", re.IGNORECASE)
_BLOCKS = re.compile(
    r"(?:vpc|network|compute)(?:Config|Configuration|Interface|Resource)s?"
    r"|ec2Attributes|applicationConfiguration|kafkaCluster|physicalConnectionRequirements|defaultUserSettings"
)
"""Blocks that hold security groups among others, such as vpcConfig: one that is unknown as a whole may name any."""
_DEEPEST = 12


@dataclass(slots=True)
class _Named:
    """What one property names. known: ids and names as written; unknown: how many more."""

    known: set[str] = field(default_factory=set[str])
    unknown: int = 0


def groups_named(graph: Graph, resource: Resource) -> References:
    """The security groups that any property of a resource names, or depends on, and those that its network interface is put into.

    Undecided where one is not known.
    """
    keys: set[str] = set()
    undecided: Undecided | None = None
    by_id = graph.by_handle(SECURITY_GROUP)
    made_from, props = resource.property_dependencies, resource.props
    for prop in dict.fromkeys((*made_from, *props)):
        urns, value = made_from.get(prop, ()), props.get(prop)
        if not urns and not isinstance(value, (dict, list, Mapping)) and not _names_groups(prop):
            continue  # most properties
        depended = {urn for urn in urns if (other := graph.get(urn)) is not None and other.type == SECURITY_GROUP}
        if depended and any((other := graph.get(urn)) and other.type == TASK_DEFINITION for urn in urns):
            continue  # it gives them to tasks that it starts, and these are counted
        named = _Named()
        _walk(named, prop, value, 0)
        known = {by_id[name].urn if name in by_id else name for name in named.known}
        keys |= known | depended
        # AWS computes the property where nothing is written: it then names the VPC's default group.
        if urns and named.unknown and (not depended or named.unknown > len(depended - known)):
            undecided = undecided or unknown_at_preview(prop)
    for joined in belonging(graph, resource, GROUP_OF_INTERFACE, "networkInterfaceId"):
        found = references(graph, joined, SECURITY_GROUP, "securityGroupId")
        keys |= found.keys
        undecided = undecided or found.undecided
    return References(keys=frozenset(keys), undecided=undecided)


@functools.lru_cache(maxsize=4096)
def _names_groups(key: str) -> bool:
    """Properties of all resources have the same few hundred names."""
    return _NAMES_GROUPS.search(key) is not None


def _walk(named: _Named, key: str, value: object, depth: int) -> None:
    if isinstance(value, str):
        if _names_groups(key):
            if is_unknown(value):
                named.unknown += 1
            elif value:
                named.known.add(value)
        elif is_unknown(value) and _BLOCKS.fullmatch(key):
            named.unknown += 1
    elif isinstance(value, list) and depth < _DEEPEST:
        for item in cast("list[object]", value):
            _walk(named, key, item, depth + 1)
    elif isinstance(value, Mapping) and depth < _DEEPEST:
        for inner, item in cast("Mapping[str, object]", value).items():
            _walk(named, inner, item, depth + 1)
