"""The words of a container's command, each command of a shell's text by itself."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from functools import lru_cache

_SEPARATOR = re.compile(r"[;&|()<>]+")


def segments(command: Iterable[str]) -> Iterator[list[str]]:
    """The words of each command: those of the list, and of each text in it that a shell would take apart."""
    return (words for words, _ in commands(command))


def commands(command: Iterable[str]) -> Iterator[tuple[list[str], bool]]:
    """(the words of each command, whether it runs in the background of what follows)."""
    words: list[str] = []
    for text in command:
        if not re.search(r"\s|[;&|]", text.strip()):
            words.append(text.strip())
            continue
        for word in _shell_words(text):
            if _SEPARATOR.fullmatch(word):
                yield words, word == "&"
                words = []
            else:
                words.append(word)
    yield words, False


@lru_cache(maxsize=1024)
def _shell_words(text: str) -> tuple[str, ...]:
    joined = text.replace("\\\n", " ").replace("\n", " ; ")
    try:
        lexer = shlex.shlex(joined, posix=True, punctuation_chars=";&|()<>")
        lexer.whitespace_split, lexer.commenters = True, ""
        return tuple(lexer)
    except ValueError:
        return tuple(joined.split())  # an open quote


def base_name(word: str) -> str:
    """The name of a program without its folder."""
    return word.rpartition("/")[2]
