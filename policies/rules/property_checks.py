"""Checks that many policies are: a property that has to have a value, be one of several, or be within bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Reading, Step
from policies.resources.reading import required, shown_path
from policies.resources.requested import asked_flag, asked_integer, asked_text
from policies.rules.rule import Check, Problem, Stack


def flag(prop: str, *path: Step, wanted: bool, default: bool | Literal["undecided"] = "undecided") -> Check:
    """A boolean with the wanted value. default: what AWS takes where it is left out."""

    def check(_: Stack, resource: Resource) -> Iterator[Problem]:
        found = asked_flag(resource, prop, *path)
        if isinstance(found, Absent):
            if default != wanted:
                yield Problem(f"{shown_path((prop, *path))} is not set", _flag(wanted))
        elif required(found) != wanted:
            yield Problem(f"{shown_path((prop, *path))} is {_flag(not wanted)}", _flag(wanted))

    return check


def one_of(prop: str, *path: Step, allowed: frozenset[str], default: str = "") -> Check:
    """A string that is one of several. default: what AWS takes where it is left out, empty for nothing."""
    wanted = " or ".join(sorted(allowed))

    def check(_: Stack, resource: Resource) -> Iterator[Problem]:
        found = asked_text(resource, prop, *path)
        value = default if isinstance(found, Absent) else required(found)
        if value not in allowed:
            shown = "not set" if isinstance(found, Absent) else f'"{value[:80]}"'
            yield Problem(f"{shown_path((prop, *path))} is {shown}", wanted)

    return check


def between(
    prop: str,
    *path: Step,
    least: str | int = 0,
    most: str | int | None = None,
    unit: str = "",
    default: int | None = None,
) -> Check:
    """An integer within bounds, both included: numbers, or names of settings. default: what AWS takes where it is left out, None
    where that is never wrong."""

    def bound(stack: Stack, value: str | int) -> int:
        return stack.number(value) if isinstance(value, str) else value

    def check(stack: Stack, resource: Resource) -> Iterator[Problem]:
        lowest, highest = bound(stack, least), None if most is None else bound(stack, most)
        found = asked_integer(resource, prop, *path)
        if isinstance(found, Absent) and default is None:
            return
        value = default if isinstance(found, Absent) and default is not None else required(found)
        wrong = (
            f"at least {lowest}"
            if value < lowest
            else f"at most {highest}"
            if highest is not None and value > highest
            else ""
        )
        if wrong:
            shown = f"not set (AWS's default is {default})" if isinstance(found, Absent) else str(value)
            yield Problem(f"{shown_path((prop, *path))} is {shown}", f"{wrong} {unit}".rstrip())

    return check


def stated(name: str, found: Reading[object], value: str) -> str:
    """What a property is: what it says, or that it is not set. value: what AWS takes then, and how it reads where it is set."""
    return f"{name} is not set" if isinstance(found, Absent) else f"{name} is {value}"


def at_least(setting: str, unit: str, prop: str, *path: Step, default: int = 0) -> Check:
    """An integer that reaches a setting. default: what AWS takes where it is left out."""
    return between(prop, *path, least=setting, unit=unit, default=default)


def each(*checks: Check) -> Check:
    """Several checks of one resource."""

    def check(stack: Stack, resource: Resource) -> Iterator[Problem]:
        for single in checks:
            yield from single(stack, resource)

    return check


def by_type(checks: Mapping[str, Sequence[Check]]) -> Check:
    """The checks of a resource's type."""
    return lambda stack, resource: each(*checks[resource.type])(stack, resource)


def _flag(value: bool) -> str:
    return "true" if value else "false"
