"""Texts of others made inert: what a name, a tag, a value or a message says is shown, and nothing of it acts.

Every form of gate.json passes what it did not write itself through here. Markdown gives no escape that GitLab and GitHub
both keep for mentions and references (they look for them after Markdown's escapes are gone), but neither looks into code:
in Markdown a word is left as prose only where it is nothing but letters or a short number; everything else is code.
"""

from __future__ import annotations

import html as html_entities
import re
import unicodedata
from collections.abc import Iterable

_INVISIBLE = re.compile(
    # Printable by Unicode's categories, yet nothing is drawn: fillers, joiners and variation selectors.
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_MOST_MARKS = 4
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

_PLAIN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d{1,6}(?:[.,]\d{1,6})?%?")
_COMMIT = re.compile(r"[0-9a-fA-F]{7,}")
_SIGNS = frozenset("–—→×=+")
_AROUND = re.compile(r"(?P<before>[(\"']*)(?P<core>.*?)(?P<after>[)\"'.,:;?!]*)", re.DOTALL)
# Commands of a CI log: GitHub's "::error::" at the start of a line, and "##[error]", "##vso[...]" anywhere in one.
_LOG_COMMAND = re.compile(r"^(\s*):(?=:)|(##)(?=\w*\[)", re.MULTILINE)


def line(text: str) -> str:
    """One line, in which each control character, direction mark, line break and invisible sign is written out ("\\u202e")."""
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        hidden = not character.isprintable() or _INVISIBLE.match(character) or marks > _MOST_MARKS
        shown.append(_written_out(character) if hidden else character)
    return "".join(shown)


def lines(text: str) -> list[str]:
    """The same for a text of several lines, without the blanks at their ends. Only a line feed ends a line."""
    return [line(row).rstrip() for row in text.replace("\r\n", "\n").expandtabs(4).split("\n")]


def plain(text: str) -> str:
    """For a writer that escapes by its own rules (XML, JSON): several lines, every character visible."""
    return "\n".join(lines(text))


def message(text: str) -> str:
    """For the message of a SARIF result, in which "[text](target)" is a link."""
    return plain(text).replace("](", "] (")


def html(text: str) -> str:
    """For HTML, between tags or as an attribute's quoted value; lines stay lines."""
    return html_entities.escape(plain(text))


def terminal(text: str) -> str:
    """For a terminal or a CI job's log: no escape sequence, and no line that a runner takes for a command."""
    return _LOG_COMMAND.sub(lambda found: f"{found[1]}: " if found[2] is None else "## ", plain(text))


def code(text: str) -> str:
    """A Markdown code span; never empty, in one line."""
    shown = line(text)
    if not shown.strip():
        return "`(empty)`" if not shown else f"`({len(shown)} blanks)`"
    fence = "`" * (_longest_run(shown) + 1)
    around = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{around}{shown}{around}{fence}"


def prose(text: str) -> str:
    """A sentence for Markdown, behind a label of the writer's own: what is no plain word is code, a line break is <br>."""
    return "<br>".join(_sentence(row.split()) for row in lines(text) if row.strip())


def fence(rows: Iterable[str], language: str = "") -> str:
    """A fenced block of Markdown that no row can end; a row that would be read as a command outside of one is set off."""
    shown = ["│ " + row if row.lstrip()[:1] in ("/", ":") else row for row in (line(row) for row in rows)]
    marks = "`" * max(3, 1 + max(map(_longest_run, shown), default=0))
    return "\n".join((f"{marks}{language}", *shown, marks))


def _written_out(character: str) -> str:
    number = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _sentence(words: list[str]) -> str:
    shown: list[str] = []
    coded: list[str] = []

    def flush(after: str = "") -> None:
        if coded:
            shown[-1] += code(" ".join(coded)) + after
            coded.clear()

    for number, word in enumerate(words):
        parts = _AROUND.fullmatch(word)
        before, core, after = parts.group("before", "core", "after") if parts else ("", word, "")
        if _is_plain(core, number == 0 and after[:1] in (".", ")")) or (number and word in _SIGNS):
            flush()
            shown.append(word)
            continue
        if not core or "(" in core:  # nothing but punctuation, or a bracket of its own
            core, after = word[len(before) :] if core else word, ""
            before = before if core != word else ""
        if not coded or before:
            flush()
            shown.append(before)
        coded.append(core)
        if after:
            flush(after)
    flush()
    return " ".join(shown)


def _is_plain(core: str, numbers_a_list: bool) -> bool:
    return bool(_PLAIN.fullmatch(core)) and not _COMMIT.fullmatch(core) and not (numbers_a_list and core.isdigit())
