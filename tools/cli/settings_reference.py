"""docs/settings.md, made from the settings' models: every key with its type, default and meaning, never out of date."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from components.settings import Job, Service
from components.settings.schema import project_schema, stage_schema

Schema = Mapping[str, Any]

_HEAD = """\
# Settings

Made from the models in components/settings by `./run schema --write`; do not edit. Both files are read together: built-in
defaults, then the stage's `serviceDefaults` / `jobDefaults`, then the catalogue in Pulumi.yaml, then the stage's
`serviceOverrides` / `jobOverrides`. Later ones win key by key; `environment` merges by variable, `secrets` and `requires`
add up. A key of a stage file never repeats a key of Pulumi.yaml, because Pulumi replaces the whole value. Unknown keys are
refused. Editors complete and check both files with the schemas in schema/.
"""


def markdown(project: str) -> str:
    """The whole document."""
    in_project, in_stage = project_schema(), stage_schema(project)
    parts = [_HEAD, "## Pulumi.yaml, under `config`\n"]
    for key, schema in _config(in_project).items():
        parts += _section(key, schema["properties"]["value"], in_project)
    parts.append(f"## Pulumi.STAGE.yaml, under `config`, each as `{project}:KEY`\n")
    for key, schema in _config(in_stage).items():
        parts += _section(key.partition(":")[2], schema, in_stage)
    parts.append("## Fields of a service, a job and what they hold\n")
    definitions = {**_mapping(in_project, "$defs"), **_mapping(in_stage, "$defs")}
    defaults = {"ServiceFields": Service.model_json_schema(), "JobFields": Job.model_json_schema()}
    for name, schema in sorted(definitions.items()):
        parts += [f"### {name}\n", *_body(schema, {"$defs": definitions}, defaults.get(name))]
    return "\n".join(parts)


def _section(key: str, schema: Schema, document: Mapping[str, Any]) -> Iterator[str]:
    required = key in {name.rpartition(":")[2] for name in document["properties"]["config"].get("required", ())}
    yield f"### {key}{'' if required else ' (optional)'}\n"
    yield from _body(schema, document)


def _body(schema: Schema, document: Mapping[str, Any], defaults: Schema | None = None) -> Iterator[str]:
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


def _type(field: Schema, document: Mapping[str, Any]) -> str:
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


def _config(document: Mapping[str, Any]) -> dict[str, Schema]:
    properties: dict[str, Schema] = document["properties"]["config"]["properties"]
    return properties


def _mapping(document: Mapping[str, Any], key: str) -> dict[str, Schema]:
    found: dict[str, Schema] = document[key]
    return found
