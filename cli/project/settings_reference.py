"""What docs/settings.md has from the settings' models: every key with its type, default and meaning, never out of date."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cli.project.made_parts import filled
from settings.schema import project_schema, stage_schema
from settings.workloads import Job, Service

Schema = Mapping[str, Any]


def markdown(project: str, written: str) -> str:
    """The document with what the models say. written: as it stands, with what people wrote."""
    return filled(written, settings=_settings(project))


def _settings(project: str) -> Iterator[str]:
    in_project: Schema = project_schema()
    in_stage: Schema = stage_schema(project)
    yield "## Pulumi.yaml, under `config`\n"
    for key, schema in _config(in_project):
        yield from _section(key, schema["properties"]["value"], in_project)
    yield f"## Pulumi.STAGE.yaml, under `config`, each as `{project}:KEY`\n"
    for key, schema in _config(in_stage):
        yield from _section(key.partition(":")[2], schema, in_stage)
    yield "## Fields of a service, a job and what they hold\n"
    definitions: dict[str, Schema] = {**in_project["$defs"], **in_stage["$defs"]}
    defaults = {"ServiceFields": Service.model_json_schema(), "JobFields": Job.model_json_schema()}
    for name, schema in sorted(definitions.items()):
        yield f"### {name}\n"
        yield from _body(schema, {"$defs": definitions}, defaults.get(name))


def _section(key: str, schema: Schema, document: Schema) -> Iterator[str]:
    required = key in {name.rpartition(":")[2] for name in document["properties"]["config"].get("required", ())}
    yield f"### {key}{'' if required else ' (optional)'}\n"
    yield from _body(schema, document)


def _body(schema: Schema, document: Schema, defaults: Schema | None = None) -> Iterator[str]:
    if "$ref" in schema:
        yield f"See {_type(schema, document)}.\n"
    elif "properties" in schema:
        yield f"{schema['description']}\n"
        yield "| key | type | default | meaning |\n| --- | --- | --- | --- |"
        for key, field in schema["properties"].items():
            default = _default(key, schema, defaults or schema)
            yield f"| `{key}` | {_type(field, document)} | {default} | {_cell(field.get('description', ''))} |"
        yield ""
    else:
        yield f"A mapping from names to {_type(next(iter(schema['patternProperties'].values())), document)}.\n"


def _default(key: str, schema: Schema, defaults: Schema) -> str:
    if key == "owner" and defaults is not schema:  # filled in when the layers are merged
        return "the platform's"
    field = defaults["properties"].get(key, {})
    if key in defaults.get("required", ()) or key in schema.get("required", ()):
        return "required"
    value = field.get("default")
    if value is None:
        return "none"
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _type(field: Schema, document: Schema) -> str:
    if "$ref" in field:
        name = str(field["$ref"]).rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in field:
        return " or ".join(_type(option, document) for option in field["anyOf"] if option.get("type") != "null")
    if "enum" in field:
        return " or ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    kind = str(field.get("type", "any"))
    if kind == "array":
        return f"list of {_type(field.get('items', {}), document)}"
    if "minimum" in field and "maximum" in field:
        return f"{kind}, {field['minimum']:,} to {field['maximum']:,}"
    return f"{kind}, matching `{_cell(field['pattern'])}`" if "pattern" in field else kind


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _config(document: Schema) -> Iterable[tuple[str, Schema]]:
    return document["properties"]["config"]["properties"].items()
