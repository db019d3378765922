"""What a policy reads of a stack: as long as that stays as it is, so does what the policy reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from policies.resources.graph import Graph, Resource

EVERYTHING = "*"


class ReadGraph(Graph):
    """A graph that writes down the types and URNs it is asked for; EVERYTHING where it is gone through as a whole."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        super().__init__(resources)
        self.reads: set[str] = set()

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

    def by_handle(self, kind: str) -> Mapping[str, Resource]:
        self.reads.add(kind)
        return super().by_handle(kind)

    def by_text(self, kind: str, prop: str) -> Mapping[str, tuple[Resource, ...]]:
        self.reads.add(kind)
        return super().by_text(kind, prop)
