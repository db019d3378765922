"""The file of `--policy-pack-config`: levels and settings by policy in Pulumi's JSON format, held against the pack's schemas."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from offline.engine.errors import UnsupportedError, UsageError
from offline.properties import Properties

LEVELS = ("advisory", "mandatory", "remediate", "disabled")
_LEVEL = "enforcementLevel"
_ALL = "all"
_EXAMPLE = '{"all": "advisory", "required-tags": {"enforcementLevel": "mandatory", "tags": ["Team"]}}'
_READ = frozenset({"type", "enum", "minimum", "maximum", "items", "minItems"})
_TOLD = frozenset({"title", "description", "default"})
_TYPES: Mapping[str, tuple[type | tuple[type, ...], str, str]] = {
    "integer": (int, "a whole number", "whole numbers"),
    "number": ((int, float), "a number", "numbers"),
    "string": (str, "a text", "texts"),
    "boolean": (bool, "true or false", "true or false"),
    "array": (list, "a list", "lists"),
}


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
                raise UsageError(f'{self.source}: "{policy}" is no policy of the pack.{_nearest(policy, schemas)}')
        for policy, settings in self.settings.items():
            schema = schemas[policy]
            for name, value in settings.items():
                if name not in schema:
                    known = f"it has: {', '.join(sorted(schema))}" if schema else "it has none"
                    raise UsageError(f'{self.source}: "{name}" is no setting of the policy "{policy}"; {known}.')
                if not _fits(value, schema[name]):
                    raise UsageError(
                        f'{self.source}: the setting "{name}" of the policy "{policy}" is {json.dumps(value)}. '
                        f"Required: {_required(schema[name])}."
                    )


def load_pack_config(path: Path) -> PackConfig:
    """The file's content; UsageError where Pulumi would refuse it, and where a key is given twice. An empty file configures nothing."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text (byte {error.start}): save it as UTF-8.") from error
    if not text.strip():
        return PackConfig(source=path.name)

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise UsageError(f'{path.name}: the key "{twice}" is given twice; only one can hold: delete the other.')
        return found

    try:
        document: Any = json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise UsageError(f"{path.name}, line {error.lineno}: this is not valid JSON: {error.msg}.") from error
    if not isinstance(document, dict):
        raise UsageError(f"{path.name} has to be an object of policies, such as {_EXAMPLE}.")
    return _parsed(path.name, document)


def _parsed(source: str, document: Mapping[str, Any]) -> PackConfig:
    levels: dict[str, str] = {}
    settings: dict[str, Properties] = {}
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
    if unread := sorted(schema.keys() - _READ - _TOLD):
        raise UnsupportedError(f"The keyword {unread[0]!r} in a policy's configuration schema")
    kind = schema.get("type")
    if kind is not None:
        if kind not in _TYPES:
            raise UnsupportedError(f"The type {kind!r} in a policy's configuration schema")
        if not isinstance(value, _TYPES[kind][0]) or isinstance(value, bool) != (kind == "boolean"):
            return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if isinstance(value, list):
        return len(value) >= schema.get("minItems", 0) and all(_fits(item, schema.get("items", {})) for item in value)
    if isinstance(value, (int, float)):
        return schema.get("minimum", value) <= value <= schema.get("maximum", value)
    return True


def _required(schema: Properties) -> str:
    """What a schema asks for, in words."""
    if "enum" in schema:
        return f"one of {', '.join(json.dumps(item) for item in schema['enum'])}"
    words = _TYPES[schema["type"]][1] if "type" in schema else "a value"
    if "items" in schema and "type" in schema["items"]:
        words = f"{words} of {_TYPES[schema['items']['type']][2]}"
    if "minItems" in schema:
        words = f"{words}, at least {schema['minItems']} of them"
    bounds = [f"at {word} {schema[key]}" for key, word in (("minimum", "least"), ("maximum", "most")) if key in schema]
    return f"{words} of {' and '.join(bounds)}" if bounds else words


def _nearest(name: str, known: Mapping[str, object] | Sequence[str]) -> str:
    found = difflib.get_close_matches(name, list(known), n=1)
    return f' Did you mean "{found[0]}"?' if found else f" It has: {', '.join(sorted(known))}."
