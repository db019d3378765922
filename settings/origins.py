"""Where each effective value of a stage is written: `settings.origins`.

`Settings.origins` has an Origin for every value that a file sets, by its path among the merged settings; a path that is
not there is built in:

    settings = settings_of(project_dir, "dev")                      # or settings.reader.load() inside the program
    str(settings.origins["services.tracking-api.dbConnLimit"])      # Pulumi.dev.yaml:35 serviceOverrides.tracking-api.dbConnLimit
    settings.origins["services.legacy-api.tasks.max"].line          # 32, of serviceDefaults
    settings.origins["jobs.ranking-batch.environment.LOG_LEVEL"]    # env/tracking-api/.env.development:2 LOG_LEVEL
    settings.origins["database.maxConnections"]                     # Pulumi.dev.yaml:20 database.maxConnections

Of a workload the settings stand there (`dbConnLimit`, `tasks`, `tasks.max`), each variable under `environment`, each name
under `secrets` and `requires`; of a stage each key of each document.
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
        return f"{self.file}{'' if self.line is None else f':{self.line}'} {self.key}".rstrip()

    @property
    def shared(self) -> bool:
        """Whether other workloads take the same value: it is a default of the stage."""
        return self.key.partition(".")[0] in _DEFAULTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the settings of one workload are written. settings: by key, and by what is inside (`tasks.max`, `secrets.X`).

    variables: of the environment, by name; declared, override: the workload's own entries of catalogue and stage.
    """

    settings: Mapping[str, Origin]
    variables: Mapping[str, Origin]
    declared: Origin
    override: Origin

    def own(self, key: str) -> Origin:
        """Where the workload's override has, or would have, a setting."""
        return _below(self.override, key)

    def catalogue(self, key: str) -> Origin:
        """Where the catalogue has, or would have, a setting of the workload."""
        return _below(self.declared, key)

    def to_change(self, key: str) -> Origin:
        """Where to write another value of a setting for this workload alone."""
        now = self.settings.get(key)
        return self.own(key) if now is None or now.shared else now

    def of(self, *keys: str) -> Origin:
        """Where a setting is written; of several the one that is the workload's own most of all, so that it also decides."""
        written = [origin for key in keys if (origin := self.settings.get(key)) is not None]
        return max(written, key=_specific, default=self.own(keys[0]))


def _below(origin: Origin, key: str) -> Origin:
    return replace(origin, key=f"{origin.key}.{key}")


def _specific(origin: Origin) -> int:
    """How late the settings of a workload take a source: stage's default, env file, catalogue, stage's override."""
    document = origin.key.partition(".")[0]
    if document in _DEFAULTS:
        return 0
    return {"services": 2, "jobs": 2, "serviceOverrides": 3, "jobOverrides": 3}.get(document, 1)


class Written:
    """The files of a stage, as far as lines go. project: the namespace of its keys."""

    def __init__(self, project_dir: Path, project: str, stage_file: str) -> None:
        self.project_dir = project_dir
        self._project = project
        self._stage_file = stage_file
        self._stage = KeyLines(project_dir / stage_file)
        self._catalogue = KeyLines(project_dir / CATALOGUE)
        self._holders: dict[str, tuple[str, KeyLines, tuple[str, ...]] | None] = {}

    def at(self, key: str, *inside: str) -> Origin:
        """The place of a key of the configuration, without namespace, and of what is inside its value.

        A key of a stage file replaces the one of Pulumi.yaml; one that neither has belongs where the documents say.
        """
        shown = ".".join((key, *inside))
        if key not in self._holders:
            candidates = self._candidates(key)
            held = (each for each in candidates if each[1].found(each[2])[0] == len(each[2]))
            self._holders[key] = next(held, None)
        holder = self._holders[key]
        if holder is None:
            return Origin(file=CATALOGUE if key in PROJECT_KEYS else self._stage_file, key=shown)
        file, lines, before = holder
        return Origin(file=file, key=shown, line=lines.found((*before, *inside))[1])

    def text(self, key: str, *inside: str) -> str | None:
        """What the stage's file has there, where that is one scalar."""
        return self._stage.text(("config", f"{self._project}:{key}", *inside))

    def others(self) -> dict[str, Written]:
        """The files of the project's other stages, by the names of those."""
        files = sorted(path.name for path in self.project_dir.glob("Pulumi.?*.yaml") if path.name != self._stage_file)
        return {name[len("Pulumi.") : -len(".yaml")]: Written(self.project_dir, self._project, name) for name in files}

    def foreign(self, known: Sequence[str]) -> str | None:
        """The namespace that the stage's keys of these names stand in, where it is not the project's."""
        for full_key in self._stage.keys("config"):
            namespace, _, key = full_key.partition(":")
            if namespace != self._project and key in known:
                return namespace
        return None

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
            found |= {f"{head}.{key}": origin for key, origin in workload.places.settings.items()}
            found |= {f"{head}.environment.{key}": origin for key, origin in workload.places.variables.items()}
    return found
