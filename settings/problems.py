"""What is wrong with settings, as sentences for people: where it is written, what was found, what is allowed, an example."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import yaml

from settings.origins import Origin

ENV_FOLDER: Final = "env/"
"""What files of `NAME=value` lines are below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with the settings.

    example: what to write there instead, and the problem is gone. `key: value` takes the place of the entry at `at`, several
    with commas that of their namesakes beside it, too; `remove KEY` and `rename it to NEW` say what they do.
    """

    at: Origin
    found: str
    allowed: str
    example: str

    @property
    def file(self) -> str:
        """The file to change, below the project."""
        return self.at.file

    @property
    def key(self) -> str:
        """The key to change, as it is written in the file."""
        return self.at.key

    def __str__(self) -> str:
        return f"{self.at}\n    found:   {self.found}\n    allowed: {self.allowed}\n    example: {self.example}"


class SettingsError(Exception):
    """The settings of a stage cannot be used; `problems` has every reason found, each place once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = once(problems)
        count = len(self.problems)
        head = f"The settings have {count} problem{'' if count == 1 else 's'}; nothing was created."
        super().__init__("\n\n".join([head, *(str(problem) for problem in self.problems)]))


def once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """One problem a place: what several services take from one default is wrong in one line, whatever else they have."""
    found: dict[tuple[str, str, int | None], Problem] = {}
    for problem in problems:
        # Two lines of an env file can have one name.
        place = (problem.at.file, problem.at.key, problem.at.line if problem.at.file.startswith(ENV_FOLDER) else None)
        found.setdefault(place, problem)
    return tuple(found.values())


def shown(value: object) -> str:
    """The value as JSON, shortened to one line."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 120 else text[:117] + "..."


def put(**entries: object) -> str:
    """The example that writes these settings, by their names: `cpu: 512, memory: 1024`."""
    return _flow(entries).removeprefix("{").removesuffix("}")


def put_at(at: Origin, value: object) -> str:
    """The example that writes another value at a place: `dbConnLimit: 5`, or `DB_CONN_LIMIT=5` in an env file."""
    key = at.key.rpartition(".")[2]
    return f"{key}={value}" if at.file.startswith(ENV_FOLDER) else put(**{key: value})


def remove_at(at: Origin) -> str:
    """The example that deletes what stands at a place."""
    return f"remove {at.key.rpartition('.')[2]}"


def refusal(check: Callable[[], object]) -> str | None:
    """What a calculation refuses, as its sentence; None where it accepts."""
    try:
        check()
    except ValueError as error:
        return str(error)
    return None


def _flow(value: object) -> str:
    """YAML that stands in one line, whatever is in it; quotes where a reader of YAML would take text for something else."""
    text = yaml.safe_dump(value, default_flow_style=True, width=10**9, allow_unicode=True, sort_keys=False)
    return text.removesuffix("...\n").strip()
