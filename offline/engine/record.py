"""One resource as it was last applied, and its form in the journal."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from offline.engine.urn import name_of
from offline.properties import Properties


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRecord:
    """One resource as it was last applied. `serial` distinguishes a replaced resource from its replacement (same URN)."""

    serial: int
    urn: str
    type: str
    custom: bool
    id: str = ""
    parent: str = ""
    provider: str = ""
    inputs: Properties = field(default_factory=Properties)
    outputs: Properties = field(default_factory=Properties)
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    protect: bool = False
    delete_before_replace: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    pending_delete: bool = False

    @property
    def name(self) -> str:
        """The logical name."""
        return name_of(self.urn)

    @property
    def depends_on(self) -> frozenset[str]:
        """URNs of everything that must exist while this resource exists."""
        by_property = (urn for urns in self.property_dependencies.values() for urn in urns)
        provider = self.provider.rsplit("::", 1)[0]
        return frozenset(filter(None, (self.parent, provider, *self.dependencies, *by_property)))


_FIELDS = {item.name: item for item in dataclasses.fields(ResourceRecord)}
_TUPLES = ("dependencies", "ignore_changes", "additional_secret_outputs", "aliases")


def record_to_json(record: ResourceRecord) -> dict[str, Any]:
    """The fields of a record that differ from their defaults."""
    content: dict[str, Any] = {}
    for name, item in _FIELDS.items():
        value = getattr(record, name)
        if item.default_factory is not dataclasses.MISSING:
            if value:
                content[name] = value
        elif value != item.default:
            content[name] = value
    return content


def record_from_json(content: Mapping[str, Any]) -> ResourceRecord:
    """The inverse of `record_to_json`; ValueError, TypeError or AttributeError for anything else."""
    if unknown := content.keys() - _FIELDS.keys():
        raise ValueError(f"unknown field {min(unknown)!r}")
    values = dict(content)
    for name, wanted in (("serial", int), ("urn", str), ("type", str), ("inputs", dict), ("outputs", dict)):
        if name in values and not isinstance(values[name], wanted):
            raise ValueError(f"{name} is not a {wanted.__name__}")
    values.update({name: tuple(values[name]) for name in _TUPLES if name in values})
    if "property_dependencies" in values:
        values["property_dependencies"] = {key: tuple(urns) for key, urns in values["property_dependencies"].items()}
    return ResourceRecord(**values)
