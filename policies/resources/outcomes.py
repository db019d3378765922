"""What reading a property comes to: present, absent or undecided, and the exception that carries the last one."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from policies.resources.graph import UNKNOWNS, Resource
from policies.resources.urns import type_and_name

T = TypeVar("T")
Value = TypeVar("Value", covariant=True)

_INSTEAD = {
    frozenset({"aws:rds/instance:Instance", "aws:rds/cluster:Cluster", "aws:rds/proxy:Proxy"}): (
        "for a database's address a name in a private DNS zone"
    ),
    frozenset({"aws:ecr/repository:Repository"}): "for a repository's URL ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME",
    frozenset({"aws:ssm/parameter:Parameter", "aws:secretsmanager/secret:Secret"}): (
        "for a secret's ARN one of account, region and name"
    ),
}
"""What a program can pass on instead of what AWS makes up, by the types that give it."""
_SHOWN = 3
"""How many resources a message names before it counts the rest."""


@dataclass(slots=True, unsafe_hash=True)
class Present(Generic[Value]):
    """The property is there, known and of the required type. Nobody changes it; made as frozen it would take twice as long."""

    value: Value


@dataclass(frozen=True, slots=True)
class Absent:
    """The property is not there, or null. where: its path."""

    where: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """The property cannot be judged. where: its path; reason: a sentence's second half, as in "is unknown at preview".

    owner: the resource whose property it is, where that is another one than the resource being judged. unknown: there is a
    value, and nobody knows it before AWS has given it.
    """

    where: str
    reason: str
    owner: Resource | None = None
    unknown: bool = field(default=False, compare=False)

    def of(self, resource: Resource) -> str:
        """The sentence for a violation."""
        whose = self.owner or resource
        if self.unknown:
            return f"undecided at preview: {self.where} of {whose.urn}{_made_from(whose, self.where)}"
        return f"undecided: {self.where} of {whose.urn} {self.reason}"


Reading = Present[Value] | Absent | Undecided
Step = str | int


class NotDecidedError(Exception):
    """Carries an Undecided out of nested reads to the `decided` around them."""

    def __init__(self, undecided: Undecided) -> None:
        super().__init__(undecided.where, undecided.reason)
        self.undecided = undecided


@functools.lru_cache(maxsize=1024)
def unknown_at_preview(where: str) -> Undecided:
    """The property has a value that is not known yet."""
    return Undecided(where, "is unknown at preview", unknown=True)


def is_unknown(value: object) -> bool:
    """Whether a raw value stands for an unknown."""
    return isinstance(value, str) and value in UNKNOWNS


def decided(derive: Callable[[], T]) -> T | Undecided:
    """What `derive` answers, or the Undecided that one of its reads ran into."""
    try:
        return derive()
    except NotDecidedError as error:
        return error.undecided


def settled(found: T | Undecided) -> T:
    """What `decided` has answered; raises what it could not decide again."""
    if isinstance(found, Undecided):
        raise NotDecidedError(found)
    return found


@contextlib.contextmanager
def within(where: str, owner: Resource | None = None) -> Generator[None]:
    """What cannot be decided within is part of a property, which may be another resource's: says of which."""
    try:
        yield
    except NotDecidedError as error:
        found = error.undecided
        raise NotDecidedError(replace(found, where=f"{where}.{found.where}", owner=found.owner or owner)) from None


def _made_from(resource: Resource, where: str) -> str:
    """What a property's unknown part comes from, and the way out; empty where no dependency says it."""
    urns = resource.property_dependencies.get(re.split(r"[.\[]", where, maxsplit=1)[0], ())
    if not urns:
        return ""
    # The engine sends them in random order.
    named = sorted(f"{kind} {name}" for kind, name in map(type_and_name, urns))
    shown = named[:_SHOWN]
    more = f" and {len(urns) - _SHOWN} more" if len(urns) > _SHOWN else ""
    gives = "gives only once it exists" if len(urns) == 1 else "give only once they exist"
    kinds = {type_and_name(urn)[0] for urn in urns}
    hints = [hint for types, hint in _INSTEAD.items() if kinds & types]
    how = f" ({'; '.join(hints)})" if hints else ""
    return (
        f", made from what {', '.join(shown)}{more} {gives}: pass on what the program chooses or computes itself{how}"
    )
