"""Turns what is wrong with settings into sentences for people: file, key, value found, what is allowed, an example."""

from __future__ import annotations

import difflib
import json
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with the settings."""

    file: str
    key: str
    found: str
    allowed: str
    example: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}\n    found:   {self.found}\n    allowed: {self.allowed}\n    example: {self.example}"


class SettingsError(Exception):
    """The settings of a stage cannot be used; `problems` has every reason found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f"The settings have {count} problem{'' if count == 1 else 's'}; nothing was created."
        super().__init__("\n\n".join([head, *(str(problem) for problem in self.problems)]))


def shown(value: object) -> str:
    """The value as JSON, shortened to one line."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 120 else text[:117] + "..."


def refusal(check: Callable[[], object]) -> str | None:
    """What a calculation refuses, as its sentence; None where it accepts."""
    try:
        check()
    except ValueError as error:
        return str(error)
    return None


def explain(error: ValidationError, *, file: str, key: str, model: type[BaseModel]) -> list[Problem]:
    """The problems of one validated document, each at its full key (`database.maxConnections`)."""
    return [_explain_one(details, file, key, model) for details in error.errors(include_url=False)]


def _explain_one(details: ErrorDetails, file: str, key: str, model: type[BaseModel]) -> Problem:
    location = [str(part) for part in details["loc"] if part != "[key]"]
    owner, field = _field_at(model, location)
    full_key = ".".join([key, *location])
    if details["type"] == "extra_forbidden":
        known = [info.alias or name for name, info in owner.model_fields.items()]
        near = difflib.get_close_matches(location[-1], known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return Problem(
            file=file,
            key=full_key,
            found=f"unknown key {location[-1]}{hint}",
            allowed="the keys " + ", ".join(sorted(known)),
            example=_example(owner.model_fields[_name_of(owner, near[0])], near[0])
            if near
            else f"remove {location[-1]}",
        )
    missing = details["type"] == "missing"
    return Problem(
        file=file,
        key=full_key,
        found="nothing" if missing else shown(details["input"]),
        allowed=_allowed(details, field),
        example=_example(field, location[-1]) if field is not None and location else _model_example(model, key),
    )


def _allowed(details: ErrorDetails, field: FieldInfo | None) -> str:
    if details["type"] == "value_error":
        return str(details["ctx"]["error"]) if "ctx" in details else details["msg"]
    message = details["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    meaning = (field.description or "").strip().rstrip(".") if field is not None else ""
    if details["type"] == "missing":
        return f"required: {meaning}" if meaning else "a value is required"
    return f"{message} ({meaning})" if meaning else message


def _example(field: FieldInfo, name: str) -> str:
    examples = field.examples or [m.examples[0] for m in field.metadata if isinstance(m, FieldInfo) and m.examples]
    value = examples[0] if examples else field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json", by_alias=True)
    return f"{field.alias or name}: {shown(value)}"


def _model_example(model: type[BaseModel], key: str) -> str:
    required = {
        info.alias or name: info.examples[0]
        for name, info in model.model_fields.items()
        if info.is_required() and info.examples
    }
    if not required:
        some = next(((i.alias or n, i.examples[0]) for n, i in model.model_fields.items() if i.examples), None)
        required = dict([some]) if some else {}
    return f"{key}: {shown(required)}"


def _name_of(model: type[BaseModel], alias: str) -> str:
    return next(name for name, info in model.model_fields.items() if (info.alias or name) == alias)


def _field_at(model: type[BaseModel], location: list[str]) -> tuple[type[BaseModel], FieldInfo | None]:
    """The model that holds the location's last part, and the field that declares it, as far as models go."""
    owner, field = model, None
    for part in location:
        by_alias: Mapping[str, FieldInfo] = {info.alias or name: info for name, info in owner.model_fields.items()}
        if part not in by_alias:
            break
        field = by_alias[part]
        inner = _model_in(field.annotation)
        if inner is None:
            break
        if part != location[-1]:
            owner = inner
    return owner, field


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return next((found for arg in typing.get_args(annotation) if (found := _model_in(arg))), None)
    return None
