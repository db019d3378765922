"""Finds the words of a set in texts, as whole words: in time that grows with a text, however many words there are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_TOKEN = re.compile(r"[a-z0-9]+|[^a-z0-9]")
_ENDS = ""
"""Where a word ends in the tree: no token is empty."""
_LONGEST_KEPT = 500


class WholeWords:
    """Words of lower-case letters, digits and anything between. One stands where no letter or digit is right before or behind it."""

    def __init__(self, words: Iterable[str]) -> None:
        self._tree: dict[str, Any] = {}
        self._known: dict[str, frozenset[str]] = {}
        for word in filter(None, words):
            node = self._tree
            for token in _TOKEN.findall(word):
                node = node.setdefault(token, {})
            node[_ENDS] = word

    def within(self, text: str) -> frozenset[str]:
        """The words in a lower-case text: from its beginning on, the longest of those that stand at a place."""
        found = self._known.get(text)
        if found is None:
            found = self._within(_TOKEN.findall(text))
            if len(text) <= _LONGEST_KEPT:  # names and ARNs, which come again
                self._known[text] = found
        return found

    def _within(self, tokens: list[str]) -> frozenset[str]:
        found: set[str] = set()
        place = 0
        while place < len(tokens):
            word, after = self._longest(tokens, place) if tokens[place] in self._tree else ("", place + 1)
            if word:
                found.add(word)
            place = after
        return frozenset(found)

    def _longest(self, tokens: list[str], place: int) -> tuple[str, int]:
        """(the longest word that begins at a token, the place behind it); none, and the next token."""
        word, after, node = "", place + 1, self._tree
        if place and _plain(tokens[place - 1]) and not _plain(tokens[place]):
            return word, after
        for at in range(place, len(tokens)):
            node = node.get(tokens[at])
            if node is None:
                break
            if _ENDS in node and (_plain(tokens[at]) or at + 1 == len(tokens) or not _plain(tokens[at + 1])):
                word, after = node[_ENDS], at + 1
        return word, after


def _plain(token: str) -> bool:
    """Whether a token is one of letters and digits."""
    return token[0].isascii() and token[0].isalnum()
