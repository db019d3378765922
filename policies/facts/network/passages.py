"""What security groups let through, looked up by group: a platform has a rule for each service, and asks about each of them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Set

from policies.facts.network.security_groups import Opening


class Rules:
    """The rules of some security groups in one direction, by whom they are for."""

    def __init__(self, openings: Iterable[Opening]) -> None:
        self.openings = tuple(openings)
        self._unread = any(rule.undecided is not None and rule.undecided.unknown for rule in self.openings)
        self._for_world = [
            rule for rule in self.openings if any(map(_world, rule.cidrs)) or rule.lists.keys or rule.lists.undecided
        ]
        self._for_many: list[Opening] = []
        self._by_group: dict[str, list[Opening]] = {}
        for rule in self.openings:
            if rule.sources.undecided or rule.sources.strays or rule.cidrs or rule.lists.keys:
                self._for_many.append(rule)
            for key in rule.sources.keys:
                self._by_group.setdefault(key, []).append(rule)

    def let(self, others: Set[str] | None, port: int) -> bool:
        """Whether they let a TCP port through to or from somebody: by a group, an address range, or what is not known.

        others: security groups on the other side, None for the internet. A range counts for whoever it may be for.
        """
        rules = self._for_world if others is None else self._for(others)
        return self._unread or any(rule.covers(port) for rule in rules)

    def _for(self, groups: Set[str]) -> Iterator[Opening]:
        yield from (rule for key in groups for rule in self._by_group.get(key, ()))
        yield from self._for_many


class Passages:
    """All rules of a stack, by the groups that they open."""

    def __init__(self, openings: Iterable[Opening]) -> None:
        self._by_group: dict[str, list[tuple[int, Opening]]] = {}
        self._of_any: list[tuple[int, Opening]] = []
        """Of which it is not known whose they are."""
        self._known: dict[tuple[frozenset[str], bool], Rules] = {}
        for place, opening in enumerate(openings):
            if opening.groups.undecided is not None:
                self._of_any.append((place, opening))
            else:
                for key in opening.groups.keys:
                    self._by_group.setdefault(key, []).append((place, opening))

    def of(self, groups: frozenset[str], *, ingress: bool) -> Rules:
        """The rules of these groups in one direction, with those that may be theirs, in the order of the stack."""
        key = (groups, ingress)
        if key not in self._known:
            self._known[key] = Rules(opening for opening in self._open(groups) if opening.ingress is ingress)
        return self._known[key]

    def _open(self, groups: frozenset[str]) -> Iterator[Opening]:
        found = dict(self._of_any)
        for key in groups:
            found.update(self._by_group.get(key, ()))
        return (opening for _, opening in sorted(found.items(), key=lambda pair: pair[0]))


def _world(cidr: str) -> bool:
    """Whether a range is so wide that it is for the internet; one that AWS refuses counts."""
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return True
    return network.prefixlen <= 8 and not network.is_private
