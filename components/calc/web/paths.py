"""Path patterns of listener rules: which requests they match, and which rule never gets any."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from typing import Final, TypeAlias

MAX_PRIORITY: Final = 50_000
"""Elastic Load Balancing API Reference, CreateRule: priorities are 1 to 50,000, each used once a listener."""
MAX_PATTERN_LENGTH: Final = 128

_PATTERN: Final = re.compile(r"/[A-Za-z0-9_.$/~\"'@:+&*?-]*")
_OTHER: Final = "\0"
"""Stands for every character that none of the compared patterns names."""

Rule: TypeAlias = tuple[str, str, int]
"""Service, path pattern and priority; a lower number comes first."""


def check_path(pattern: str) -> str:
    """Return `pattern` when a listener rule takes it; raise ValueError otherwise.

    Patterns are case-sensitive; `*` matches any number of characters (slashes included) and `?` exactly one.
    Source: User Guide for Application Load Balancers, "Condition types for listener rules", path conditions.
    """
    if len(pattern) > MAX_PATTERN_LENGTH:
        raise ValueError(
            f"The path pattern '{pattern}' has {len(pattern)} characters, and a listener rule takes at most "
            f"{MAX_PATTERN_LENGTH}: shorten it by {len(pattern) - MAX_PATTERN_LENGTH}."
        )
    if not _PATTERN.fullmatch(pattern):
        raise ValueError(
            f"The path pattern '{pattern}' is not one a listener rule takes: it begins with '/' and holds letters, "
            "digits, _-.$/~\"'@:+& and the wildcards * and ?; write it like '/datalab*'."
        )
    return pattern


def covers(general: str, special: str) -> bool:
    """Whether every path that `special` matches is matched by `general` too."""
    # Behind its literal start `special` may go on with any character, so it must already be past `general`'s start.
    if not _literal_start(special).startswith(_literal_start(general)):
        return False
    alphabet = _alphabet(general, special)
    seen: set[tuple[int, frozenset[int]]] = set()
    # All of `special`'s states at once would lose which path reached them, so its states are followed one by one,
    # each with the set of states that `general` can be in after the same path.
    todo = [(state, _closure(general, frozenset({0}))) for state in _closure(special, frozenset({0}))]
    while todo:
        state, others = todo.pop()
        if (state, others) in seen:
            continue
        seen.add((state, others))
        if state == len(special) and len(general) not in others:
            return False
        for character in alphabet:
            following = _step(general, others, character)
            todo += [(target, following) for target in _step(special, frozenset({state}), character)]
    return True


def find_conflicts(rules: Sequence[Rule]) -> list[str]:
    """One sentence for each rule that AWS refuses or that never gets a request, in the order of their priorities.

    Found are patterns and priorities that do not exist, a priority or a path used twice, and a rule behind another that
    takes all its requests. A specific path before a general one is how rules are meant: it is no conflict.
    """
    problems: list[str] = []
    usable: list[Rule] = []
    for service, path, priority in sorted(rules, key=lambda rule: (rule[2], rule[0], rule[1])):
        wrong = _problems_of_rule(service, path, priority)
        problems += wrong
        if not wrong:
            usable.append((service, path, priority))
    for earlier, later in combinations(usable, 2):
        problems += _problems_of_pair(earlier, later)
    return problems


def _problems_of_rule(service: str, path: str, priority: int) -> list[str]:
    problems: list[str] = []
    try:
        check_path(path)
    except ValueError as error:
        problems.append(f"The service {service} cannot be routed. {error}")
    if not 1 <= priority <= MAX_PRIORITY:
        problems.append(
            f"The service {service} has listener rule priority {priority}, and AWS takes 1 to {MAX_PRIORITY}: choose "
            "one in that range that no other service has."
        )
    return problems


def _problems_of_pair(earlier: Rule, later: Rule) -> list[str]:
    problems: list[str] = []
    if earlier[2] == later[2]:
        problems.append(
            f"The services {earlier[0]} and {later[0]} both have listener rule priority {later[2]}, and a listener "
            "takes each once: give one of them another number."
        )
    if earlier[1] == later[1]:
        problems.append(
            f"The services {earlier[0]} and {later[0]} are both on the path '{later[1]}', so {later[0]} would never "
            "get a request: give one of them another path."
        )
    elif earlier[2] != later[2] and covers(earlier[1], later[1]):
        problems.append(
            f"The path '{later[1]}' of {later[0]} (priority {later[2]}) never gets a request: '{earlier[1]}' of "
            f"{earlier[0]} (priority {earlier[2]}) comes first and matches all of its paths; swap the two "
            "priorities."
        )
    return problems


def _alphabet(*patterns: str) -> frozenset[str]:
    return frozenset("".join(patterns)) - {"*", "?"} | {_OTHER}


def _literal_start(pattern: str) -> str:
    """What stands before the first wildcard: every path that the pattern matches begins with it."""
    return re.split(r"[*?]", pattern, maxsplit=1)[0]


def _closure(pattern: str, states: frozenset[int]) -> frozenset[int]:
    """The states reachable without a character; state n has matched the pattern's first n signs."""
    reached = set(states)
    for state in sorted(states):
        while state < len(pattern) and pattern[state] == "*":
            state += 1
            reached.add(state)
    return frozenset(reached)


def _step(pattern: str, states: frozenset[int], character: str) -> frozenset[int]:
    """The states after one more character."""
    targets: set[int] = set()
    for state in states:
        if state == len(pattern):
            continue
        if pattern[state] == "*":
            targets.add(state)
        elif pattern[state] in ("?", character):
            targets.add(state + 1)
    return _closure(pattern, frozenset(targets))
