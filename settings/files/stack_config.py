"""A stage's configuration as Pulumi reads it: Pulumi.yaml's values, replaced key by key by Pulumi.<stage>.yaml's."""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from settings.files.errors import UsageError
from settings.files.passphrase import Decrypter, passphrase
from settings.files.yaml_file import read_mapping
from settings.nearest import question

PLACEHOLDER = "secret@not-decrypted.invalid"
"""What stands for a `secure:` value while no passphrase is set: an address, as the one setting is that may be encrypted."""
BLINDED = "[secret]"
PROJECT_KEYS = frozenset(
    {"name", "runtime", "main", "description", "author", "website", "license", "config", "stackConfigDir", "template"}
    | {"backend", "options", "packages", "plugins", "requiredPulumiVersion"}
)
"""Source: Pulumi's sdk/go/common/workspace/project.go."""
STAGE_KEYS = frozenset({"config", "encryptionsalt", "encryptedkey", "secretsprovider", "environment"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StackConfig:
    """Configuration by full key ("namespace:name"): strings as they are, everything else as JSON."""

    project: str
    stage: str
    values: Mapping[str, str]
    secret_keys: frozenset[str] = frozenset()
    notices: tuple[str, ...] = ()
    """What a person should look at, though nothing is wrong with it for Pulumi."""
    refresh: bool = False
    """Whether every run compares with what AWS has now (`options: refresh: always` in Pulumi.yaml)."""

    def blinded(self) -> dict[str, str]:
        """The values with secrets replaced, for events."""
        return {key: BLINDED if key in self.secret_keys else value for key, value in self.values.items()}


def load(project_dir: Path, stage: str, *, environment: Mapping[str, str] = os.environ) -> StackConfig:
    """Read both files of a stage. UsageError names file and key, and for an unknown stage the stages that exist."""
    if not (project_dir / "Pulumi.yaml").is_file():
        raise UsageError(f"There is no Pulumi.yaml in {project_dir}: run this inside the project.")
    project_file = read_mapping(project_dir / "Pulumi.yaml")
    if unknown := sorted(project_file.keys() - PROJECT_KEYS):
        meant = question(unknown[0], PROJECT_KEYS) or f" Allowed are {', '.join(sorted(PROJECT_KEYS))}."
        raise UsageError(f"Pulumi.yaml: unknown key {unknown[0]!r} at the top level.{meant}")
    project = project_file.get("name")
    if not isinstance(project, str) or not project:
        raise UsageError("Pulumi.yaml: `name` must be the project's name, for example name: category-analyzer.")
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", stage):
        raise UsageError(
            f"{stage!r} cannot be a stage's name: letters, digits, '_', '.' and '-' make one, such as dev."
        )
    stage_path = project_dir / f"Pulumi.{stage}.yaml"
    if not stage_path.is_file():
        stages = stages_of(project_dir)
        raise UsageError(
            f"There is no stage {stage!r}: {stage_path.name} does not exist. Stages that exist: "
            f"{', '.join(stages) or 'none yet'}.{question(stage, stages)}"
        )
    stage_file = read_mapping(stage_path)
    if unknown := sorted(stage_file.keys() - STAGE_KEYS):
        allowed = ", ".join(sorted(STAGE_KEYS))
        raise UsageError(f"{stage_path.name}: unknown key {unknown[0]!r}; allowed at the top level are {allowed}.")

    reader = _Reader(project=project, environment=environment)
    reader.read_project(_section(project_file, "Pulumi.yaml"))
    reader.read_stage(_section(stage_file, stage_path.name), stage_path.name, stage_file.get("encryptionsalt"))
    return StackConfig(
        project=project,
        stage=stage,
        values=reader.values,
        secret_keys=frozenset(reader.secret_keys),
        notices=tuple(_misspelt(reader.sources, project)),
        refresh=_refresh(project_file),
    )


def _refresh(project_file: Mapping[str, Any]) -> bool:
    options = project_file.get("options")
    if options not in (None, {"refresh": "always"}):
        raise UsageError(
            f"Pulumi.yaml: options must be `refresh: always` or be left out; found {json.dumps(options)}. "
            "The offline engine has no other option."
        )
    return options is not None


def stages_of(project_dir: Path) -> list[str]:
    """The stages a project has a file for, sorted."""
    return sorted(path.name[len("Pulumi.") : -len(".yaml")] for path in project_dir.glob("Pulumi.?*.yaml"))


def _misspelt(sources: Mapping[str, str], project: str) -> Iterator[str]:
    """Namespaces that look like the project's: to Pulumi they are another's, and nobody would miss the setting."""
    for key, file in sources.items():
        namespace, name = key.split(":", 1)
        if namespace != project and difflib.SequenceMatcher(None, namespace, project).ratio() > 0.8:
            yield f"{file}: {key} is not read: its namespace is not the project's. Did you mean {project}:{name}?"


def _section(content: Mapping[str, Any], file: str) -> dict[str, Any]:
    section = content.get("config")
    if section is None:
        return {}
    if not isinstance(section, dict) or not all(isinstance(key, str) for key in section):
        raise UsageError(f"{file}: `config` must be a mapping of keys to values.")
    return section


class _Reader:
    """Collects values from both files; the later file wins key by key."""

    def __init__(self, *, project: str, environment: Mapping[str, str]) -> None:
        self.values: dict[str, str] = {}
        self.secret_keys: set[str] = set()
        self.sources: dict[str, str] = {}
        self._project = project
        self._environment = environment

    def read_project(self, section: Mapping[str, Any]) -> None:
        """Pulumi.yaml: a plain value, `{value: …}` or `{default: …}`; own keys need no namespace."""
        for name, entry in section.items():
            key = name if ":" in name else f"{self._project}:{name}"
            secret = isinstance(entry, dict) and entry.get("secret") is True
            if isinstance(entry, dict) and "type" in entry:
                raise UsageError(
                    f"Pulumi.yaml: config.{name}: a declared type is not supported here, only by the Pulumi CLI itself: "
                    "write the value under `value:`, without `type`."
                )
            if isinstance(entry, dict) and entry.keys() & {"value", "default"}:
                entry = entry.get("value") if entry.get("default") is None else entry["default"]
                if entry is None:
                    continue
            elif isinstance(entry, dict | list):
                raise UsageError(f"Pulumi.yaml: config.{name}: a mapping or list must stand under `value:`.")
            elif entry is None:
                raise UsageError(f"Pulumi.yaml: config.{name} has no value; write one, or delete the key.")
            self._set(key, entry, "Pulumi.yaml", secret=secret)

    def read_stage(self, section: Mapping[str, Any], file: str, salt: object) -> None:
        """Pulumi.<stage>.yaml: full keys; `{secure: …}` anywhere in a value makes the whole value a secret."""
        decrypter: Decrypter | None = None
        phrase = passphrase(self._environment)
        for key, entry in section.items():
            if ":" not in key:
                raise UsageError(f"{file}: the key {key!r} has no namespace; write {self._project}:{key}.")
            secure = _holds_secure(entry)
            if secure and phrase is not None and decrypter is None:
                if not isinstance(salt, str):
                    raise UsageError(
                        f"{file}: {key} is encrypted, but the file has no encryptionsalt to decrypt it with."
                    )
                decrypter = Decrypter(phrase, salt, file=file)
            self._set(key, _opened(entry, decrypter, key) if secure else entry, file, secret=secure)

    def _set(self, key: str, value: object, file: str, *, secret: bool) -> None:
        self.values[key] = _text(value)
        self.sources[key] = file
        if secret:
            self.secret_keys.add(key)
        else:
            self.secret_keys.discard(key)


def _holds_secure(value: object) -> bool:
    if isinstance(value, dict):
        return _is_secure(value) or any(_holds_secure(item) for item in value.values())
    return isinstance(value, list) and any(_holds_secure(item) for item in value)


def _is_secure(value: dict[Any, Any]) -> bool:
    return value.keys() == {"secure"} and isinstance(value["secure"], str)


def _opened(value: object, decrypter: Decrypter | None, key: str) -> object:
    if isinstance(value, dict):
        if _is_secure(value):
            return decrypter.decrypt(value["secure"], key) if decrypter else PLACEHOLDER
        return {name: _opened(item, decrypter, key) for name, item in value.items()}
    if isinstance(value, list):
        return [_opened(item, decrypter, key) for item in value]
    return value


def _text(value: object) -> str:
    """A value as Pulumi hands it to a program: strings as they are, nothing as "", objects as JSON with sorted keys."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(_counted(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _counted(value: object) -> object:
    """The value with integers written without a fraction, as Go writes them."""
    if isinstance(value, dict):
        return {key: _counted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_counted(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e21 else value
