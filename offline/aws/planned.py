"""Which outputs a resource type computes: from a table, made of the resource classes that pulumi-aws generates from its schema."""

from __future__ import annotations

import functools
import importlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

from offline.aws.types import MODULE_OF
from offline.engine.errors import EngineError
from offline.properties import UNKNOWN, Properties

_READING = threading.Lock()
"""pulumi-aws loads its modules when they are first asked for, which two threads must not do at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputSchema:
    """A type's outputs: those always present once the resource exists, and those that may stay absent."""

    computed: frozenset[str]
    optional: frozenset[str]


@functools.cache
def output_schema(type_token: str) -> OutputSchema:
    """The outputs of a type. `pulumi.Output[X]` is always present, `pulumi.Output[Optional[X]]` may be absent."""
    listed = _table().get(type_token)
    if listed is not None:
        return OutputSchema(computed=frozenset(listed["computed"]), optional=frozenset(listed["optional"]))
    with _READING:
        return _read_schema(type_token)


def outputs_document() -> str:
    """The table, made anew from the classes: loading them takes the engine longer than all else that it does in a preview."""
    schemas = {token: _read_schema(token) for token in sorted(MODULE_OF)}
    table = {token: {"computed": sorted(s.computed), "optional": sorted(s.optional)} for token, s in schemas.items()}
    return json.dumps(table, indent=0) + "\n"


@functools.cache
def _table() -> Mapping[str, Mapping[str, list[str]]]:
    table: Mapping[str, Mapping[str, list[str]]] = json.loads(Path(__file__).with_name("outputs.json").read_bytes())
    return table


@functools.cache
def _read_schema(type_token: str) -> OutputSchema:
    # Imported late: the SDK takes a fifth of a second, and a run loads it while the policy pack starts.
    import pulumi
    from pulumi.runtime import rpc

    package, module, _ = type_token.split(":", 2)
    importlib.import_module(f"pulumi_{package}")  # registers its modules with the SDK
    registered: Any = rpc.get_resource_module(package, module, "")
    info: Mapping[str, Any] = getattr(registered, "mod_info", {})
    class_name = info.get("classes", {}).get(type_token)
    if class_name is None:
        raise EngineError(f"{type_token} is not a resource type of the installed pulumi-{package}: check its spelling.")
    resource_class: type = getattr(importlib.import_module(info["fqn"]), class_name)
    computed: set[str] = set()
    optional: set[str] = set()
    for member in vars(resource_class).values():
        if not isinstance(member, property) or member.fget is None:
            continue
        hint = member.fget.__annotations__.get("return")
        if get_origin(hint) is not pulumi.Output:
            continue
        name = getattr(member.fget, "_pulumi_name", member.fget.__name__)
        may_be_absent = type(None) in get_args(get_args(hint)[0])
        (optional if may_be_absent else computed).add(name)
    return OutputSchema(computed=frozenset(computed), optional=frozenset(optional))


def planned_create(type_token: str, inputs: Properties, known: Properties) -> Properties:
    """The outputs of a resource that does not exist yet: its inputs, what is `known` anyway, the rest unknown."""
    schema = output_schema(type_token)
    outputs = {name: known.get(name, UNKNOWN) for name in schema.computed if name not in inputs}
    return dict(sorted({**inputs, **outputs}.items()))


def planned_update(type_token: str, old_inputs: Properties, old_outputs: Properties, inputs: Properties) -> Properties:
    """The outputs of a resource that will be updated in place: what it has now, overlaid with its new inputs.

    An input that is no longer given goes away where the type lets it, and is otherwise chosen by AWS: unknown.
    """
    schema = output_schema(type_token)
    outputs = {**old_outputs, **inputs}
    for name in old_inputs.keys() - inputs.keys():
        if name in schema.computed:
            outputs[name] = UNKNOWN
        else:
            outputs.pop(name, None)
    if inputs.get("tags") != old_inputs.get("tags") and "tagsAll" in schema.computed:
        outputs["tagsAll"] = UNKNOWN
    return dict(sorted(outputs.items()))


def missing_outputs(type_token: str, outputs: Properties) -> frozenset[str]:
    """Outputs that the real provider always gives and that `outputs` lacks."""
    return output_schema(type_token).computed - outputs.keys()
