"""Rows in columns, by rich: as wide as their longest text, or folded inside a column where the terminal is narrower."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, whole: Sequence[int] = (), width: int | None = None
) -> list[str]:
    """The lines of a table, the head first; line breaks in a value are shown as \\n.

    whole: columns that are never folded, because people copy them; width: of the screen, by default the terminal's, and
    no limit where the lines go to a file or to another program.
    """
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=bool(any(head)), header_style="")
    for number, title in enumerate(head):
        grid.add_column(Text(title), no_wrap=number in whole, overflow="fold")
    for row in rows:
        grid.add_row(*(Text(cell.replace("\n", "\\n")) for cell in row))
    out = io.StringIO()
    Console(file=out, width=width or screen_width(), color_system=None, legacy_windows=False).print(grid)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def screen_width() -> int:
    """Columns of the terminal; what goes elsewhere has no limit that people would meet."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 100_000
