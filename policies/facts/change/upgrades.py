"""From which version of its engine to which a database goes."""

from __future__ import annotations

from dataclasses import dataclass

from policies.facts.change.plan import Plan
from policies.facts.database.engine_versions import major_version, version_order
from policies.resources.graph import Resource
from policies.resources.reading import optional
from policies.resources.requested import asked_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """A database that was there, with its versions before and after. back: to an older one. major: to another major one."""

    old: str
    new: str
    back: bool
    major: bool


def upgrade_of(plan: Plan, database: Resource) -> Upgrade | None:
    """What becomes of a database's version; None for a new one, and where a version is not known."""
    before = plan.before(database)
    if before is None:
        return None
    engine = optional(asked_text(database, "engine"), "")
    old, new = (optional(asked_text(each, "engineVersion"), "") for each in (before, database))
    majors = major_version(engine, old), major_version(engine, new)
    if None in majors:
        return None
    parts = [_numbers(each) for each in (old, new)]
    common = min(map(len, parts))
    return Upgrade(old=old, new=new, back=parts[1][:common] < parts[0][:common], major=majors[0] != majors[1])


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers that a version begins with: of "8.0.mysql_aurora.3.05.2" those of MySQL."""
    digits: list[str] = []
    for part in version.split("."):
        if not part.isdigit():
            break
        digits.append(part)
    return version_order(".".join(digits))
