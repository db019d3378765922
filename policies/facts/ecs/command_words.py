"""The words of a container's command, each command of a shell's text by itself."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
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


def flag_values(words: Sequence[str], flags: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(flag, its value) of `--flag N`, `--flag=N`, `-fN` and `-f=N`."""
    known = tuple(flags)
    for place, word in enumerate(words):
        following = words[place + 1] if place + 1 < len(words) else ""
        for flag in known:
            if word == flag:
                yield flag, following
            elif word.startswith(f"{flag}="):
                yield flag, word[len(flag) + 1 :]
            elif not flag.startswith("--") and flag.startswith("-") and re.fullmatch(rf"{flag}[0-9].*", word):
                yield flag, word[len(flag) :]
