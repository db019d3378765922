"""EventBridge rules, and what their patterns ask of events. The one reader of them.

Sources: Amazon EventBridge User Guide, "Comparison operators for use in event patterns"; aws/event-ruler, which EventBridge matches with:
a field is asked for by a list of values and filters, or by an object of fields; empty lists and objects are refused.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Absent, Undecided, decided
from policies.resources.reading import optional, read_json, refuse, required, word_of
from policies.resources.requested import asked_flag, asked_text
from policies.resources.tokens import EVENT_RULE

_STATES = ("DISABLED", "ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
_ENVELOPE = frozenset(
    {"account", "detail", "detail-type", "id", "region", "replay-name", "resources", "source", "time", "version"}
)
"""The fields of every event (User Guide, "AWS service event metadata")."""
_KINDS = {
    "prefix": "prefix",
    "suffix": "suffix",
    "wildcard": "wildcard",
    "equals-ignore-case": "is",
    "anything-but": "is",
}
"""A filter that compares texts to how it does."""
_OF_NUMBERS = frozenset({"cidr", "numeric"})
_MOST = 1000
"""How many alternatives EventBridge takes of one pattern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a field's text is compared with. kind: is, prefix, suffix, wildcard, exists, or one of numbers and addresses.

    folded: in letters of either size. negated: it must not be so.
    """

    kind: str
    words: tuple[str, ...] = ()
    folded: bool = False
    negated: bool = False

    def admits(self, value: str) -> bool:
        """Whether a text passes."""
        text = value.lower() if self.folded else value
        words = tuple(map(str.lower, self.words)) if self.folded else self.words
        found = {
            "is": text in words,
            "prefix": text.startswith(words),
            "suffix": text.endswith(words),
            "wildcard": self.kind == "wildcard" and any(fnmatch.fnmatchcase(text, _globbed(word)) for word in words),
            "exists": True,
        }
        return found.get(self.kind, False) != self.negated


Value = str | int | float | bool | None | Filter
Path = tuple[str, ...]
Asked = Mapping[Path, tuple[Value, ...]]
"""What a pattern asks for at each path: values and filters of which one has to hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPattern:
    """alternatives: what `$or` leaves open is written out: an event matches that is as one of them asks."""

    alternatives: tuple[Asked, ...]

    def words(self, *path: str) -> list[str]:
        """The texts that are asked for at a path."""
        found = (value for asked in self.alternatives for value in asked.get(path, ()) if isinstance(value, str))
        return list(dict.fromkeys(found))

    def hearing(self, event: Mapping[Path, str]) -> Iterator[Asked]:
        """The alternatives that let an event with these texts through, as far as they ask for them."""
        return (asked for asked in self.alternatives if all(_passes(asked, at, text) for at, text in event.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule:
    """One rule. on: whether it is switched on. pattern: None where it has a schedule alone."""

    resource: Resource
    on: bool | Undecided
    pattern: EventPattern | Undecided | None


def admits(values: Sequence[Value] | None, text: str) -> bool:
    """Whether one of the values or filters that are asked for is of a text; all are where nothing is asked for."""
    if values is None:
        return True
    return any(value.admits(text) if isinstance(value, Filter) else value == text for value in values)


def _globbed(word: str) -> str:
    """A wildcard of EventBridge, which knows "*" alone, as fnmatch has it."""
    return word.replace("[", "[[]").replace("?", "[?]")


def _passes(asked: Asked, at: Path, text: str) -> bool:
    """Whether what is asked for lets a text at a path through; what asks for a text above it, or for fields of it, does not."""
    around = (path for path in asked if path != at and path[: len(at)] == at[: len(path)])
    return not any(around) and admits(asked.get(at), text)


@per_graph
def read_event_rules(graph: Graph) -> Mapping[str, EventRule]:
    """The rules of the stack by their URNs."""
    return {
        rule.urn: EventRule(
            resource=rule,
            on=decided(lambda rule=rule: _on(rule)),
            pattern=decided(lambda rule=rule: _pattern(rule)),
        )
        for rule in graph.of_type(EVENT_RULE)
    }


def _on(rule: Resource) -> bool:
    state = word_of(_STATES, optional(asked_text(rule, "state"), "ENABLED"), "state")
    return state != "DISABLED" and optional(asked_flag(rule, "isEnabled"), True)


def _pattern(rule: Resource) -> EventPattern | None:
    document = read_json(rule, "eventPattern")
    if isinstance(document, Absent):
        return None
    found = tuple(_alternatives(required(document), "eventPattern"))
    for path in (path for asked in found for path in asked):
        if path[0] not in _ENVELOPE:
            refuse("eventPattern", f'asks for "{path[0][:40]}", which stands in detail if anywhere')
    return EventPattern(alternatives=found)


def _alternatives(value: object, where: str) -> list[Asked]:
    """What an object of a pattern asks for, with `$or` written out."""
    if not isinstance(value, Mapping) or not value:
        refuse(where, "is no object with fields, which EventBridge refuses")
    found: list[Asked] = [{}]
    for key, inner in cast("Mapping[str, object]", value).items():
        found = [{**one, **other} for one in found for other in _ways(key, inner, f"{where}.{key}")]
        if len(found) > _MOST:
            refuse(where, f"has more than {_MOST} alternatives")
    return found


def _ways(key: str, value: object, where: str) -> list[Asked]:
    if not isinstance(value, list):
        return [{(key, *path): asked for path, asked in way.items()} for way in _alternatives(value, where)]
    items = cast("list[object]", value)
    if not items:
        refuse(where, "is empty, which EventBridge refuses")
    if key == "$or":
        return [way for at, item in enumerate(items) for way in _alternatives(item, f"{where}[{at}]")]
    return [{(key,): tuple(_value(item, f"{where}[{at}]") for at, item in enumerate(items))}]


def _value(item: object, where: str) -> Value:
    if isinstance(item, Mapping) and len(item) == 1:
        [(name, asked)] = cast("Mapping[str, object]", item).items()
        return _filter(name, asked, where)
    if item is not None and not isinstance(item, (str, int, float)):
        refuse(where, "is neither a value nor a filter, which EventBridge refuses")
    return item


def _filter(name: str, asked: object, where: str) -> Filter:
    if name == "exists" and isinstance(asked, bool):
        return Filter(kind=name, negated=not asked)
    if name in _OF_NUMBERS:
        return Filter(kind=name)
    if name not in _KINDS:
        refuse(where, f'has "{name[:40]}", which is no filter of EventBridge')
    negated = name == "anything-but"
    if isinstance(asked, Mapping):  # anything-but with a prefix, or a prefix in letters of either size
        inner = _value(cast("Mapping[str, object]", asked), where)
        if not isinstance(inner, Filter) or inner.negated or not inner.words:
            refuse(where, f"compares by {name} with what is no text")
        return replace(inner, negated=True) if negated else replace(inner, kind=_KINDS[name])
    listed = cast("list[object]", asked) if isinstance(asked, list) else [asked]
    words = tuple(word for word in listed if isinstance(word, str))
    if not listed or (len(words) < len(listed) and not negated):
        refuse(where, f"compares by {name} with what is no text")
    return Filter(kind=_KINDS[name], words=words, folded=name == "equals-ignore-case", negated=negated)
