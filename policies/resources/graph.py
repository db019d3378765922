"""The resources of a stack as policies see them: indexed once, free of any SDK."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast

from policies.resources.answered import judged
from policies.resources.tokens import canonical
from policies.resources.urns import type_and_name

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

UNKNOWNS = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string, the one Pulumi's Python SDK uses for every unknown
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
"""What stands for a value that is unknown at preview (Pulumi's resource.go and pulumi_policy's proxy.py)."""

_HANDLES = ("id", "arn", "name", "family", "identifier", "clusterIdentifier", "bucket", "url")


class Resource(Protocol):
    """One resource: its outputs as plain values in which a member of UNKNOWNS stands for an unknown."""

    @property
    def type(self) -> str: ...
    @property
    def urn(self) -> str: ...
    @property
    def name(self) -> str:
        """The logical name, the last part of the URN."""
        ...

    @property
    def props(self) -> Mapping[str, object]: ...
    @property
    def property_dependencies(self) -> Mapping[str, tuple[str, ...]]:
        """Top-level property to the URNs of the resources its value was made from."""
        ...

    @property
    def asks(self) -> frozenset[str] | None:
        """The top-level properties that the program asks for, the others AWS has answered; None where that is not known."""
        ...

    @property
    def dependencies(self) -> tuple[str, ...]:
        """URNs of what is there before it: what it depends on, or was made from."""
        ...

    @property
    def ignores(self) -> tuple[str, ...]:
        """The properties whose changes the program leaves alone (`ignore_changes`)."""
        ...

    @property
    def aliases(self) -> tuple[str, ...]:
        """The URN under which the state still has a renamed resource; none for one that the state has under its own."""
        ...


def grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """The values by their keys, both in the order in which they come."""
    found: dict[K, list[V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainResource:
    """A resource from plain values: a record of a state, an inputs bag, a test."""

    type: str
    urn: str
    name: str
    props: Mapping[str, object]
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    asks: frozenset[str] | None = None
    dependencies: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    ignores: tuple[str, ...] = ()

    @classmethod
    def like(cls, resource: Resource, **changes: Any) -> PlainResource:
        """A resource with some of its values changed, and without what only its registration has: aliases and ignored changes."""
        same = ("type", "urn", "name", "props", "property_dependencies", "asks", "dependencies")
        return cls(**{name: getattr(resource, name) for name in same} | changes)

    @classmethod
    def of_record(cls, record: Mapping[str, object]) -> PlainResource:
        """From a plain record as `Graph.from_records` takes it."""
        urn, kind = str(record.get("urn", "")), canonical(str(record.get("type", "")))
        dependencies = _mapping(record.get("property_dependencies"))
        inputs = _mapping(record.get("inputs"))
        asks = frozenset(inputs) if inputs and kind.startswith("aws:") else None
        return cls(
            type=kind,
            urn=urn,
            name=type_and_name(urn)[1],
            props=judged(kind, {**inputs, **_mapping(record.get("outputs"))}, asks),
            asks=asks,
            property_dependencies={
                key: tuple(str(urn) for urn in cast("Iterable[object]", urns)) for key, urns in dependencies.items()
            },
            dependencies=_texts(record.get("dependencies")),
            ignores=_texts(record.get("ignore_changes")),
        )


class Graph:
    """All resources of a stack, by type and by URN. Built once, then shared by every policy."""

    def __init__(self, resources: Iterable[Resource], *, registered: frozenset[str] | None = None) -> None:
        """registered: the URNs that the program has asked for; None where that is not known."""
        self.registered = registered
        self._by_urn: dict[str, Resource] = {}
        self._by_type: dict[str, dict[str, Resource]] = {}
        self._handles: dict[str, Mapping[str, Resource]] = {}
        self._texts: dict[tuple[str, str], Mapping[str, tuple[Resource, ...]]] = {}
        self._of_types: dict[tuple[str, ...], tuple[Resource, ...]] = {}
        self.belongings: dict[tuple[str, str, str], Mapping[str, list[Resource]]] = {}
        """What names what, by (type, type of what it names, property): filled by references.belonging."""
        self.known: dict[Hashable, Any] = {}
        """What was computed of this graph already: filled by once.per_graph and by references."""
        for resource in resources:
            self._by_urn[resource.urn] = resource
            self._by_type.setdefault(resource.type, {})[resource.urn] = resource

    @classmethod
    def from_records(cls, records: Iterable[Mapping[str, object]]) -> Graph:
        """From plain records with the keys type, urn, inputs, outputs, property_dependencies (name to URNs), dependencies (URNs),
        ignore_changes (names of properties).

        Outputs win over inputs, as in what the engine shows to stack policies; a missing key counts as empty.
        """
        return cls(PlainResource.of_record(record) for record in records)

    def __len__(self) -> int:
        return len(self._by_urn)

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._by_urn.values())

    def get(self, urn: str) -> Resource | None:
        """The resource with this URN."""
        return self._by_urn.get(urn)

    def held(self, urns: Iterable[str]) -> tuple[Resource, ...]:
        """The resources with these URNs, sorted by them; what is none of the stack is left out."""
        return tuple(found for urn in sorted(urns) if (found := self._by_urn.get(urn)) is not None)

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        """The resources of these types, in the order of registration within a type."""
        found = self._of_types.get(types)
        if found is None:
            listed = (resource for name in types for resource in self._by_type.get(name, {}).values())
            found = self._of_types[types] = tuple(listed)
        return found

    def by_handle(self, kind: str) -> Mapping[str, Resource]:
        """The resources of one type by every id, ARN and name that is known."""
        if kind not in self._handles:
            self._handles[kind] = {value: held for held in self.of_type(kind) for value in handles_of(held)}
        return self._handles[kind]

    def by_text(self, kind: str, prop: str) -> Mapping[str, tuple[Resource, ...]]:
        """The resources of one type by the known text of a property, which several may have."""
        if (kind, prop) not in self._texts:
            found: dict[str, tuple[Resource, ...]] = {}
            for held in self.of_type(kind):
                value = held.props.get(prop)
                if isinstance(value, str) and value and value not in UNKNOWNS:
                    found[value] = (*found.get(value, ()), held)
            self._texts[kind, prop] = found
        return self._texts[kind, prop]

    def with_resource(self, resource: Resource) -> Graph:
        """This graph with one resource added, or put in the place of the one that has its URN."""
        grown = Graph({**self._by_urn, resource.urn: resource}.values())
        grown._handles = {kind: held for kind, held in self._handles.items() if kind != resource.type}
        grown._texts = {key: held for key, held in self._texts.items() if key[0] != resource.type}
        return grown


def without_former(resources: Iterable[Resource], registered: Collection[str] = ()) -> list[Resource]:
    """The resources without those that have another URN by now.

    An engine that refreshes first shows a renamed resource twice: as the state has it, and as the program registers it
    (Pulumi 3.274, step_executor.go stores both). registered: the URNs that the program is known to have registered.
    """
    kept = list(resources)
    former = {alias for resource in kept for alias in resource.aliases}.difference(registered)
    return [resource for resource in kept if resource.urn not in former] if former else kept


def handles_of(resource: Resource) -> Iterator[str]:
    """The known ids, ARNs and names of a resource."""
    for handle in _HANDLES:
        value = resource.props.get(handle)
        if isinstance(value, str) and value and value not in UNKNOWNS:
            yield value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in cast("Iterable[object]", value or ()))


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}
