"""Loops of a shell that start programs in the background: `for i in 1 2 3; do node job.js & done`, and how often."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LOOP = re.compile(
    r"(?:\bseq\s+(?P<piped>[^|;&\n]*)\|\s*)?\b(?P<kind>for|while|until)\b(?P<head>(?:(?!\bdo\b|\bdone\b).)*)\bdo\b"
    r"(?P<body>(?:(?!\bdone\b).)*)\bdone\b",
    re.DOTALL,
)
_BACKGROUND = re.compile(r"(?<![&>|])&(?![&>0-9])")
"""What puts a command into the background, and is neither `&&` nor a redirection."""
_LISTED = re.compile(r"\s*\w+\s+in\s+(.*?)[\s;]*", re.DOTALL)
_SEQUENCE = re.compile(r"\$\(\s*seq\s+([^)]*)\)|`\s*seq\s+([^`]*)`")
_RANGE = re.compile(r"\{(-?[0-9]{1,6})\.\.(-?[0-9]{1,6})\}")
_MOST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """times: how often its body runs, 0 where that is not known. shown: its first words."""

    times: int
    shown: str
    body: str


def without_loops(command: Sequence[str]) -> tuple[list[str], tuple[Loop, ...]]:
    """(the command without its loops that start something in the background, these loops)."""
    loops: list[Loop] = []

    def kept(match: re.Match[str]) -> str:
        body = match["body"]
        if not _BACKGROUND.search(body):
            return match[0]
        times = _times(match)
        inner = re.search(r"\b(?:for|while|until)\b.*\bdo\b", body, re.DOTALL)
        shown = f"{match['kind']} {' '.join(match['head'].split())}"[:40].rstrip(" ;")
        loops.append(Loop(times=0 if inner else times, shown=shown, body=body))
        return " true "

    return [_LOOP.sub(kept, text) if "done" in text else text for text in command], tuple(loops)


def _times(match: re.Match[str]) -> int:
    if match["piped"] is not None:
        return _of_sequence(match["piped"]) if match["kind"] == "while" else 0
    listed = _LISTED.fullmatch(match["head"]) if match["kind"] == "for" else None
    if listed is None:
        return 0
    counts = 0
    text = _SEQUENCE.sub(lambda found: f" \0{_of_sequence(found[1] or found[2])} ", listed[1])
    for word in text.split():
        if word.startswith("\0"):
            counts += int(word[1:]) or _MOST
        elif found := _RANGE.fullmatch(word):
            counts += abs(int(found[2]) - int(found[1])) + 1
        elif re.search(r"[$`*?{\[]", word):
            return 0
        else:
            counts += 1
    return counts if counts < _MOST else 0


def _of_sequence(text: str) -> int:
    """How many numbers `seq FIRST STEP LAST` writes; 0 where a variable stands there."""
    words = text.split()
    if not 1 <= len(words) <= 3 or not all(re.fullmatch(r"-?[0-9]{1,6}", word) for word in words):
        return 0
    first = int(words[0]) if len(words) > 1 else 1
    step = int(words[1]) if len(words) == 3 else 1
    return max(0, (int(words[-1]) - first) // step + 1) if step else 0
