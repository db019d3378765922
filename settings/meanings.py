"""What the fields of the settings mean: the docstrings below them, read from the source when somebody asks.

pydantic can read them as it makes a model, which took a quarter of the time of importing the settings in every command and program.
"""

from __future__ import annotations

import ast
import functools
import inspect
import sys
from collections.abc import Mapping

from pydantic import BaseModel
from pydantic.fields import FieldInfo


@functools.cache
def meanings(model: type[BaseModel]) -> Mapping[str, str]:
    """Each field that has one to its docstring, those of the extended models among them."""
    found: dict[str, str] = {}
    for owner in reversed(model.__mro__):
        if issubclass(owner, BaseModel) and owner is not BaseModel:
            found |= _docstrings(owner.__module__).get(owner.__name__, {})
    return {name: found[name] for name in model.model_fields if name in found}


def meaning_of(model: type[BaseModel], field: FieldInfo) -> str:
    """What one of the model's fields means; its own description goes before the docstring. Empty where there is neither."""
    name = next((name for name, info in model.model_fields.items() if info is field), "")
    return field.description or meanings(model).get(name, "")


@functools.cache
def _docstrings(module: str) -> Mapping[str, Mapping[str, str]]:
    """Class to attribute to docstring, of the classes of a module."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {item.name: dict(_of(item)) for item in tree.body if isinstance(item, ast.ClassDef)}


def _of(owner: ast.ClassDef) -> list[tuple[str, str]]:
    return [
        (field.target.id, inspect.cleandoc(text.value.value))
        for field, text in zip(owner.body, owner.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    ]
