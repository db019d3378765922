"""The containers of a task definition: their environment, and what they declare about the database."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NoReturn, cast

from policies.facts.ecs.first_image import with_first_image
from policies.facts.ecs.parts.secrets import secrets_of
from policies.facts.ecs.parts.variables import variables_of
from policies.facts.ecs.stated.database_variables import (
    database_words,
    further_databases,
    second_pools,
    shows_database,
)
from policies.facts.ecs.stated.pools import Pools, stated_pools
from policies.facts.ecs.stated.processes import Processes, stated_processes
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, NotDecidedError, Present, Reading, Undecided, within
from policies.resources.reading import (
    fields_of,
    optional,
    read_flag,
    read_integer,
    read_json,
    read_list,
    read_map,
    read_text,
    refuse,
    required,
)


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container. environment: plain variables, a value of None where it is not known. secrets: by variable what it is read from.

    unclear: why the value of a variable is not known, the second half of a sentence.
    """

    name: str
    environment: Mapping[str, str | None]
    secrets: Mapping[str, str]
    environment_files: bool
    unclear: Mapping[str, str] = field(default_factory=dict[str, str])
    entry_point: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    image: str = ""

    @cached_property
    def database_variables(self) -> tuple[str, ...]:
        """The variables, secrets and words of the command that show a relational database: DB_*, DATABASE_URL, --db-host."""
        shown = (name for name, value in self.environment.items() if shows_database(name, value))
        secrets = sorted(name for name in self.secrets if shows_database(name, None))
        return (*shown, *secrets, *database_words((*self.entry_point, *self.command)))

    @property
    def uses_database(self) -> bool:
        """Whether its variables or secrets show a relational database."""
        return bool(self.database_variables)

    @property
    def second_pools(self) -> tuple[str, ...]:
        """Variables that show another pool than the one DB_CONN_LIMIT bounds, such as DB_REPLICA_HOST or URLs of two databases."""
        return second_pools((*self.environment, *self.secrets)) or further_databases(self.environment)

    @cached_property
    def processes(self) -> Processes:
        """The processes that its command and variables state, each with pools of its own."""
        return stated_processes(self.environment, (*self.entry_point, *self.command))

    def pools(self, limit: int | None) -> Pools:
        """The connections of one process: DB_CONN_LIMIT, or what is stated beside it. limit: None where it is not declared."""
        stated, words = self.processes, (*self.entry_point, *self.command)
        return stated_pools(limit, self.environment, sorted(self.secrets), words, (stated.threads, stated.threads_by))


def read_documents(definition: Resource) -> tuple[Mapping[str, object], ...]:
    """The containers of a task definition as they are written, a placeholder with the secrets of its first image.

    Raises NotDecidedError where they cannot be read.
    """
    items = required(read_json(definition, "containerDefinitions"))
    if not isinstance(items, list):
        refuse("containerDefinitions", "is not a JSON list of containers")
    found: list[Mapping[str, object]] = []
    for position, item in enumerate(cast("list[object]", items)):
        if not isinstance(item, dict):
            refuse(f"containerDefinitions[{position}]", "is not an object")
        for key in cast("dict[str, object]", item):
            if key[:1].isupper():  # a provider may take it for the property, and policies would not
                refuse(
                    f"containerDefinitions[{position}]", f'has "{key[:40]}", which AWS writes with a small first letter'
                )
        found.append(with_first_image(cast("Mapping[str, object]", item), f"containerDefinitions[{position}]"))
    return tuple(found)


def containers_in(documents: Sequence[Mapping[str, object]]) -> tuple[Container, ...]:
    """The containers of documents. Raises NotDecidedError where one cannot be judged."""
    return tuple(_container(item, f"containerDefinitions[{position}]") for position, item in enumerate(documents))


def with_overrides(containers: Sequence[Container], document: object) -> tuple[Container, ...]:
    """The containers as a schedule's input overrides them: `{"containerOverrides": [{"name", "environment", "command"}]}`.

    ECS starts no task with an override for a container that the task definition does not have (Amazon ECS API Reference,
    ContainerOverride).
    """
    if not isinstance(document, Mapping):
        refuse("input", "is not a JSON object")
    items = optional(read_list(cast("Mapping[str, object]", document), "containerOverrides"), [])
    changed = {container.name: container for container in containers}
    overridden: set[str] = set()
    for position, item in enumerate(items):
        where = f"input.containerOverrides[{position}]"
        override = _container(item, where)
        if override.name not in changed:
            names = ", ".join(changed) or "none"
            refuse(f"{where}.name", f'is "{override.name}", no container of the task definition (containers: {names})')
        if override.name in overridden:
            refuse(f"{where}.name", f'is "{override.name}" for the second time, so which override holds is not known')
        overridden.add(override.name)
        changed[override.name] = _overridden(changed[override.name], override)
    return tuple(changed[container.name] for container in containers)


