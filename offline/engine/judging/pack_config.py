"""The file of `--policy-pack-config`: levels and settings by policy in Pulumi's JSON format, held against the pack's schemas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from offline.engine.errors import UnsupportedError, UsageError
from offline.properties import Properties
from policies.resources.json_text import read_json
from settings.files.yaml_file import read_text
from settings.nearest import nearest

LEVELS = ("advisory", "mandatory", "remediate", "disabled")
_LEVEL = "enforcementLevel"
_ALL = "all"
_EXAMPLE = '{"all": "advisory", "required-tags": {"enforcementLevel": "mandatory", "tags": ["Team"]}}'
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "integer": int,
    "number": (int, float),
    "string": str,
    "boolean": bool,
    "array": list,
}
_READ = frozenset({"type", "minimum", "maximum", "items"})
_DESCRIBING = frozenset({"title", "description", "default"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PackConfig:
    """What is configured beside the pack's defaults. every: the level under "all", which a policy's own level overrides."""

    source: str = ""
    every: str | None = None
    levels: Mapping[str, str] = field(default_factory=dict[str, str])
    settings: Mapping[str, Properties] = field(default_factory=dict[str, Properties])

    def level(self, policy: str) -> str | None:
        """The configured level of a policy, None where the pack's holds."""
        return self.levels.get(policy, self.every)

    def require_fit(self, schemas: Mapping[str, Properties]) -> None:
        """UsageError for a policy, a setting or a value that the pack does not have. schemas: JSON Schemas by policy, by setting.

        Pulumi itself passes over names that the pack does not know: a misspelt one would configure nothing, unseen.
        """
        for policy in (*self.levels, *self.settings):
            if policy not in schemas:
                raise UsageError(f'{self.source}: "{policy}" is no policy of the pack. {_nearest(policy, schemas)}')
        for policy, settings in self.settings.items():
            schema = schemas[policy]
            for name, value in settings.items():
                if name not in schema:
                    near = _nearest(name, schema)
                    raise UsageError(f'{self.source}: "{name}" is no setting of the policy "{policy}". {near}')
                if not _fits(value, schema[name]):
                    required = {key: item for key, item in schema[name].items() if key in _READ}
                    raise UsageError(
                        f'{self.source}: the setting "{name}" of the policy "{policy}" is {json.dumps(value)}. '
                        f"Required: {json.dumps(required)}."
                    )


def load_pack_config(path: Path) -> PackConfig:
    """The file's content; UsageError where Pulumi would refuse it, and where a key is given twice. An empty file configures nothing."""
    text = read_text(path)
    if not text.strip():
        return PackConfig(source=path.name)

    try:
        document: Any = read_json(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"{path.name}, line {error.lineno}: this is not valid JSON: {error.msg}.") from error
    except ValueError as error:
        how = (
            "; only one can hold: delete the other" if "twice" in str(error) else ", so it is no JSON that can be read"
        )
        raise UsageError(f"{path.name}: {error}{how}.") from error
    if not isinstance(document, dict):
        raise UsageError(f"{path.name} has to be an object of policies, such as {_EXAMPLE}.")
    source, levels, settings = path.name, dict[str, str](), dict[str, Properties]()
    if "environments" in document:
        raise UnsupportedError("The key environments (Pulumi ESC)", where=source)
    for policy, entry in document.items():
        if not isinstance(entry, (str, dict)):
            raise UsageError(
                f'{source}: "{policy}" is {json.dumps(entry)}. Required: a level ({", ".join(LEVELS)}), or an object '
                f'with "{_LEVEL}" and settings, such as {_EXAMPLE}.'
            )
        fields: Properties = {_LEVEL: entry} if isinstance(entry, str) else dict(entry)
        if _LEVEL in fields:
            levels[policy] = level = fields.pop(_LEVEL)
            if level not in LEVELS:
                raise UsageError(
                    f'{source}: the level of "{policy}" is {json.dumps(level)}. Required: one of {", ".join(LEVELS)}.'
                )
        if fields:
            settings[policy] = fields
    if _ALL in settings:
        raise UsageError(f'{source}: "{_ALL}" takes a level only; settings belong to one policy.')
    return PackConfig(source=source, every=levels.pop(_ALL, None), levels=levels, settings=settings)


def _fits(value: Any, schema: Properties) -> bool:
    """Whether a value is what its schema asks for; a keyword that is not read here is refused rather than passed over."""
    if unread := sorted(schema.keys() - _READ - _DESCRIBING):
        raise UnsupportedError(f"The keyword {unread[0]!r} in a policy's configuration schema")
    if (kind := schema.get("type")) is not None:
        if kind not in _TYPES:
            raise UnsupportedError(f"The type {kind!r} in a policy's configuration schema")
        if not isinstance(value, _TYPES[kind]) or isinstance(value, bool) != (kind == "boolean"):
            return False
    if isinstance(value, list):
        return all(_fits(item, schema.get("items", {})) for item in value)
    if isinstance(value, (int, float)):
        return schema.get("minimum", value) <= value <= schema.get("maximum", value)
    return True


def _nearest(name: str, known: Mapping[str, object]) -> str:
    found = nearest(name, known)
    return f'Did you mean "{found}"?' if found else f"It has: {', '.join(sorted(known)) or 'none'}."
