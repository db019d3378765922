"""Merges the sources of one workload in their order, and remembers where each value was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from settings.files.env_files import EnvFile
from settings.origins import Origin, Written, leaves
from settings.workloads import WorkloadFields

_ADDED_UP: Final = ("secrets", "requires")
_VARIABLES: Final = "environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One source. fields: camelCase; places: where each is written, and what is inside it (`tasks.max`)."""

    fields: Mapping[str, object]
    places: Mapping[str, Origin]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """All sources as one. places: where each value is written, as in a layer; variables: the same, by variable."""

    fields: dict[str, object]
    places: dict[str, Origin]
    environment: dict[str, str]
    variables: dict[str, Origin]

    def drop(self, field: str) -> None:
        """Take a value away, so that the built-in one holds."""
        del self.fields[field]
        for path in [path for path in self.places if path.partition(".")[0] == field]:
            del self.places[path]


def settings_layer(written: Written, key: tuple[str, ...], fields: WorkloadFields) -> Layer:
    """What a document of Pulumi.yaml or of a stage file sets. key: of the document, and of the workload in it."""
    dumped = fields.model_dump(mode="json", by_alias=True, exclude_none=True)
    return Layer(fields=dumped, places={".".join(path): written.at(*key, *path) for path in leaves(dumped)})


def file_layer(file: EnvFile) -> Layer:
    """What an env file sets."""
    places = {f"{_VARIABLES}.{name}": file.place(name) for name in file.variables}
    return Layer(fields={_VARIABLES: file.variables}, places=places)


def merge(layers: Iterable[Layer]) -> Merged:
    """Later layers win key by key; `environment` merges by variable and the lists of names add up."""
    merged = Merged(fields={}, places={}, environment={}, variables={})
    for layer in layers:
        for key, value in layer.fields.items():
            before = merged.fields.get(key)
            if key == _VARIABLES and isinstance(value, dict):
                merged.environment.update(value)
                merged.variables.update({name: layer.places[f"{_VARIABLES}.{name}"] for name in value})
            elif key in _ADDED_UP and isinstance(before, list) and isinstance(value, list):
                merged.fields[key] = sorted({*before, *value})
            else:
                merged.fields[key] = value
        merged.places.update(layer.places)
    return merged
