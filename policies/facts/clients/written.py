"""The variables and commands of a task's containers as they are written, to be written otherwise: what a change would look like."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from policies.facts.ecs.task_runs import Run
from policies.facts.stack import StackFacts
from policies.resources.graph import PlainResource, Resource
from policies.resources.outcomes import Present
from policies.resources.reading import fields_of, read_json

_OVERRIDES = "containerOverrides"


@dataclass(slots=True)
class Written:
    """The containers of a run's task definition, and what the run overrides of them."""

    definition: Resource
    containers: list[dict[str, Any]]
    run: Run
    overrides: dict[str, Any] = field(default_factory=dict[str, Any])

    def restate(self, container: str, name: str, old: int, new: int) -> bool:
        """Writes another number where a container states `name` as `old`: a variable, an option, or a part ("max of DB_URL").

        Whether it stands there in a form that could be changed.
        """
        part, of, variable = name.partition(" of ")
        return any(
            (_in_value(holder, variable, part, old, new) if of else _in_variable(holder, name, old, new))
            or _in_command(holder, name, old, new)
            for holder in self._holders(container)
        )

    def _holders(self, container: str) -> Iterator[dict[str, Any]]:
        """What says something about a container, what decides first."""
        for holder in (*self.overrides.get(_OVERRIDES, ()), *self.containers):
            if holder.get("name") == container:
                yield holder

    def resources(self) -> Iterator[PlainResource]:
        """The resources as they would be."""
        yield changed(self.definition, ("containerDefinitions",), json.dumps(self.containers))
        if self.overrides:
            yield changed(self.run.resource, self.run.overrides, json.dumps(self.overrides))


def written(facts: StackFacts, run: Run) -> Written:
    """The containers of a run of one task definition. Raises NotDecidedError where they cannot be read."""
    documents = [cast("dict[str, Any]", copy.deepcopy(dict(item))) for item in facts.documents(run.definitions[0])]
    found = Written(run.definitions[0], documents, run)
    overrides = read_json(run.resource, *run.overrides) if run.overrides else None
    if isinstance(overrides, Present) and isinstance(overrides.value, dict):
        found.overrides = copy.deepcopy(cast("dict[str, Any]", overrides.value))
    return found


def changed(resource: Resource, path: tuple[str | int, ...], value: object) -> PlainResource:
    """The resource with another value at a path of its properties; what the path leads through is made where it is absent."""
    return PlainResource.like(
        resource, props={**resource.props, str(path[0]): _with(resource.props.get(str(path[0])), path[1:], value)}
    )


def _with(held: object, path: tuple[str | int, ...], value: object) -> object:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = list(cast("list[object]", held)) if isinstance(held, list) else []
        return [*items[:step], _with(items[step] if step < len(items) else None, rest, value), *items[step + 1 :]]
    fields = fields_of(held)
    return {**fields, step: _with(fields.get(step), rest, value)}


def _entries(holder: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    for entry in holder.get("environment") or ():
        if entry.get("name") == name and isinstance(entry.get("value"), str):
            yield entry


def _in_variable(holder: dict[str, Any], name: str, old: int, new: int) -> bool:
    found = [entry for entry in _entries(holder, name) if entry["value"].strip() == str(old)]
    for entry in found:
        entry["value"] = str(new)
    return bool(found)


def _in_value(holder: dict[str, Any], variable: str, part: str, old: int, new: int) -> bool:
    stated = re.compile(rf"(\b{re.escape(part)}[\"']?\s*[=:]\s*[\"']?){old}\b")
    found = [entry for entry in _entries(holder, variable) if stated.search(entry["value"])]
    for entry in found:
        entry["value"] = stated.sub(rf"\g<1>{new}", entry["value"])
    return bool(found)


def _in_command(holder: dict[str, Any], option: str, old: int, new: int) -> bool:
    stated = re.compile(rf"((?<![\w-])(?:-D|--)?{re.escape(option)}(?:=|\s+|(?<=-\w))[\"']?){old}\b")
    done = False
    for key in ("entryPoint", "command"):
        words = [str(word) for word in holder.get(key) or ()]
        said = [stated.sub(rf"\g<1>{new}", word) for word in words]
        for place, word in enumerate(words[:-1]):
            if word == option and words[place + 1] == str(old):
                said[place + 1] = str(new)
        if said != words:
            holder[key], done = said, True
    return done


def left_alone(before: Resource | None, after: Resource) -> bool:
    """Whether the engine would leave what is changed as it is, since the program says so (ignore_changes)."""
    if before is None or not before.ignores:
        return False
    ignored = {re.split(r"[.\[]", path, maxsplit=1)[0] for path in before.ignores}
    return any(
        after.props.get(prop) != before.props.get(prop) for prop in after.props if prop in ignored or "*" in ignored
    )
