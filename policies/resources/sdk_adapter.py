"""Shows the SDK's resources to the policies as the neutral graph: plain values, unknowns kept, unwrapped when first read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from pulumi_policy import PolicyResource, ResourceValidationArgs

from policies.resources.answered import only_set
from policies.resources.graph import Graph, PlainResource, without_former
from policies.resources.tokens import canonical


class StackResource:
    """A resource of a stack analysis. Its properties are unwrapped only when a policy reads them: most are never read."""

    def __init__(self, resource: PolicyResource) -> None:
        self._resource = resource
        self.type = canonical(resource.resource_type)
        self.urn = resource.urn
        self.name = resource.name
        self._props: Mapping[str, object] | None = None

    @property
    def props(self) -> Mapping[str, object]:
        """The outputs, as plain values."""
        if self._props is None:
            self._props = only_set(cast("Mapping[str, object]", plain(self._resource.props)))
        return self._props

    @property
    def property_dependencies(self) -> Mapping[str, tuple[str, ...]]:
        """Top-level property to the URNs its value was made from."""
        return {
            key: tuple(other.urn for other in others) for key, others in self._resource.property_dependencies.items()
        }

    @property
    def asks(self) -> None:
        """The SDK does not say it."""

    @property
    def dependencies(self) -> tuple[str, ...]:
        """URNs of what is there before it."""
        return tuple(other.urn for other in self._resource.dependencies)

    @property
    def ignores(self) -> tuple[str, ...]:
        """The properties whose changes the program leaves alone."""
        return tuple(self._resource.opts.ignore_changes)

    @property
    def aliases(self) -> tuple[str, ...]:
        """The URN that it had before."""
        return tuple(self._resource.opts.aliases)


def graph_of(resources: Iterable[PolicyResource]) -> Graph:
    """The graph of a stack analysis."""
    return Graph(without_former(StackResource(resource) for resource in resources))


def registered(args: ResourceValidationArgs) -> PlainResource:
    """A resource that is about to be created or changed: its inputs. Dependencies are not known at this point."""
    return PlainResource(
        type=canonical(args.resource_type),
        urn=args.urn,
        name=args.name,
        props=only_set(cast("Mapping[str, object]", plain(args.props))),
        aliases=tuple(args.opts.aliases),
        ignores=tuple(args.opts.ignore_changes),
    )


def plain(value: Any) -> object:
    """A value without the SDK's proxies, which raise on unknowns; the sentinels of unknowns stay."""
    if isinstance(value, (str, int, float)) or value is None:
        return value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in cast("dict[object, Any]", value).items()}
    if isinstance(value, list):
        return [plain(item) for item in cast("list[Any]", value)]
    if isinstance(value, (Mapping, Sequence)):
        return plain(cast("Any", value)["__target"])  # the proxies' own way to the raw value
    return value
