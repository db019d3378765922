"""The containers of a task definition: their environment, and what they declare about the database."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from .graph import Graph, Resource
from .reading import NotDecidedError, Undecided, decided, optional, read_integer, read_json, read_list, refuse, required

LIMIT = "DB_CONN_LIMIT"
_CLIENT_VARIABLE = re.compile(r"DB_[A-Z0-9_]+|DATABASE_URL")
_SECOND_POOL = re.compile(r"DB_[A-Z0-9_]+_(HOST|URL|CONN_LIMIT)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container. environment: plain variables, a value of None where it is no string; secrets: names only."""

    name: str
    environment: Mapping[str, str | None]
    secrets: frozenset[str]
    environment_files: bool

    @property
    def uses_database(self) -> bool:
        """Whether it has a DB_* variable or secret, or DATABASE_URL."""
        return any(_CLIENT_VARIABLE.fullmatch(name) for name in (*self.environment, *self.secrets))

    @property
    def second_pools(self) -> tuple[str, ...]:
        """Variables that tell of another pool than the one DB_CONN_LIMIT bounds, such as DB_REPLICA_HOST."""
        names = (*self.environment, *self.secrets)
        return tuple(sorted(name for name in names if _SECOND_POOL.fullmatch(name) and name != LIMIT))


def containers_of(graph: Graph, definition: Resource) -> tuple[Container, ...]:
    """The containers of a task definition. Raises NotDecidedError where containerDefinitions cannot be judged."""
    found = graph.once_of(definition, "containers", lambda: decided(lambda: _read_containers(definition)))
    if isinstance(found, Undecided):
        raise NotDecidedError(found)
    return found


def _read_containers(definition: Resource) -> tuple[Container, ...]:
    items = required(read_json(definition, "containerDefinitions"))
    if not isinstance(items, list):
        refuse("containerDefinitions", "is no JSON list of containers")
    return tuple(
        _container(item, f"containerDefinitions[{position}]")
        for position, item in enumerate(cast("list[object]", items))
    )


def with_overrides(containers: Sequence[Container], document: object) -> tuple[Container, ...]:
    """The containers as a schedule's input overrides them: `{"containerOverrides": [{"name", "environment"}]}`."""
    if not isinstance(document, Mapping):
        refuse("input", "is no JSON object")
    items = optional(read_list(cast("Mapping[str, object]", document), "containerOverrides"), [])
    changed = [_container(item, f"input.containerOverrides[{position}]") for position, item in enumerate(items)]
    environments = {container.name: container.environment for container in changed}
    return tuple(
        replace(container, environment={**container.environment, **environments.get(container.name, {})})
        for container in containers
    )


def read_tag(resource: Resource, tag: str, *, least: int) -> int | None:
    """A whole number from a tag such as "budget:processes", None where the tag is absent. Raises NotDecidedError."""
    value = optional(read_integer(resource, "tags", tag), None)
    if value is not None and not least <= value <= 1_000_000:
        refuse(f'tags["{tag}"]', f"is {value}, a whole number from {least} to 1000000 is required")
    return value


def _container(item: object, where: str) -> Container:
    if not isinstance(item, Mapping):
        refuse(where, "is no object")
    fields = cast("Mapping[str, object]", item)
    name = fields.get("name")
    if not isinstance(name, str):
        refuse(f"{where}.name", "is no string")
    return Container(
        name=name,
        environment=_pairs(fields, "environment", "value", where),
        secrets=frozenset(_pairs(fields, "secrets", "valueFrom", where)),
        environment_files=bool(fields.get("environmentFiles")),
    )


def _pairs(fields: Mapping[str, object], key: str, value_key: str, where: str) -> Mapping[str, str | None]:
    """ECS's list of {"name", value_key} as a mapping; a value that is no string is None."""
    pairs: dict[str, str | None] = {}
    listed = fields.get(key)
    if listed is not None and not isinstance(listed, list):
        refuse(f"{where}.{key}", "is no list")
    for item in cast("list[object]", listed or []):
        entry = cast("Mapping[str, object]", item) if isinstance(item, Mapping) else {}
        name, value = entry.get("name"), entry.get(value_key)
        if not isinstance(name, str):
            refuse(f"{where}.{key}", "holds an entry without a name")
        pairs[name] = value if isinstance(value, str) else None
    return pairs
