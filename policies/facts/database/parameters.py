"""The parameters of a parameter group as they are written, of an instance's and a cluster's alike. The one reader of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.resources.graph import Resource
from policies.resources.once import per_document
from policies.resources.outcomes import Absent, Present, Reading
from policies.resources.reading import optional, read, read_integer, read_list, read_text, required


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter. name: in small letters, as the engines have it. value: as text, whole numbers in their shortest form.

    method: when it is applied, "immediate" where that is left out.
    """

    name: str
    value: Reading[str]
    method: Reading[str]


def family_of(group: Resource) -> str:
    """The family of a group, such as "mysql8.4". Raises NotDecidedError."""
    return required(read_text(group, "family"))


def parameters_of(group: Resource) -> tuple[Parameter, ...]:
    """The parameters of a group. Raises NotDecidedError where a name is not known: it may be any."""
    return _parameters(group.props)


@per_document
def _parameters(props: Mapping[str, object]) -> tuple[Parameter, ...]:
    return tuple(_parameter(props, at) for at in range(len(optional(read_list(props, "parameters"), []))))


def _parameter(props: Mapping[str, object], at: int) -> Parameter:
    method = read_text(props, "parameters", at, "applyMethod")
    return Parameter(
        name=required(read_text(props, "parameters", at, "name")).lower(),
        value=_value(props, "parameters", at, "value"),
        method=Present("immediate") if isinstance(method, Absent) else method,
    )


def _value(props: Mapping[str, object], *path: str | int) -> Reading[str]:
    whole, found = read_integer(props, *path), read(props, *path)
    if isinstance(whole, Present):
        return Present(str(whole.value))
    if isinstance(found, Present) and isinstance(found.value, float):
        return Present(str(found.value))  # Pulumi makes a text of it, which is what the property is
    return read_text(props, *path)