def _overridden(container: Container, override: Container) -> Container:
    kept = {name: why for name, why in container.unclear.items() if name not in override.environment}
    return replace(
        container,
        environment={**container.environment, **override.environment},
        unclear={**kept, **override.unclear},
        environment_files=container.environment_files or override.environment_files,
        command=override.command or container.command,
    )


def read_tag(resource: Resource, tag: str, *, least: int) -> int | None:
    """An integer from a tag such as PROCESSES_TAG, None where the tag is absent. Raises NotDecidedError."""
    # tagsAll, where it is known, has the provider's default tags as well.
    tags = "tagsAll" if _by_default(resource, read_integer(resource, "tags", tag)) else "tags"
    found, text = read_integer(resource, tags, tag), read_text(resource, tags, tag)
    if isinstance(found, Undecided) and not isinstance(text, Present):
        raise NotDecidedError(replace(found, owner=resource))
    value = text.value[:40] if isinstance(found, Undecided) and isinstance(text, Present) else optional(found, None)
    if isinstance(value, str) or (value is not None and not least <= value <= 1_000_000):
        shown = f'"{value}"' if isinstance(value, str) else value
        refuse_tag(resource, tag, f"is {shown}, an integer from {least} to 1000000 is required")
    return value


def refuse_tag(resource: Resource, tag: str, reason: str) -> NoReturn:
    """Gives up on a resource's tag. Raises NotDecidedError."""
    raise NotDecidedError(Undecided(f'tags["{tag}"]', reason, owner=resource))


def _by_default(resource: Resource, own: Reading[int]) -> bool:
    return isinstance(own, Absent) and isinstance(read_map(resource, "tagsAll"), Present)


def _container(item: object, where: str) -> Container:
    if not isinstance(item, Mapping):
        refuse(where, "is not an object")
    fields = cast("Mapping[str, object]", item)
    name = fields.get("name")
    if not isinstance(name, str):
        refuse(f"{where}.name", "is not a string")
    environment, unclear = _variables(fields, where)
    with within(where):
        secrets = {secret.name: secret.source for secret in secrets_of(fields)}
    return Container(
        name=name,
        environment=environment,
        secrets=secrets,
        environment_files=bool(fields.get("environmentFiles")),
        unclear=unclear,
        entry_point=_words(fields.get("entryPoint")),
        command=_words(fields.get("command")),
        image=str(fields.get("image") or ""),
    )


def _words(listed: object) -> tuple[str, ...]:
    return tuple(str(word) for word in cast("list[object]", listed)) if isinstance(listed, list) else ()


def _variables(fields: Mapping[str, object], where: str) -> tuple[Mapping[str, str | None], Mapping[str, str]]:
    """(the variables, why one's value is not known). ECS takes a name that is listed twice and does not say which holds."""
    values: dict[str, object] = {}
    unclear: dict[str, str] = {}
    for name, value in _entries(fields, where):
        if name in values and values[name] != value:
            unclear[name] = "is listed twice with different values, and which one holds is not known"
        elif value is not None and not isinstance(value, str):
            unclear[name] = f"is {json.dumps(value)[:40]}, no string: ECS passes environment values as strings"
        values[name] = value
    known = {name: value if isinstance(value, str) and name not in unclear else None for name, value in values.items()}
    return known, unclear


def _entries(fields: Mapping[str, object], where: str) -> Iterator[tuple[str, object]]:
    listed = fields.get("environment")
    if listed is not None and not isinstance(listed, list):
        refuse(f"{where}.environment", "is not a list")
    for item in cast("list[object]", listed or []):
        entry = fields_of(item)
        name = entry.get("name")
        if not isinstance(name, str):
            refuse(f"{where}.environment", "holds an entry without a name")
        yield name, entry.get("value")


def image_of(container: Mapping[str, object]) -> str:
    """The image of a container, which ECS requires. Raises NotDecidedError."""
    return required(read_text(container, "image"))


def essential(container: Mapping[str, object]) -> bool:
    """Whether the task ends when a container does, as where nothing else is said. Raises NotDecidedError."""
    return optional(read_flag(container, "essential"), True)


def known_variables(container: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Name and value of each environment variable of a container; a value that is not known is empty."""
    return ((item.name, item.known) for item in variables_of(container))


_TELEMETRY = re.compile(
    r"(?:^|/)(?:aws-otel-collector|opentelemetry-collector[\w-]*|otelcol[\w-]*|aws-xray-daemon|cloudwatch-agent|datadog-agent|agent)[:@]"
)
"""Images of collectors: AWS's, OpenTelemetry's and Datadog's (datadog/agent)."""


def collects_telemetry(container: Mapping[str, object]) -> bool:
    """Whether a container only collects telemetry, by its image. Raises NotDecidedError where that is not known."""
    return _TELEMETRY.search(image_of(container) + ":") is not None
