"""What a listener's rule asks of a request. The one reader of it.

Source: Elastic Load Balancing API Reference, RuleCondition: each condition is of one kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from policies.resources.graph import Resource
from policies.resources.outcomes import Absent
from policies.resources.reading import optional, read, read_list, read_text, read_texts, refuse, required

_VALUED = ("pathPattern", "hostHeader", "httpRequestMethod", "sourceIp", "httpHeader")
_EXPRESSED = frozenset({"pathPattern", "hostHeader", "httpHeader"})
"""Kinds that may have regular expressions in place of values."""
_PAIRS = "queryStrings"
"""Pairs of a key and a value, of which it counts only that they are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition. kind: the property that it is written in. values: of which one must match; none for pairs of a query.

    header: the name of an httpHeader in small letters. expressions: regular ones, of which one must match in place of values.
    """

    kind: str
    values: tuple[str, ...] = ()
    header: str = ""
    expressions: tuple[str, ...] = ()


def conditions_of(rule: Resource) -> tuple[Condition, ...]:
    """The conditions of a rule. Raises NotDecidedError."""
    return tuple(_condition(rule, at) for at in range(len(required(read_list(rule, "conditions")))))


def _condition(rule: Resource, at: int) -> Condition:
    where = f"conditions[{at}]"
    kinds = [kind for kind in (*_VALUED, _PAIRS) if not isinstance(read(rule, "conditions", at, kind), Absent)]
    if len(kinds) != 1:
        refuse(where, f"has {' and '.join(kinds) or 'none'} of {', '.join((*_VALUED, _PAIRS))}, and AWS takes one")
    (kind,) = kinds
    name = required(read_text(rule, "conditions", at, kind, "httpHeaderName")) if kind == "httpHeader" else ""
    found = tuple(read_texts(rule, "conditions", at, kind, "regexValues")) if kind in _EXPRESSED else ()
    if found:
        return Condition(kind=kind, header=name.lower(), expressions=found)
    if not optional(read_list(rule, "conditions", at, *((kind,) if kind == _PAIRS else (kind, "values"))), []):
        refuse(f"{where}.{kind}", "has no values, which AWS refuses")
    if kind == _PAIRS:
        return Condition(kind=kind)
    values = tuple(read_texts(rule, "conditions", at, kind, "values"))
    return Condition(kind=kind, values=values, header=name.lower())
