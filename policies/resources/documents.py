"""Reads YAML that others wrote, in bounds: a few lines of aliases or brackets must not fill the memory of who judges them."""

from __future__ import annotations

import functools
import math
from collections.abc import Hashable
from typing import cast

import yaml

_MERGE = "tag:yaml.org,2002:merge"
_LARGEST = 4 * 1024 * 1024
_DEEPEST, _MOST_NODES, _LONGEST_NUMBER = 100, 250_000, 100


class DocumentError(ValueError):
    """The text is not YAML, or more than one that anybody writes; the message is one line."""


class _Loader(yaml.SafeLoader):
    """Counts depth and values while nodes are put together: aliases are nothing but references until then."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._sizes: dict[int, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self._depth == _DEEPEST:
            raise DocumentError(f"it nests deeper than {_DEEPEST} levels")
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        if node is not None and id(node) not in self._sizes:
            self._sizes[id(node)] = size = 1 + sum(self._sizes.get(id(part), 1) for part in _parts(node))
            if size > _MOST_NODES:
                raise DocumentError(f"with its aliases it holds more than {_MOST_NODES:,} values")
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
                if key.value in seen:
                    raise DocumentError(f"line {key.start_mark.line + 1}: the key {key.value[:60]!r} is given twice")
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


@functools.lru_cache(maxsize=512)
def read_yaml(text: str) -> object:
    """The document of a text, which nobody changes: all who read the same text share it. Raises DocumentError."""
    if len(text) > _LARGEST:
        raise DocumentError(f"it is longer than {_LARGEST:,} characters")
    try:
        loader = _Loader(text)
        try:
            document: object = loader.get_single_data()
        finally:
            loader.dispose()
        _check(document, 0)
    except DocumentError:
        raise
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise DocumentError(" ".join(str(error).split())[:300] or type(error).__name__) from error
    return document


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return cast("list[yaml.Node]", node.value) if isinstance(node, yaml.SequenceNode) else []


def _check(value: object, depth: int) -> None:
    """Refuses what contains itself, half of a character, and numbers that no program holds."""
    if depth > _DEEPEST:
        raise DocumentError("it contains itself")
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, float) and math.isinf(value):
        raise DocumentError("it holds a number without bounds")
    elif isinstance(value, int) and value.bit_length() > 4 * _LONGEST_NUMBER:
        raise DocumentError(f"it holds an integer of more than {_LONGEST_NUMBER} digits")
    elif isinstance(value, dict):
        for key, item in cast("dict[object, object]", value).items():
            _check(key, depth + 1)
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            _check(item, depth + 1)
