"""Turns what a model refuses into problems: the key of each, and an example that the model takes."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from settings.base import Misfits, SettingsModel
from settings.meanings import meaning_of
from settings.nearest import nearest
from settings.origins import Origin
from settings.problems import Problem, put, shown

At = Callable[..., Origin]
"""The place of a key inside the document; without one, of the document itself."""
Whole = Callable[[object], str]
"""The example that writes another value for the whole document."""


def explain(error: ValidationError, *, at: At, whole: Whole, model: type[BaseModel], document: object) -> list[Problem]:
    """The problems of one validated document, each at its own key."""
    found: list[Problem] = []
    for details in error.errors(include_url=False):
        cause = details.get("ctx", {}).get("error")
        if isinstance(cause, Misfits):
            inside = [str(part) for part in details["loc"]]
            for misfit in cause.misfits:
                place = at(*inside, misfit.key)
                found.append(Problem(at=place, found=shown(misfit.found), allowed=misfit.why, example=misfit.example))
        else:
            found.append(_explain_one(details, at, whole, model, document))
    return found


def example_of(model: type[BaseModel]) -> dict[str, object]:
    """A value that the model takes: what it requires, or what it names as its example."""
    own = model.example if issubclass(model, SettingsModel) else None
    if own is not None:
        return dict(own)
    return {info.alias or name: _example_value(info) for name, info in model.model_fields.items() if info.is_required()}


def _explain_one(details: ErrorDetails, at: At, whole: Whole, model: type[BaseModel], document: object) -> Problem:
    location = [part for part in details["loc"] if part != "[key]"]
    if len(location) > 1 and isinstance(location[-1], int):
        location = location[:-1]  # a list is written anew as a whole
    names = [str(part) for part in location]
    owner, field = _field_at(model, names)
    place = at(*names)
    if details["type"] == "extra_forbidden":
        return _unknown(place, names, owner, details["input"], _inside(document, location[:-1]))
    missing = details["type"] == "missing"
    return Problem(
        at=place,
        found="nothing" if missing else shown(details["input"]),
        allowed=_allowed(details, owner, field),
        example=_example(details, names, field, model, whole),
    )


def _unknown(at: Origin, names: list[str], owner: type[BaseModel], value: object, beside: object) -> Problem:
    """A key that the model does not have: its own value under the right name, where that one is free and takes it."""
    known = {info.alias or name: info for name, info in owner.model_fields.items()}
    near = nearest(names[-1], known)
    example = f"remove {names[-1]}"
    if near is not None and not (isinstance(beside, dict) and near in beside):
        example = put(**{near: value if _takes(owner, near, value) else _example_value(known[near])})
    return Problem(
        at=at,
        found=f"unknown key {names[-1]}{f'; did you mean {near}?' if near else ''}",
        allowed="the keys " + ", ".join(sorted(known)),
        example=example,
    )


def _takes(owner: type[BaseModel], key: str, value: object) -> bool:
    """Whether a field of the model takes the value, whatever else the model lacks."""
    try:
        owner.model_validate_json(json.dumps({key: value}))
    except ValidationError as error:
        return value is not None and all(key not in details["loc"] for details in error.errors(include_url=False))
    return value is not None


def _inside(document: object, location: list[Any]) -> object:
    for part in location:
        if not isinstance(document, dict):
            return None
        document = document.get(part)
    return document


def _allowed(details: ErrorDetails, owner: type[BaseModel], field: FieldInfo | None) -> str:
    if details["type"] == "value_error":
        return str(details["ctx"]["error"]) if "ctx" in details else details["msg"]
    message = details["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    meaning = meaning_of(owner, field).strip().rstrip(".") if field is not None else ""
    if details["type"] == "missing":
        return f"required: {meaning}" if meaning else "a value is required"
    return f"{message} ({meaning})" if meaning else message


def _example(
    details: ErrorDetails, names: list[str], field: FieldInfo | None, model: type[BaseModel], whole: Whole
) -> str:
    if not names or field is None:
        return whole(example_of(model))
    name = field.alias or names[-1]
    if name == names[-1]:
        return put(**{name: _example_value(field)})
    # An entry of a mapping, such as a variable: another name for a name, text for what is not.
    value = details["input"]
    if details["loc"][-1] == "[key]":
        near = "".join(c if c.isascii() and c.isalnum() else "_" for c in names[-1]).upper().strip("_")
        return f"rename it to {near if near[:1].isalpha() else f'V_{near}'}"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return put(**{names[-1]: text if isinstance(value, bool | int | float) else "value"})


def _example_value(field: FieldInfo) -> object:
    examples = field.examples or [m.examples[0] for m in field.metadata if isinstance(m, FieldInfo) and m.examples]
    if examples:
        return examples[0]
    inner = model_in(field.annotation)
    if inner is not None:
        return example_of(inner)
    return field.get_default(call_default_factory=True)


def _field_at(model: type[BaseModel], location: list[str]) -> tuple[type[BaseModel], FieldInfo | None]:
    """The model that holds the location's last part, and the field that declares it, as far as models go."""
    owner, field = model, None
    for part in location:
        by_alias: Mapping[str, FieldInfo] = {info.alias or name: info for name, info in owner.model_fields.items()}
        if part not in by_alias:
            break
        field = by_alias[part]
        inner = model_in(field.annotation)
        if inner is None:
            break
        if part != location[-1]:
            owner = inner
    return owner, field


def model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return next((found for arg in typing.get_args(annotation) if (found := model_in(arg))), None)
    return None
