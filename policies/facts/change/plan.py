"""What a deployment makes of what was there before: which resource goes on as which, and what goes for good."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from policies.facts.change.uniqueness import ONCE, Once, keys, plain
from policies.resources.baseline import Baseline
from policies.resources.graph import Graph, Resource, grouped
from policies.resources.outcomes import is_unknown

_NAMES = ("name", "identifier", "clusterIdentifier", "bucket", "repositoryName", "userName", "creationToken")


class Plan:
    """The way from a baseline to a stack. loss_accepted: whether whoever deploys has agreed to what is lost on it."""

    def __init__(self, baseline: Baseline, graph: Graph, *, loss_accepted: bool = False) -> None:
        self.loss_accepted = loss_accepted
        self._baseline = baseline
        self._graph = graph

    @property
    def earlier(self) -> Graph:
        """What was there."""
        return self._baseline.graph

    @cached_property
    def current(self) -> tuple[Resource, ...]:
        """What the program asks for. An engine that refreshes first also shows what it is about to delete."""
        asked = self._graph.registered
        return tuple(resource for resource in self._graph if asked is None or resource.urn in asked)

    def before(self, resource: Resource) -> Resource | None:
        """What a resource of the program was before; None for a new one."""
        return self.earlier.get(_former(resource))

    @cached_property
    def _current_urns(self) -> frozenset[str]:
        return frozenset(resource.urn for resource in self.current)

    def asks_for(self, resource: Resource) -> bool:
        """Whether the program asks for it."""
        return resource.urn in self._current_urns

    @cached_property
    def successors(self) -> Mapping[str, Resource]:
        """By the URN of the baseline, the resource of the program that goes on with it."""
        return {_former(resource): resource for resource in self.current}

    @cached_property
    def gone(self) -> tuple[Resource, ...]:
        """What the engine deletes."""
        kept = self._baseline.retained
        return tuple(
            resource for resource in self.earlier if resource.urn not in self.successors and resource.urn not in kept
        )

    @cached_property
    def made(self) -> Mapping[str, frozenset[str]]:
        """By type, the names in the program of what is new."""
        new = (resource for resource in self.current if self.before(resource) is None)
        found = grouped((resource.type, resource.name) for resource in new)
        return {kind: frozenset(names) for kind, names in found.items()}

    @cached_property
    def _holders(self) -> Mapping[tuple[str, int, tuple[object, ...]], Resource]:
        return {
            (resource.type, number, key): resource
            for resource in self.earlier
            for number, once in enumerate(ONCE.get(resource.type, ()))
            for key in keys(resource, once)
        }

    def taken(self, resource: Resource) -> Iterator[tuple[Once, tuple[object, ...], Resource]]:
        """What AWS has once of a resource, and what else had it before: by the table of uniqueness.py, with the values."""
        before = self.before(resource)
        for number, once in enumerate(ONCE.get(resource.type, ())):
            own = set(keys(before, once)) if before is not None else set[tuple[object, ...]]()
            for key in keys(resource, once):
                holder = self._holders.get((resource.type, number, key))
                if holder is not None and key not in own:
                    yield once, key[1:], holder

    def goes(self, earlier: Resource, replaced_by: tuple[str, ...]) -> bool:
        """Whether a resource of the baseline is deleted: for good, or because one of these properties changes."""
        successor = self.successors.get(earlier.urn)
        if successor is None:
            return earlier in self.gone
        return bool(list(self.changed(successor, replaced_by)))

    def changed(self, resource: Resource, properties: tuple[str, ...]) -> Iterator[str]:
        """Those of the properties that had a value before and have another, or one that is not known yet."""
        before = self.before(resource)
        if before is None:
            return
        asked = self._baseline.inputs.get(before.urn, {})
        for name in properties:
            old, new = before.props.get(name), resource.props.get(name)
            if old is None or new is None or _blinded(old) or plain(old) == plain(new):
                continue
            if (
                not is_unknown(new) or name in asked
            ):  # what AWS computes is unknown again whenever something else replaces it
                yield name


def aws_name(resource: Resource) -> str:
    """The name that AWS knows a resource by, its logical one where none is known."""
    for key in _NAMES:
        value = resource.props.get(key)
        if isinstance(value, str) and value and not is_unknown(value):
            return value
    return resource.name


def _former(resource: Resource) -> str:
    return resource.aliases[0] if resource.aliases else resource.urn


def _blinded(value: object) -> bool:
    """Whether an export hides a value, which says nothing about a change."""
    return value == "[secret]" or (isinstance(value, dict) and "4dabf18193072939515e22adb298388d" in value)
