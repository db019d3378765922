"""Rows in columns, by rich, which folds between words; where not even the words fit beside each other, a row is a few lines."""

from __future__ import annotations

import io
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

_APART = 2


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    whole: Sequence[int] = (),
    lead: int = 1,
    width: int | None = None,
) -> list[str]:
    """The lines of a table, the head first; line breaks in a value are shown as \\n. No word is ever broken: people copy them.

    whole: columns that are not folded between words either. lead: how many cells stand in the first line of a row that is several
    lines. width: of the screen, by default the terminal's, and no limit where the lines go to a file or to another program.
    """
    cells = [[cell.replace("\n", "\\n") for cell in row] for row in rows]
    room = width or screen_width()
    least = [
        max((len(text) for line in (head, *cells) for text in _unbroken(line[number], number in whole)), default=0)
        for number in range(len(head))
    ]
    if sum(least) + _APART * (len(head) - 1) > room:
        return [", ".join(filter(None, head)), *(line for row in cells for line in _below(head, row, lead, room))]
    grid = Table(box=None, pad_edge=False, padding=(0, _APART, 0, 0), show_header=bool(any(head)), header_style="")
    for number, title in enumerate(head):
        grid.add_column(Text(title), no_wrap=number in whole, min_width=least[number])
    for row in cells:
        grid.add_row(*map(Text, row))
    out = io.StringIO()
    Console(file=out, width=room, color_system=None, legacy_windows=False).print(grid)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def screen_width() -> int:
    """Columns of the terminal; what goes elsewhere has no limit that people would meet."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 100_000


def _unbroken(cell: str, whole: bool) -> list[str]:
    return [cell] if whole else cell.split()


def _below(head: Sequence[str], row: Sequence[str], lead: int, room: int) -> Iterator[str]:
    yield "  ".join(row[:lead]).rstrip()
    titles = max((len(title) for title in head[lead:]), default=0)
    for title, cell in zip(head[lead:], row[lead:], strict=True):
        if cell:
            start, longest = f"    {title:<{titles}}  ", max(map(len, cell.split()), default=1)
            lines = textwrap.wrap(cell, max(room - len(start), longest), break_long_words=False, break_on_hyphens=False)
            yield from (f"{'' if number else start:<{len(start)}}{line}" for number, line in enumerate(lines))
