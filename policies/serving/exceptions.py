"""Exceptions from policies: who answers for one, for which resources, why, and until when."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import cast

from policies.resources.documents import DocumentError, read_yaml
from policies.rules.policy import LENIENT_STAGE

BUDGET = frozenset({"connection-budget", "connection-budget-at-registration"})
"""Policies without exceptions outside dev: what they forbid takes everybody down at once."""
_TYPE = re.compile(r"[A-Za-z0-9_-]+:[A-Za-z0-9_/.-]+:[A-Za-z0-9_-]+")
_WILD = re.compile(r"\[[^\]]*\]|[*?]")
_LITERAL = 3
"""Letters and digits of a name that a pattern has at least: fewer excuse what nobody has seen."""
_FIELDS = ("policy", "resource", "reason", "owner", "expires")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyException:
    """One entry. resource: a pattern of URNs (*, ?, [set]). expires: the last day it holds."""

    policy: str
    resource: str
    reason: str
    owner: str
    expires: date

    def concerns(self, stage: str, project: str) -> bool:
        """Whether it may hold in a stage's stack of a project; an empty project may be any."""
        ours = not project or fnmatch.fnmatchcase(project, self.resource.split("::")[1])
        return ours and fnmatch.fnmatchcase(stage, self.stack)

    @property
    def any_project(self) -> bool:
        """Whether it is meant for whatever project has such a resource."""
        return bool(_WILD.search(self.resource.split("::")[1]))

    @property
    def stack(self) -> str:
        """The pattern of the stack in the URN's third part."""
        return self.resource.split(":")[2]

    def covers(self, urn: str) -> bool:
        """Whether a resource is meant."""
        return fnmatch.fnmatchcase(urn, self.resource)

    def __str__(self) -> str:
        return f"{self.policy} for {self.resource} ({self.reason}; {self.owner}, until {self.expires})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceptions:
    """All entries, and what is wrong with the file in sentences. today: the day that decides about expiry, UTC."""

    today: date
    entries: Sequence[PolicyException] = ()
    problems: Sequence[str] = ()

    def excuse(self, policy: str, urn: str) -> PolicyException | None:
        """The entry that excuses a finding, None where none does; an expired one excuses nothing."""
        for entry in self.entries:
            if entry.policy == policy and entry.expires >= self.today and urn and entry.covers(urn):
                return entry
        return None

    def expired(self, stage: str, project: str = "") -> list[PolicyException]:
        """Entries for a stack that have ended."""
        return [entry for entry in self.entries if entry.expires < self.today and entry.concerns(stage, project)]

    def too_long(self, stage: str, project: str, days: int) -> list[PolicyException]:
        """Entries for a stack that hold for more than so many days from today."""
        last = self.today + timedelta(days=days)
        return [entry for entry in self.current(stage, project) if entry.expires > last]

    def current(self, stage: str, project: str = "") -> list[PolicyException]:
        """Entries for a stack that hold."""
        return [entry for entry in self.entries if entry.expires >= self.today and entry.concerns(stage, project)]


def load_exceptions(path: Path, *, known: frozenset[str], today: date) -> Exceptions:
    """The file's entries; a file that is not there has none. known: the names of all policies."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Exceptions(today=today)
    except (OSError, ValueError) as error:
        return Exceptions(today=today, problems=(f"{path.name} cannot be read: {error}.",))
    return parse_exceptions(text, name=path.name, known=known, today=today)


def parse_exceptions(text: str, *, name: str, known: frozenset[str], today: date) -> Exceptions:
    """The entries of a document. What is wrong with one is reported, and it excuses nothing."""
    try:
        document: object = read_yaml(text)
    except DocumentError as error:
        return Exceptions(today=today, problems=(f"{name} is not YAML: {error}.",))
    listed: object = cast("dict[str, object]", document).get("exceptions") if isinstance(document, dict) else document
    if listed is None:
        return Exceptions(today=today)
    if not isinstance(listed, list):
        return Exceptions(today=today, problems=(f'{name} has to be a list of exceptions under the key "exceptions".',))
    entries: list[PolicyException] = []
    problems: list[str] = []
    for position, item in enumerate(cast("list[object]", listed), start=1):
        found = _entry(item, known)
        if isinstance(found, PolicyException):
            entries.append(found)
        else:
            problems.extend(f"{name}, entry {position}: {problem}" for problem in found)
    return Exceptions(today=today, entries=tuple(entries), problems=tuple(problems))


def _entry(item: object, known: frozenset[str]) -> PolicyException | list[str]:
    """An entry, or every sentence that says why it is none."""
    fields = cast("Mapping[str, object]", item) if isinstance(item, dict) else {}
    problems: list[str] = []
    if unknown := sorted(str(key) for key in fields.keys() - set(_FIELDS)):
        problems.append(f"the field {', '.join(unknown)} is not known. Required: {', '.join(_FIELDS)}.")
    texts: dict[str, str] = {}
    for field in _FIELDS[:4]:
        value = fields.get(field)
        texts[field] = value.strip() if isinstance(value, str) else ""
        if not texts[field]:
            problems.append(f"{field} is missing. Required: {', '.join(_FIELDS)}, each not empty.")
    expires = fields.get("expires")
    if isinstance(expires, datetime):
        problems.append(
            f"expires has a time, {expires}. Required: a day alone, such as {expires.date()}, whose end is meant."
        )
    elif not isinstance(expires, date):
        problems.append("expires is not a date. Required: the last day the exception holds, such as 2027-01-31.")
    policy, resource = texts["policy"], texts["resource"]
    if policy and policy not in known:
        problems.append(
            f'"{policy}" is not a policy. Required: one policy by its full name; ./run policies lists them.'
        )
    if resource and (problem := _resource_problem(resource)):
        problems.append(problem)
    elif policy in BUDGET and resource and (stack := resource.split(":")[2]) != LENIENT_STAGE:
        problems.append(
            f'{policy} has no exceptions outside {LENIENT_STAGE}, and the pattern is for "{stack}". Fix the budget instead.'
        )
    if problems or not isinstance(expires, date):
        return problems
    return PolicyException(
        policy=policy, resource=resource, reason=texts["reason"], owner=texts["owner"], expires=expires
    )


def _resource_problem(pattern: str) -> str:
    """Why a pattern names no resources that somebody can answer for; empty where it does."""
    parts = pattern.split("::", 3)
    if not pattern.startswith("urn:pulumi:") or len(parts) < 4:
        why = "is not a pattern of resources"
    elif not _TYPE.fullmatch(parts[2].rpartition("$")[2]):
        why = "names no resource type"
    elif parts[3] != (text := _WILD.sub("", parts[3])) and len(re.findall(r"[A-Za-z0-9]", text)) < _LITERAL:
        why = "names no resource: its name is hardly more than wildcards"
    else:
        return ""
    return (
        f'"{pattern}" {why}. Required: a URN with a resource type and, at its end, a name or at least {_LITERAL} letters of one, '
        "such as urn:pulumi:dev::*::*$aws:ecr/repository:Repository::*-cache."
    )
