"""Merges the sources of one workload in their order, and remembers where each value was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from settings.files.env_files import EnvFile
from settings.workloads import WorkloadFields

_ADDED_UP: Final = ("secrets", "requires")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One source. place: the file and the key; fields: camelCase; places: where single variables are written."""

    place: str
    fields: Mapping[str, object]
    places: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """All sources as one. places: by field, where its value is written; variables: by variable, the same."""

    fields: dict[str, object]
    places: dict[str, str]
    environment: dict[str, str]
    variables: dict[str, str]


def settings_layer(file: str, key: str, fields: WorkloadFields) -> Layer:
    """What a document of Pulumi.yaml or of a stage file sets."""
    dumped = fields.model_dump(mode="json", by_alias=True, exclude_none=True)
    return Layer(place=f"{file}: {key}", fields=dumped, places={})


def file_layer(file: EnvFile) -> Layer:
    """What an env file sets."""
    places = {name: file.place(name) for name in file.variables}
    return Layer(place=file.path, fields={"environment": file.variables}, places=places)


def merge(layers: Iterable[Layer]) -> Merged:
    """Later layers win key by key; `environment` merges by variable and the lists of names add up."""
    merged = Merged(fields={}, places={}, environment={}, variables={})
    for layer in layers:
        for key, value in layer.fields.items():
            before = merged.fields.get(key)
            if key == "environment" and isinstance(value, dict):
                merged.environment.update(value)
                merged.variables.update(
                    {name: layer.places.get(name, f"{layer.place}.environment.{name}") for name in value}
                )
            elif key in _ADDED_UP and isinstance(before, list) and isinstance(value, list):
                merged.fields[key] = sorted({*before, *value})
            else:
                merged.fields[key] = value
            merged.places[key] = f"{layer.place}.{key}"
    return merged
