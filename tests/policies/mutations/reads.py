"""What a policy reads of a stack: as long as that stays as it is, so does what the policy reports."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from dataclasses import replace
from typing import Any

from policies.resources.graph import Graph, PlainResource, Resource

EVERYTHING = "*"
"""Of a stack: all of its resources; of a resource: all of its properties."""
_FROM = "from "
Read = str | tuple[str, str]
"""A type or a URN: whether there is any; (URN, property): what it says."""


def differing(before: PlainResource | None, after: PlainResource | None) -> set[Read]:
    """What reads differently where one resource is in the place of the other."""
    there = [resource for resource in (before, after) if resource is not None]
    parts = {(resource.urn, name) for resource in there for name in (*_parts(resource), EVERYTHING)}
    if before is None or after is None or _bare(before) != _bare(after):
        return {EVERYTHING, *parts, *(name for resource in there for name in (resource.type, resource.urn))}
    old, new = _parts(before), _parts(after)
    # True is no 1 to a policy, though it is equal.
    return {(urn, name) for urn, name in parts if name == EVERYTHING or repr(old.get(name)) != repr(new.get(name))}


def _bare(resource: PlainResource) -> PlainResource:
    return replace(resource, props={}, property_dependencies={})


def _parts(resource: PlainResource) -> dict[str, Any]:
    """Each property, and what each is made from."""
    made_from = {f"{_FROM}{name}": urns for name, urns in resource.property_dependencies.items()}
    return {**resource.props, **made_from}


class ReadProps(dict[str, Any]):
    """What is known of each property; writes down which of them are asked for, as `before` and the name."""

    def __init__(self, known: Mapping[str, Any], urn: str, reads: set[Read], before: str = "") -> None:
        super().__init__(known)
        self._urn, self._reads, self._before = urn, reads, before

    def _note(self, name: str) -> None:
        self._reads.add((self._urn, name if name == EVERYTHING else f"{self._before}{name}"))

    def __getitem__(self, name: str) -> Any:
        self._note(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:  # type: ignore[override]
        self._note(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self._note(str(name))
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        self._note(EVERYTHING)
        return super().__iter__()

    def __len__(self) -> int:
        self._note(EVERYTHING)
        return super().__len__()

    def __eq__(self, other: object) -> bool:
        self._note(EVERYTHING)
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    def keys(self) -> KeysView[str]:  # type: ignore[override]
        self._note(EVERYTHING)
        return super().keys()

    def values(self) -> ValuesView[Any]:  # type: ignore[override]
        self._note(EVERYTHING)
        return super().values()

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]
        self._note(EVERYTHING)
        return super().items()


class ReadGraph(Graph):
    """A graph that writes down what it, and each of its resources, is asked for."""

    def __init__(self, resources: Iterable[PlainResource]) -> None:
        self.reads: set[Read] = set()
        super().__init__([self._noting(resource) for resource in resources])

    def _noting(self, resource: PlainResource) -> PlainResource:
        return replace(
            resource,
            props=ReadProps(resource.props, resource.urn, self.reads),
            property_dependencies=ReadProps(resource.property_dependencies, resource.urn, self.reads, _FROM),
        )

    def __len__(self) -> int:
        self.reads.add(EVERYTHING)
        return super().__len__()

    def __iter__(self) -> Iterator[Resource]:
        self.reads.add(EVERYTHING)
        return super().__iter__()

    def with_resource(self, resource: Resource) -> Graph:
        self.reads.add(EVERYTHING)
        return super().with_resource(resource)

    def get(self, urn: str) -> Resource | None:
        self.reads.add(urn)
        return super().get(urn)

    def held(self, urns: Iterable[str]) -> tuple[Resource, ...]:
        asked = tuple(urns)
        self.reads.update(asked)
        return super().held(asked)

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        self.reads.update(types)
        return super().of_type(*types)
