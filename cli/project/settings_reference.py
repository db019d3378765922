"""docs/settings.md, made from the settings' models: every key with its type, default and meaning, never out of date."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from settings.schema import project_schema, stage_schema
from settings.workloads import Job, Service

Schema = Mapping[str, Any]

_HEAD = """\
# Settings

Made from the models in settings by `./run schema --write`; do not edit. A workload's settings come from these
sources; a later one wins key by key, `environment` merges by variable, `secrets` and `requires` add up:

1. built-in defaults, and the variables that the platform sets (STAGE, SERVICE, ENVIRONMENT, PORT, DB_*);
2. the stage's `serviceDefaults` / `jobDefaults`;
3. the service's env file for the stage's environment, `env/SERVICE/.env.ENVIRONMENT`; a job takes
   that of the service whose image it runs;
4. the catalogue in Pulumi.yaml;
5. the stage's `serviceOverrides` / `jobOverrides`.

A key of a stage file never repeats a key of Pulumi.yaml, because Pulumi replaces the whole value. Unknown keys are
refused. Editors complete and check both files with the schemas in schema/.

## Env files

Read as python-dotenv reads them, or refused with the line: a statement that is none, a quote never closed, a name twice or
without `=`, a variable taken from the machine (`${HOME}`), a value over several lines that swallows another variable, text
that is no UTF-8. They are committed and hold plain values only. What looks like a secret is refused; after a
look, `# pragma: allowlist secret` at the end of the line lets it pass. Once a service has a file, it has one for every
environment.

Some variables are settings, too: `DB_CONN_LIMIT` is `dbConnLimit`, `DB_POOL_IDLE_MS` is `dbPoolIdleMs`, `PORT` is `port`. Each may be
written in one place, or in both with one value; two values are refused, naming both places. So are STAGE, SERVICE,
ENVIRONMENT, DB_HOST, DB_NAME and DB_PORT with another value than the platform's. In the file of its service a job passes over
PORT, SERVICE and a limit that it has a setting of its own for.

`./run env SERVICE --diff` and `./run parity` compare the stages; `./run secrets` says which secrets exist.
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
