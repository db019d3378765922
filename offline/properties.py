"""Property values: protobuf Structs to and from JSON-shaped Python, secrets, unknowns, references, what events show.

Inside the engine a value keeps Pulumi's wire form: a secret is {SIGNATURE: SECRET, "value": v}. It is JSON, so the same
value goes to the program, the policy pack, the events and the state without another conversion.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from google.protobuf.struct_pb2 import ListValue, Struct, Value

Properties: TypeAlias = dict[str, Any]

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Pulumi's wire form of an unknown of any type (Pulumi SDK, runtime/rpc.py)."""


def from_struct(struct: Struct) -> Properties:
    """A protobuf Struct as Python values; whole numbers become int, as they are in the program."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def _from_value(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "struct_value":
        return {key: _from_value(item) for key, item in value.struct_value.fields.items()}
    if kind == "list_value":
        return [_from_value(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return value.bool_value if kind == "bool_value" else None


def to_struct(properties: Properties) -> Struct:
    """Python values as a protobuf Struct."""
    struct = Struct()
    _fill_struct(struct, properties)
    return struct


def _fill_struct(struct: Struct, properties: Properties) -> None:
    fields = struct.fields
    for key, item in properties.items():
        _fill_value(fields[key], item)


def _fill_list(target: ListValue, items: list[Any]) -> None:
    for item in items:
        _fill_value(target.values.add(), item)


def _fill_value(target: Value, item: Any) -> None:
    if isinstance(item, str):
        target.string_value = item
    elif isinstance(item, bool):
        target.bool_value = item
    elif isinstance(item, int | float):
        target.number_value = item
    elif isinstance(item, dict):
        target.struct_value.SetInParent()
        _fill_struct(target.struct_value, item)
    elif isinstance(item, list | tuple):
        target.list_value.SetInParent()
        _fill_list(target.list_value, list(item))
    elif item is None:
        target.null_value = 0  # type: ignore[assignment]  # NULL_VALUE, the only member
    else:
        raise TypeError(f"a property value cannot be a {type(item).__name__}")


def secret(value: Any) -> Any:
    """The value marked as a secret, once."""
    return value if is_secret(value) else {SIGNATURE: SECRET, "value": value}


def is_secret(value: Any) -> bool:
    """Whether the value itself is marked as a secret (not something inside it)."""
    return isinstance(value, dict) and value.get(SIGNATURE) == SECRET


def contains_secret(value: Any) -> bool:
    """Whether a secret is anywhere inside the value."""
    if isinstance(value, dict):
        return value.get(SIGNATURE) == SECRET or any(contains_secret(item) for item in value.values())
    return isinstance(value, list) and any(contains_secret(item) for item in value)


def plain(value: Any) -> Any:
    """The value as a provider takes it: secrets unwrapped, a resource reference as its id, absent members left out."""
    if isinstance(value, dict):
        signature = value.get(SIGNATURE)
        if signature == SECRET:
            return plain(value.get("value"))
        if signature == RESOURCE:
            return value.get("id", value["urn"]) or UNKNOWN
        return {key: plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def judged(value: Any) -> Any:
    """The value as a policy sees it: as `plain`, but secrets stay marked."""
    if isinstance(value, dict):
        signature = value.get(SIGNATURE)
        if signature == SECRET:
            return {SIGNATURE: SECRET, "value": judged(value.get("value"))}
        if signature == RESOURCE:
            return value.get("id", value["urn"]) or UNKNOWN
        return {key: judged(item) for key, item in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [judged(item) for item in value]
    return value


def keep_secrets(value: Any, like: Any) -> Any:
    """`value` with each part marked secret that is a secret in `like` (inputs carry their secrets into outputs)."""
    if is_secret(like):
        return secret(value)
    if isinstance(value, dict) and isinstance(like, dict) and contains_secret(like):
        return {key: keep_secrets(item, like.get(key)) for key, item in value.items()}
    if isinstance(value, list) and isinstance(like, list) and contains_secret(like):
        # A provider may sort or shorten a list: where positions no longer match, the whole list is secret.
        if value != plain(like):
            return secret(value)
        return [keep_secrets(item, other) for item, other in zip(value, like, strict=True)]
    return value


def shown(value: Any) -> Any:
    """The value as an engine event shows it: a secret as Pulumi's blinded ciphertext, never its content."""
    if not contains_secret(value):
        return value
    if is_secret(value):
        return {SIGNATURE: SECRET, "ciphertext": "[secret]"}
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    return [shown(item) for item in value]


def contains_unknown(value: Any) -> bool:
    """Whether an unknown is anywhere inside a JSON-shaped value."""
    if isinstance(value, str):
        return value == UNKNOWN
    if isinstance(value, dict):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(contains_unknown(item) for item in value)
    return False


def unknown_paths(value: Any, path: str = "") -> list[str]:
    """The property paths of all unknowns inside a value, such as `tags.Owner` or `subnets[1]`."""
    if isinstance(value, str):
        return [path] if value == UNKNOWN else []
    if isinstance(value, dict):
        prefix = f"{path}." if path else ""
        return [found for key, item in value.items() for found in unknown_paths(item, f"{prefix}{key}")]
    if isinstance(value, list):
        return [found for index, item in enumerate(value) for found in unknown_paths(item, f"{path}[{index}]")]
    return []
