"""Reads a YAML file for people: duplicate keys and syntax errors are refused with file and line."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from tools.engine.errors import UsageError


class _Loader(yaml.SafeLoader):
    """A safe loader that refuses a key given twice: YAML would silently keep the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        lines: dict[Hashable, int] = {}
        for key_node, _ in node.value:
            key: Hashable = self.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if key in lines:
                raise UsageError(
                    f"{self.name}, line {line}: the key {key!r} is given twice, first in line {lines[key]}. "
                    "Only one can hold: delete the other."
                )
            lines[key] = line
        return super().construct_mapping(node, deep=deep)


# Pulumi reads YAML 1.2 without dates: 2026-11-22 stays a string.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_mapping(path: Path) -> dict[str, Any]:
    """The top-level mapping of a YAML file; UsageError for anything else. An empty file is an empty mapping."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path.name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path.name} is not UTF-8 text (byte {error.start}): save it as UTF-8.") from error
    loader = _Loader(text)
    loader.name = path.name
    try:
        content = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UsageError(f"{path.name}{line} is not valid YAML: {error.problem or error.context}.") from error
    finally:
        loader.dispose()
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise UsageError(f"{path.name} must be a mapping of keys to values at its top level, as in `config: …`.")
    return content
