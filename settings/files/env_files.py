"""Reads env/<service>/.env.<environment>: as python-dotenv does, or refused with the line; never a part of a file."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dotenv.parser import Binding, parse_stream
from dotenv.variables import Variable, parse_variables

from policies.credentials.variables import is_random, secret_reason
from settings.base import VARIABLE_PATTERN
from settings.nearest import aside, nearest
from settings.origins import Origin
from settings.problems import Problem

FOLDER: Final = "env"
ENVIRONMENTS: Final = ("development", "staging", "production")
"""What a stage's `environment` may be, and so what the files may be called."""

ALLOWED_MARK: Final = "pragma: allowlist secret"
"""The comment of a line that someone looked at and that holds no secret; detect-secrets and others take it, too."""

_SWALLOWED: Final = re.compile(r"^(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvEntry:
    """One variable of a file, with references to variables above it filled in."""

    name: str
    value: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvFile:
    """The variables of one file, in order. path: below the project; usable only where it has no problems."""

    path: str
    entries: tuple[EnvEntry, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    @property
    def variables(self) -> dict[str, str]:
        """Name to value."""
        return {entry.name: entry.value for entry in self.entries}

    def place(self, name: str) -> Origin:
        """Where a variable is written."""
        return Origin(file=self.path, key=name, line=next(e.line for e in self.entries if e.name == name))


def env_path(service: str, environment: str) -> str:
    """Where a service's file for an environment is, below the project."""
    return f"{FOLDER}/{service}/.env.{environment}"


def read_env_files(
    project_dir: Path, environment: str, services: Collection[str]
) -> tuple[dict[str, EnvFile], list[Problem]]:
    """The files of an environment by service, and every problem of them and of what lies beside them.

    A service without a folder has no file. One that has a file for another environment only is a problem: nobody
    meant a stage to start without its variables.
    """
    files: dict[str, EnvFile] = {}
    problems: list[Problem] = []
    try:
        for entry in sorted((project_dir / FOLDER).iterdir()):
            problems += _misplaced(entry, services)
            if entry.name in services and entry.is_dir():
                problems += _misnamed(entry)
                if (file := _read(entry, environment)) is not None:
                    files[entry.name] = file
                    problems += file.problems
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        problems.append(_unreadable(FOLDER, error))
    return files, problems


def parse_env_file(content: bytes, path: str) -> EnvFile:
    """The variables of a file's content. What python-dotenv would skip, guess or take from elsewhere is a problem."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{content[error.start]:02x}, which is no UTF-8"
        return EnvFile(path=path, problems=(_at(path, line, "", found, "UTF-8 text", "save the file as UTF-8"),))
    reading = _Reading(path)
    # Line ends as open() in text mode translates them, which is how python-dotenv reads a file.
    for binding in parse_stream(io.StringIO(text, newline=None)):
        reading.take(binding)
    return EnvFile(path=path, entries=tuple(reading.entries), problems=tuple(reading.problems))


class _Reading:
    """Takes the statements of one file in order."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.entries: list[EnvEntry] = []
        self.problems: list[Problem] = []

    def take(self, binding: Binding) -> None:
        text = binding.original.string
        line = binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")
        if binding.error:
            found = "a statement that is not NAME=value, or a quote that is never closed"
            self._refuse(line, "", found, "NAME=value, NAME='value' or NAME=\"value\"", "LOG_LEVEL=info")
        elif binding.key is not None:
            self._take_variable(binding.key, binding.value, line, text)

    def _take_variable(self, name: str, raw: str | None, line: int, text: str) -> None:
        if not re.fullmatch(VARIABLE_PATTERN, name):
            allowed = "upper-case letters, digits and underscores, no digit first"
            self._refuse(line, name, "a name that is none of an environment variable", allowed, "LOG_LEVEL=info")
            return
        before = next((entry for entry in self.entries if entry.name == name), None)
        if before is not None:
            found = f"{name} again, after line {before.line}"
            self._refuse(line, name, found, "each variable once: the first value would be lost", f"remove {name}")
            return
        if raw is None:
            self._refuse(line, name, "a name without '='", "NAME=value; NAME= for an empty value", f"{name}=")
            return
        if "\0" in raw:
            self._refuse(line, name, "a NUL character", "text without NUL: no environment can hold it", f"{name}=value")
            return
        if _SWALLOWED.search(raw.partition("\n")[2]):
            found = "a value over several lines, with a line in it that looks like another variable"
            allowed = "a closing quote at the end of each value; \\n inside double quotes for a line break"
            self._refuse(line, name, found, allowed, f'{name}="first\\nsecond"')
        value = self._resolved(name, raw, line)
        why = secret_reason(name, value) or ("it is as random as a key or a token" if is_random(value) else None)
        if why and ALLOWED_MARK not in text:
            service = self._path.split("/")[1]
            allowed = (
                "plain values only: this file is committed, and whoever may describe the task definition reads it. Name "
                f"the variable under secrets and store it with ./run secrets {service} -s STAGE --put {name}; if it is no "
                f"secret, end the line with  # {ALLOWED_MARK}"
            )
            self._refuse(line, name, f"a value that is not shown: {why}", allowed, f"remove {name}")
        self.entries.append(EnvEntry(name=name, value=value, line=line))

    def _resolved(self, name: str, raw: str, line: int) -> str:
        """References filled in from the lines above only; python-dotenv would also take what the machine has set."""
        above: dict[str, str | None] = {entry.name: entry.value for entry in self.entries}
        parts: list[str] = []
        for atom in parse_variables(raw):
            if isinstance(atom, Variable) and atom.default is None and atom.name not in above:
                found = f"a reference to {atom.name}, which no line above sets"
                self._refuse(
                    line, name, found, "variables of this file, above, or a default", f"{name}=${{{atom.name}:-}}"
                )
            parts.append(atom.resolve(above))
        return "".join(parts)

    def _refuse(self, line: int, name: str, found: str, allowed: str, example: str) -> None:
        self.problems.append(_at(self._path, line, name, found, allowed, example))


def _at(path: str, line: int | None, name: str, found: str, allowed: str, example: str) -> Problem:
    return Problem(at=Origin(file=path, key=name, line=line), found=found, allowed=allowed, example=example)


def _read(folder: Path, environment: str) -> EnvFile | None:
    path = env_path(folder.name, environment)
    try:
        return parse_env_file((folder / f".env.{environment}").read_bytes(), path)
    except FileNotFoundError:
        others = [other for other in ENVIRONMENTS if (folder / f".env.{other}").is_file()]
        if not others:
            return None
        found, example = f"no such file, but .env.{others[0]}", f"copy .env.{others[0]} and change its values"
        allowed = "a file for every environment once a service has one; it may be empty"
        return EnvFile(path=path, problems=(_at(path, None, "the file", found, allowed, example),))
    except OSError as error:
        return EnvFile(path=path, problems=(_unreadable(path, error),))


def _misplaced(entry: Path, services: Collection[str]) -> Iterator[Problem]:
    """What lies in env/ and belongs to no service."""
    if entry.name in services or not (entry.is_dir() or entry.name.startswith(".env")):
        return
    near = nearest(entry.name, services)
    yield Problem(
        at=Origin(file=f"{FOLDER}/{entry.name}", key="the folder" if entry.is_dir() else "the file"),
        found=f"no service of that name{aside(entry.name, services)}",
        allowed=f"a folder for a service of Pulumi.yaml: {', '.join(sorted(services))}; jobs take their service's file. Renamed? So is "
        "its folder. Removed? Its folder goes, too",
        example=f"rename it to {near}" if near else f"delete {FOLDER}/{entry.name}",
    )


def _misnamed(folder: Path) -> Iterator[Problem]:
    """A file like .env or .env.prod, which would be believed to be read."""
    names = [f".env.{environment}" for environment in ENVIRONMENTS]
    for path in sorted(folder.glob(".env*")):
        if path.name in names:
            continue
        found = "a file that no stage reads" + aside(path.name, names, alike=0.5)
        example = env_path(folder.name, ENVIRONMENTS[0])
        yield _at(f"{FOLDER}/{folder.name}/{path.name}", None, "the file", found, " or ".join(names), example)


def _unreadable(path: str, error: OSError) -> Problem:
    found = (error.strerror or type(error).__name__).lower()
    return _at(path, None, "the file", found, "a readable file", f"chmod u+r {path}")
