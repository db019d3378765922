"""Where the actions of a pipeline stand, and what those that run a build are given: the variables of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from policies.resources.graph import Resource
from policies.resources.outcomes import Present, Reading
from policies.resources.reading import items_of, parsed_json, read_list, read_text, required

Place = tuple[str, int, str, int]
"""The path to an action: "stages", position, "actions", position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An action. project: the build that it starts. written: its variables as they stand there, a JSON list."""

    name: str
    project: str
    written: Reading[str]

    @property
    def variables(self) -> Mapping[str, str]:
        """Its variables, as far as they are known."""
        return _variables(self.written.value) if isinstance(self.written, Present) else {}


def actions_of(pipeline: Resource) -> Iterator[Place]:
    """Where the actions are, in the order of the stages. Raises NotDecidedError where a list of them is not known."""
    for stage in range(len(required(read_list(pipeline, "stages")))):
        for position in range(len(required(read_list(pipeline, "stages", stage, "actions")))):
            yield "stages", stage, "actions", position


def known_actions_of(pipeline: Resource) -> Iterator[Place]:
    """Where the actions are that can be read: what cannot, the policies about pipelines say."""
    for stage in range(_count(pipeline, "stages")):
        for position in range(_count(pipeline, "stages", stage, "actions")):
            yield "stages", stage, "actions", position


def steps_of(pipeline: Resource) -> Iterator[Step]:
    """The actions that start builds, in the order of the stages; what of one cannot be read, the policies about pipelines say."""
    for at in known_actions_of(pipeline):
        name, project = (read_text(pipeline, *at, *path) for path in (("name",), ("configuration", "ProjectName")))
        if isinstance(name, Present) and isinstance(project, Present):
            written = read_text(pipeline, *at, "configuration", "EnvironmentVariables")
            yield Step(name=name.value, project=project.value, written=written)


def _count(pipeline: Resource, *path: str | int) -> int:
    listed = read_list(pipeline, *path)
    return len(listed.value) if isinstance(listed, Present) else 0


def _variables(text: str) -> dict[str, str]:
    """Of CodePipeline's JSON list of {"name", "value", "type"} (AWS CodePipeline User Guide, CodeBuild action reference)."""
    try:
        listed = parsed_json(text)
    except ValueError:
        return {}
    items = items_of(listed)
    entries = [cast("Mapping[str, object]", item) for item in items if isinstance(item, Mapping)]
    return {str(entry.get("name")): str(entry.get("value")) for entry in entries}
