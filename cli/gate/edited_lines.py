"""Which lines of a project's files a change has written: what stands there is what the merge request shows."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from pathlib import Path

from gate.document import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedLines:
    """The lines of `project` that are not in `base`, the project as its target branch has it; None: nothing to compare with."""

    project: Path
    base: Path | None = None
    _lines: dict[str, frozenset[int]] = field(default_factory=dict[str, frozenset[int]])

    def __contains__(self, place: Place) -> bool:
        if self.base is None:
            return False
        if place.file not in self._lines:
            self._lines[place.file] = _written(_rows(self.base / place.file), _rows(self.project / place.file))
        return place.line in self._lines[place.file]


def _written(before: list[str], after: list[str]) -> frozenset[int]:
    blocks = difflib.SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    kept = {number for block in blocks for number in range(block.b, block.b + block.size)}
    return frozenset(number + 1 for number in range(len(after)) if number not in kept)


def _rows(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return []
