"""How the modules beside this one complete moto's classes, and where they keep what moto has no place for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def add(owner: Any, *methods: Callable[..., Any]) -> None:
    """Give one of moto's classes methods under their own names, in place of those it has."""
    for method in methods:
        setattr(owner, method.__name__, method)


def after(owner: Any, method: str, then: Callable[[Any], None]) -> None:
    """Let `then(response)` follow a method of one of moto's response classes, which answers as before.

    What `then` puts on moto's own objects is in the next describe; where the answer shows the same object, in it, too.
    """
    original = getattr(owner, method)

    def wrapped(self: Any) -> Any:
        answer = original(self)
        then(self)
        return answer

    setattr(owner, method, wrapped)


def given(response: Any, *members: str) -> dict[str, Any]:
    """The members of a request that have a value."""
    values = {member: response._get_param(member) for member in members}
    return {member: value for member, value in values.items() if value is not None}


def kept(owner: Any, name: str) -> dict[str, Any]:
    """A dictionary of our own in one of moto's objects, where it goes when the object does."""
    found: dict[str, Any] = owner.__dict__.setdefault(name, {})
    return found
