"""Finds the lines of a YAML file that keys are written in, without reading its values."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import yaml

from settings.files.errors import UsageError
from settings.files.yaml_file import read_text

_MERGE: Final = "<<"


class KeyLines:
    """The keys of one file. A file that cannot be read has none: whoever reads its values says why."""

    def __init__(self, path: Path) -> None:
        try:
            self._root = _composed(read_text(path))
        except (UsageError, ValueError, RecursionError, yaml.YAMLError):
            self._root = None

    def found(self, keys: Sequence[str]) -> tuple[int, int | None]:
        """How many of the keys, from the outermost on, are in the file, and the line of the last of those.

        An item of a list is found by its number, from "0" on, or by its text. A key that comes by a merge (`<<`) is found
        where it is written.
        """
        node, line = self._root, None
        for depth, key in enumerate(keys):
            entry = next(_entries(node, key), None)
            if entry is None:
                return depth, line
            line, node = entry
        return len(keys), line

    def text(self, keys: Sequence[str]) -> str | None:
        """The text of a value that is one scalar, as it is written and without quotes; None where there is none."""
        node = self._root
        for key in keys:
            entry = next(_entries(node, key), None)
            if entry is None:
                return None
            node = entry[1]
        return str(node.value) if isinstance(node, yaml.ScalarNode) else None

    def keys(self, *inside: str) -> list[str]:
        """The keys of a mapping of the file, in order; none where there is no such mapping."""
        node = self._root
        for key in inside:
            node = next((value for _, value in _entries(node, key)), None)
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        return [name.value for name, _ in pairs if isinstance(name, yaml.ScalarNode)]


@functools.lru_cache(maxsize=4)
def _composed(text: str) -> yaml.Node | None:
    """The nodes of a text, which nobody changes: the settings are traced to the same few files again and again."""
    return yaml.compose(text, Loader=yaml.CSafeLoader)


def _entries(node: yaml.Node | None, key: str, merges: int = 8) -> Iterator[tuple[int, yaml.Node]]:
    """The line and the value of a key: an own one first, then one that is merged in."""
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            if key == str(number) or (isinstance(item, yaml.ScalarNode) and item.value == key):
                yield item.start_mark.line + 1, item
    if not isinstance(node, yaml.MappingNode):
        return
    merged: list[yaml.Node] = []
    for name, value in node.value:
        if not isinstance(name, yaml.ScalarNode):
            continue
        if name.value == key:
            yield name.start_mark.line + 1, value
        elif name.value == _MERGE and merges:  # a mapping may merge itself
            merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
    for value in merged:
        yield from _entries(value, key, merges - 1)
