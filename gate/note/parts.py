"""What a note is made of: sections, folded parts, blocks and words; all that others wrote goes through gate/inert.py."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gate.inert import code, fence, html, line, prose

_LONGEST_NAME = 200
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the note that stays whole or goes; `title` says what went."""

    text: str
    title: str


def folded(summary: str, body: str) -> str:
    """A part that opens by a click. In HTML, mentions and references are looked for as well, but not in code."""
    return f"<details><summary><code>{html(line(short(summary)))}</code></summary>\n\n{body}\n\n</details>"


def diff_block(rows: Iterable[str]) -> str:
    """Rows coloured by their first character: "+", "-", "@"."""
    return fence(rows, "diff")


def text_block(rows: Iterable[str]) -> str:
    """Rows as they are."""
    return fence(rows, "text")


def word(text: str) -> str:
    """A name inside a line."""
    return prose(short(line(text))) or code(text)


def short(text: str) -> str:
    """At most two hundred characters of it."""
    return text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1]}…"


def some(named: list[str]) -> str:
    """The first ten, and how many more there are."""
    more = len(named) - _MOST_NAMED
    return ", ".join(named[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def count(number: int, what: str) -> str:
    """ "1 policy", "2 policies"."""
    several = what[:-1] + "ies" if what.endswith("y") else what + "s"
    return f"{number:,} {what if number == 1 else several}"


def part(label: str, text: str) -> str:
    """A part of a violation: a list as one, of prose its first paragraph; the table behind it stands in the whole message."""
    first = text.strip().partition("\n\n")[0]
    lines = [line.strip() for line in first.split("\n")]
    if len(lines) > 1 and all(line.startswith("- ") for line in lines):
        return "\n".join((f"- **{label}:**", *(f"  - {prose(line[2:])}" for line in lines)))
    return f"- **{label}:** {prose(first)}"
