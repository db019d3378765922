"""Exceptions from policies: who answers for one, for which resources, why, and until when."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

from policies.resources.documents import DocumentError, read_yaml
from policies.rules.policy import LENIENT_STAGE

BUDGET = frozenset({"connection-budget", "connection-budget-at-registration"})
"""Policies without exceptions outside dev: what they forbid takes everybody down at once."""
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
        return Exceptions(today=today, problems=(f"{path.name} cannot be read: {error}",))
    return parse_exceptions(text, name=path.name, known=known, today=today)


def parse_exceptions(text: str, *, name: str, known: frozenset[str], today: date) -> Exceptions:
    """The entries of a document. What is wrong with one is told, and it excuses nothing."""
    try:
        document: object = read_yaml(text)
    except DocumentError as error:
        return Exceptions(today=today, problems=(f"{name} is no YAML: {error}",))
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
            problems.append(f"{name}, entry {position}: {found}")
    return Exceptions(today=today, entries=tuple(entries), problems=tuple(problems))


def _entry(item: object, known: frozenset[str]) -> PolicyException | str:
    """An entry, or the sentence that says why it is none."""
    fields = cast("Mapping[str, object]", item) if isinstance(item, dict) else {}
    if unknown := sorted(str(key) for key in fields.keys() - set(_FIELDS)):
        return f"the field {', '.join(unknown)} is not known. Required: {', '.join(_FIELDS)}."
    texts: dict[str, str] = {}
    for field in _FIELDS[:4]:
        value = fields.get(field)
        if not isinstance(value, str) or not value.strip():
            return f"{field} is missing. Required: {', '.join(_FIELDS)}, each not empty."
        texts[field] = value.strip()
    expires = fields.get("expires")
    if not isinstance(expires, date):
        return "expires is no date. Required: the last day the exception holds, such as 2027-01-31."
    policy, resource = texts["policy"], texts["resource"]
    if policy not in known:
        return f'"{policy}" is no policy. Required: one policy by its full name; ./run policies lists them.'
    parts = resource.split("::")
    if not resource.startswith("urn:pulumi:") or len(parts) < 4 or not parts[-1].strip("*"):
        return (
            f'"{resource}" is no pattern of resources. Required: a URN in which * stands for anything, with a name at its end, '
            "such as urn:pulumi:dev::*::*aws:ecr/repository:Repository::*-cache."
        )
    entry = PolicyException(
        policy=policy, resource=resource, reason=texts["reason"], owner=texts["owner"], expires=expires
    )
    if policy in BUDGET and entry.stack != LENIENT_STAGE:
        return f'{policy} has no exceptions outside {LENIENT_STAGE}, and the pattern is for "{entry.stack}". Fix the budget instead.'
    return entry
