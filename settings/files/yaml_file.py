"""Reads a YAML file for people, by Pulumi's reading of YAML: what it would take for something else is refused with line."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer

from settings.files.errors import UsageError

_MERGE = "tag:yaml.org,2002:merge"
LARGEST = 4 * 1024 * 1024
"""Bytes of a file that people write; reading YAML takes a second for each half a megabyte."""
_LONGEST_NUMBER = 100
_DEEPEST, _MOST_NODES = 100, 250_000


class _Loader(Composer, yaml.CSafeLoader):
    """Scalars as Go's yaml.v3 resolves them: `yes` and `12:30` are text, 1e3 and 0o17 numbers. Keys are text, once.

    The text is cut into its parts by libyaml, which is in every wheel of PyYAML: Go's yaml.v3 is a translation of it, and PyYAML's own
    parser takes four to ten times as long.
    """

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  # filled below, once

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        lines: dict[Hashable, int] = {}
        for key_node, _ in node.value:
            if key_node.tag == _MERGE:
                continue
            key: Hashable = self.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                shown = key_node.value if isinstance(key_node, yaml.ScalarNode) else "KEY"
                raise self.refused(key_node, f"the key {key!r} is not text", f'"{shown}"')
            if key in lines:
                raise UsageError(
                    f"{self.name}, line {line}: the key {key!r} is given twice, first in line {lines[key]}. "
                    "Only one can hold: delete the other."
                )
            lines[key] = line
        return super().construct_mapping(node, deep=deep)

    def __init__(self, text: str, name: str) -> None:
        yaml.CSafeLoader.__init__(self, text)
        Composer.__init__(self)
        self.name = name
        self._depth = 0
        self._sizes: dict[int, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuses what nests too deep, and what a few aliases make larger than any configuration."""
        event = self.peek_event()
        line = event.start_mark.line + 1 if event else 0
        if self._depth == _DEEPEST:
            raise UsageError(f"{self.name}, line {line}: values nest deeper than {_DEEPEST} levels. Write it flatter.")
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        if node is not None and id(node) not in self._sizes:
            pairs = node.value if isinstance(node, yaml.MappingNode) else ()
            below = node.value if isinstance(node, yaml.SequenceNode) else [part for pair in pairs for part in pair]
            self._sizes[id(node)] = size = 1 + sum(self._sizes.get(id(part), 1) for part in below)
            if size > _MOST_NODES:
                raise UsageError(
                    f"{self.name}, line {line}: with its aliases this holds more than {_MOST_NODES:,} values. Take them out."
                )
        return node

    def refused(self, node: yaml.Node, found: str, instead: str) -> UsageError:
        """The error for a scalar that Pulumi reads as something nobody means."""
        return UsageError(f"{self.name}, line {node.start_mark.line + 1}: {found}. Write it in quotes: {instead}.")


def _whole(loader: _Loader, node: yaml.ScalarNode) -> int | float:
    text = node.value.replace("_", "")
    if len(text) > _LONGEST_NUMBER:
        raise loader.refused(
            node, f"an integer of {len(text)} digits is not a number that a configuration can hold", '"…"'
        )
    number = int(text, 8) if re.fullmatch(r"[-+]?0[0-7]+", text) else int(text, 0)
    return number if -(2**63) <= number < 2**64 else float(number)


def _decimal(loader: _Loader, node: yaml.ScalarNode) -> float:
    number = float(node.value.replace("_", ""))
    if math.isinf(number):
        raise loader.refused(
            node, f"{node.value[:20]} is not a number that a configuration can hold", f'"{node.value[:20]}"'
        )
    return number


def _no_number(loader: _Loader, node: yaml.ScalarNode) -> object:
    raise loader.refused(node, f"{node.value} is not a number that a configuration can hold", f'"{node.value}"')


def _moment(loader: _Loader, node: yaml.ScalarNode) -> object:
    raise loader.refused(
        node, f"{node.value} is a point in time to Pulumi, which would write it in another form", f'"{node.value}"'
    )


_SCALARS: tuple[tuple[str, str, str, Callable[[Any, Any], object] | None], ...] = (
    ("null", r"~|null|Null|NULL|", "~nN\0", None),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF", None),
    ("merge", r"<<", "<", None),
    ("int", r"[-+]?(?:0[bB][01_]+|0[oO]?[0-7_]+|0[xX][0-9a-fA-F_]+|[1-9][0-9_]*|0)", "-+0123456789", _whole),
    ("float", r"[-+]?(?:\.[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789", _decimal),
    ("number", r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+.", _no_number),
    ("moment", r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:.*)?", "0123456789", _moment),
)
for _name, _pattern, _first, _construct in _SCALARS:
    _tag = f"tag:yaml.org,2002:{_name}"
    _Loader.add_implicit_resolver(_tag, re.compile(rf"(?:{_pattern})\Z"), ["" if c == "\0" else c for c in _first])
    if _construct is not None:
        _Loader.add_constructor(_tag, _construct)


def read_text(path: Path) -> str:
    """The text of a file; UsageError where it cannot be read or is not UTF-8."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise UsageError(f"{path.name} is larger than {LARGEST // 1024 // 1024} MiB: nothing that people write is.")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path.name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path.name} is not UTF-8 text (byte {error.start}): save it as UTF-8.") from error


def read_mapping(path: Path) -> dict[str, Any]:
    """The top-level mapping of a YAML file; UsageError for anything else. An empty file is an empty mapping."""
    text = read_text(path)
    loader: _Loader | None = None
    try:
        loader = _Loader(text, path.name)
        content = loader.get_single_data()
        # What no configuration can hold: binary data, sets, what contains itself, half of a character.
        json.dumps(content, ensure_ascii=False).encode()
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UsageError(f"{path.name}{line} is not valid YAML: {error.problem or error.context}.") from error
    except (yaml.YAMLError, TypeError, ValueError, OverflowError, RecursionError) as error:
        reason = str(error).splitlines()[0].rstrip(":.")
        raise UsageError(f"{path.name} is not YAML that a configuration can hold: {reason}.") from error
    finally:
        if loader is not None:
            loader.dispose()
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise UsageError(f"{path.name} must be a mapping of keys to values at its top level, as in `config: …`.")
    return content
