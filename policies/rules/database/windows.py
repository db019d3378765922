"""The policy `database-windows-apart`: backup and maintenance windows are ones that AWS takes, and do not overlap."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.resources.graph import Resource
from policies.resources.outcomes import Absent
from policies.resources.reading import required
from policies.resources.requested import asked_text
from policies.resources.tokens import DB_CLUSTER, DB_INSTANCE
from policies.rules.policy import PRD_ONLY
from policies.rules.rule import Problem, Stack, policy

_DAY, _WEEK = 24 * 60, 7 * 24 * 60
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_DAILY = re.compile(rf"{_CLOCK}-{_CLOCK}")
_WEEKLY = re.compile(rf"({'|'.join(_DAYS)}):{_CLOCK}-({'|'.join(_DAYS)}):{_CLOCK}")


@dataclass(frozen=True, slots=True)
class _Windows:
    """The properties of a type's daily window, of backups, and of its weekly one, of maintenance; the least minutes of each."""

    daily: str
    weekly: str
    least: int = 30


_CLUSTER = _Windows("preferredBackupWindow", "preferredMaintenanceWindow")
_CACHE = _Windows("snapshotWindow", "maintenanceWindow", 60)
_WINDOWS: Mapping[str, _Windows] = {
    DB_INSTANCE: _Windows("backupWindow", "maintenanceWindow"),
    DB_CLUSTER: _CLUSTER,
    "aws:docdb/cluster:Cluster": _CLUSTER,
    "aws:neptune/cluster:Cluster": _CLUSTER,
    "aws:elasticache/cluster:Cluster": _CACHE,
    "aws:elasticache/replicationGroup:ReplicationGroup": _CACHE,
    "aws:memorydb/cluster:Cluster": _CACHE,
}
"""From the API references of RDS, DocumentDB, Neptune, ElastiCache and MemoryDB."""


@policy(
    what="A database's backup and maintenance windows are ones that AWS takes, and do not overlap.",
    why="AWS refuses windows that overlap, are too short or written otherwise, half-way through the deployment.",
    severity="medium",
    how_to_fix='Write them in UTC, such as "17:00-18:00" and "sat:18:30-sat:19:30", half an hour or longer and apart.',
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupWindow.html",
    levels=PRD_ONLY,
    types=_WINDOWS,
)
def database_windows_apart(_: Stack, database: Resource) -> Iterator[Problem]:
    windows = _WINDOWS[database.type]
    spans: list[range] = []
    texts: list[str] = []
    for prop, form, example in (
        (windows.daily, _DAILY, "17:00-18:00"),
        (windows.weekly, _WEEKLY, "sat:18:30-sat:19:30"),
    ):
        found = asked_text(database, prop)
        if isinstance(found, Absent):
            continue
        text = required(found).strip().lower()
        match = form.fullmatch(text)
        if match is None:
            yield Problem(f'{prop} is "{text[:40]}"', f'hours and minutes in UTC, such as "{example}"')
            continue
        span = _daily(match) if form is _DAILY else _weekly(match)
        if len(span) < windows.least:
            yield Problem(f"{prop} {text} is {len(span)} minutes long", f"at least {windows.least} minutes")
        elif len(span) > _DAY:
            yield Problem(f"{prop} {text} is {len(span) // 60} hours long", "at most 24 hours")
        spans.append(span)
        texts.append(f"{prop} {text}")
    if len(spans) == 2 and {minute % _DAY for minute in spans[0]} & {minute % _DAY for minute in spans[1]}:
        yield Problem(f"{texts[0]} and {texts[1]} overlap", "windows apart")


def _daily(match: re.Match[str]) -> range:
    begin, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    return range(begin, end if end >= begin else end + _DAY)


def _weekly(match: re.Match[str]) -> range:
    begin = _DAYS.index(match[1]) * _DAY + int(match[2]) * 60 + int(match[3])
    end = _DAYS.index(match[4]) * _DAY + int(match[5]) * 60 + int(match[6])
    return range(begin, end if end >= begin else end + _WEEK)
