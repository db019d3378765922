"""A gate whose settings cannot be used: every problem a violation at its line, and nothing judged."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cli.gate.previews import Gate
from gate.document import Engine, Place, Stage, Violation
from offline.engine.errors import UsageError
from settings.origins import Origin
from settings.problems import Problem, SettingsError

_POLICY = "settings"
_WHY = "Settings that cannot be used make no platform, and nothing of it can be judged."
_LINE = re.compile(r"(?P<file>Pulumi[\w.-]*\.yaml), line (?P<line>[0-9]+): (?P<said>.*)", re.DOTALL)
"""How settings/files/ says that a file is no YAML of a configuration."""


def unreadable(asked: Gate, refused: Mapping[str, SettingsError | UsageError]) -> tuple[Stage, ...]:
    """The stages of a gate some of whose settings are refused. A problem that several have is reported in the first one."""
    reported: set[Violation] = set()
    found: list[Stage] = []
    engine = Engine(kind="recorded" if asked.events is not None else asked.engine or "embedded")
    for name in dict.fromkeys(asked.stages):
        error = refused.get(name)
        problems = [] if error is None else [each for each in violations_of(error) if each not in reported]
        reported.update(problems)
        named = ", ".join(refused)
        reason = (
            f"Nothing was judged: the settings of {named} cannot be used."
            if error is None
            else str(error).partition("\n")[0]
        )
        found.append(Stage(name=name, verdict="failed", reasons=(reason,), engine=engine, violations=tuple(problems)))
    return tuple(found)


def violations_of(error: SettingsError | UsageError) -> tuple[Violation, ...]:
    """One violation a problem; none for what is wrong with no line of a file."""
    if isinstance(error, SettingsError):
        return tuple(_violation(problem.at, str(problem), problem) for problem in error.problems)
    if match := _LINE.fullmatch(str(error)):
        return (_violation(Origin(file=match["file"], key="", line=int(match["line"])), match["said"]),)
    return ()


def _violation(at: Origin, message: str, problem: Problem | None = None) -> Violation:
    return Violation(
        policy=_POLICY,
        level="mandatory",
        severity="high",
        message=message,
        found=message if problem is None else f"{problem.key}: {problem.found}",
        required="" if problem is None else problem.allowed,
        why=_WHY,
        undecided=False,
        fix="" if problem is None else f"For example: {problem.example}",
        places=(Place(file=at.file, line=at.line or 1, key=at.key),),
    )
