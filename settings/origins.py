"""Where each effective value of a stage is written: `settings.origins`, and `where_to_change` for one workload's own value.

`Settings.origins` has an Origin for every value that a file sets, by its path among the merged settings; a path that is
not there is built in:

    settings = settings_of(project_dir, "dev")                      # or settings.reader.load() inside the program
    str(settings.origins["services.tracking-api.dbConnLimit"])      # Pulumi.dev.yaml:35 serviceOverrides.tracking-api.dbConnLimit
    settings.origins["services.legacy-api.tasks.max"].line          # 32, of serviceDefaults
    settings.origins["jobs.ranking-batch.environment.LOG_LEVEL"]    # env/tracking-api/.env.development:2 LOG_LEVEL
    settings.origins["database.maxConnections"]                     # Pulumi.dev.yaml:20 database.maxConnections

Of a workload the settings stand there (`dbConnLimit`, `tasks`, `tasks.max`), each variable under `environment`, each name
under `secrets` and `requires`; of a stage each key of each document. `where_to_change(settings, path)` is the place to
write another value for one workload alone: what it has of its own, or the override that it would need.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from settings.files.key_lines import KeyLines

if TYPE_CHECKING:
    from settings.merged import Settings

CATALOGUE: Final = "Pulumi.yaml"
"""The file of what is the same in every stage."""
PROJECT_KEYS: Final = ("platform", "delivery", "services", "jobs")
"""Keys of Pulumi.yaml; all others are a stage's."""
_DEFAULTS: Final = ("serviceDefaults", "jobDefaults")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One place in a file. file: below the project; line: from 1, None where no file has it; key: as it is written there.

    Where a file lacks the key itself, the line is that of the key around it.
    """

    file: str
    key: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.file}{'' if self.line is None else f':{self.line}'} {self.key}"

    @property
    def shared(self) -> bool:
        """Whether other workloads take the same value: it is a default of the stage."""
        return self.key.partition(".")[0] in _DEFAULTS


class Written:
    """The files of a stage, as far as lines go. project: the namespace of its keys."""

    def __init__(self, project_dir: Path, project: str, stage_file: str) -> None:
        self._project = project
        self._stage_file = stage_file
        self._stage = KeyLines(project_dir / stage_file)
        self._catalogue = KeyLines(project_dir / CATALOGUE)

    def at(self, key: str, *inside: str) -> Origin:
        """The place of a key of the configuration, without namespace, and of what is inside its value.

        A key of a stage file replaces the one of Pulumi.yaml; one that neither has belongs where the documents say.
        """
        shown = ".".join((key, *inside))
        for file, lines, before in self._candidates(key):
            depth, line = lines.found((*before, *inside))
            if depth >= len(before):
                return Origin(file=file, key=shown, line=line)
        return Origin(file=CATALOGUE if key in PROJECT_KEYS else self._stage_file, key=shown)

    def _candidates(self, key: str) -> Iterator[tuple[str, KeyLines, tuple[str, ...]]]:
        full = f"{self._project}:{key}"
        yield self._stage_file, self._stage, ("config", full)
        for name in (key, full):
            for wrapped in (("value",), ("default",), ()):
                yield CATALOGUE, self._catalogue, ("config", name, *wrapped)


def leaves(value: object, before: Sequence[str] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of a JSON value: of each mapping's keys, and of each text in a list by that text."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield (*before, str(key))
            yield from leaves(inner, (*before, str(key)))
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, str):
                yield (*before, item)


def stage_origins(written: Written, settings: Settings) -> dict[str, Origin]:
    """Of every value of a stage that a file sets, by its path among the merged settings."""
    found: dict[str, Origin] = {}
    for name in type(settings).model_fields:
        document = getattr(settings, name)
        if isinstance(document, BaseModel):
            key = to_camel(name)
            for path in leaves(document.model_dump(mode="json", by_alias=True, exclude_unset=True)):
                found[".".join((key, *path))] = written.at(key, *path)
    for kind, workloads in (("services", settings.services), ("jobs", settings.jobs)):
        for workload in workloads:
            head = f"{kind}.{workload.name}"
            found |= {f"{head}.{key}": origin for key, origin in workload.setting_sources.items()}
            found |= {f"{head}.environment.{key}": origin for key, origin in workload.variable_sources.items()}
            found[_own(head)] = written.at(*_own(head).split("."))
    return found


def where_to_change(settings: Settings, path: str) -> Origin:
    """Where to write another value for one workload: `services.tracking-api.dbConnLimit` for its setting.

    A default of the stage, or a value that is built in, has other workloads behind it: there the place is the workload's
    override, with the line of the override, or of the key that takes it.
    """
    now = settings.origins.get(path)
    if now is not None and not now.shared:
        return now
    kind, name, setting = path.split(".", 2)
    own = settings.origins[_own(f"{kind}.{name}")]
    return replace(own, key=f"{own.key}.{setting}")


def _own(workload: str) -> str:
    """The override of a workload: serviceOverrides.gateway of services.gateway."""
    kind, name = workload.split(".")
    return f"{kind.removesuffix('s')}Overrides.{name}"
