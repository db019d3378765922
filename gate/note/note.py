"""gate.json as one note in Markdown for all stages: what decides is open, the rest is folded, and over a limit whole sections go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gate.document import Cause, DatabaseBudget, Document, Stage, Verdict, Violation
from gate.inert import code, line, prose
from gate.note.budget_bar import bars
from gate.note.changes import change_sections, lost, only_churn
from gate.note.parts import Section, count, diff_block, folded, part, short, some, text_block, word

GITLAB_LIMIT = 1_000_000
"""Characters of a note on GitLab (docs.gitlab.com, "GitLab application limits", size of comments)."""
GITHUB_LIMIT = 65_536
"""Characters of a comment on GitHub."""

_SIGN: dict[Verdict, str] = {"ok": "✅", "refused": "⛔", "failed": "❌"}
_SAYS: dict[Verdict, str] = {
    "ok": "ok",
    "refused": "refused",
    "failed": "failed: nothing was decided, which is no pass",
}
_ORDER = ("create", "update", "replace", "delete", "import", "forget", "read", "refresh")
_CUT_LENGTH = 2_000
_URL = re.compile(r"https?://[\w.:/%~@?&=#+,-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note that is not cut yet: making its sections takes longer than everything else."""

    head: str
    sections: tuple[Section, ...]
    foot: str
    job_url: str

    def within(self, limit: int = GITLAB_LIMIT) -> str:
        """At most `limit` characters. Sections that do not fit go from the end of the most important on."""
        room = limit - len(self.head) - len(self.foot) - _CUT_LENGTH
        kept: list[str] = [self.head]
        left_out: list[str] = []
        for section in self.sections:
            if len(section.text) + 2 <= room:
                kept.append(section.text)
                room -= len(section.text) + 2
            else:
                left_out.append(section.title)
        if left_out:
            kept.append(_cut(left_out, self.job_url))
        return "\n\n".join((*kept, self.foot)) + "\n"


def drafted(document: Document) -> Note:
    """The note of all stages, to be cut where it is shown."""
    return Note(
        head=_head(document),
        sections=tuple(_sections(document)),
        foot=_foot(document),
        job_url=document.source.job_url,
    )


def _cut(titles: list[str], job_url: str) -> str:
    where = f"[the artifacts of this job]({job_url})" if _URL.fullmatch(job_url) else "the artifacts of this job"
    counted = ", ".join(f"{title} ({titles.count(title)})" for title in dict.fromkeys(titles))
    return f"⚠ **Too long for one note.** Left out: {counted}. All of it is in `gate.json` and `gate.md` among {where}."


def _head(document: Document) -> str:
    rows = [f"## {_SIGN[document.verdict]} {code(short(document.project))}: {_SAYS[document.verdict]}", ""]
    rows += [f"- {_SIGN[stage.verdict]} **{word(stage.name)}**: {_tally(stage)}" for stage in document.stages]
    return "\n".join(rows)


def _tally(stage: Stage) -> str:
    counts = [f"{operation} {stage.counts[operation]:,}" for operation in _ORDER if stage.counts.get(operation)]
    said = " · ".join(counts) or ("nothing changes" if stage.verdict != "failed" else "no changes are known")
    same = f" · {stage.counts['same']:,} stay as they are" if stage.counts.get("same") else ""
    churn = sum(map(only_churn, stage.changes))
    builds = f" · {churn:,} of them only with the build (image digests, revisions)" if churn else ""
    stops = sum(violation.level == "mandatory" for violation in stage.violations)
    warns = len(stage.violations) - stops
    stopped = f" · **{count(stops, 'violation')}**" if stops else ""
    warned = f" · {count(warns, 'warning')}" if warns else ""
    return f"{_SAYS[stage.verdict]} · {said}{builds}{same}{stopped}{warned}"


def _sections(document: Document) -> Iterator[Section]:
    """By weight: what decides, what is lost, the budget; then what is folded."""
    yield from _reasons(document)
    yield from _gate_changes(document)
    yield from lost(document)
    yield from _budgets(document)
    for stage in document.stages:
        for violation in stage.violations:
            if violation.level == "mandatory":
                yield Section(_violation(stage, violation), "violations")
    for stage in document.stages:
        for violation in stage.violations:
            if violation.level != "mandatory":
                yield Section(folded(f"⚠ {stage.name}: {violation.policy}", _violation(stage, violation)), "warnings")
    yield from change_sections(document)
    yield from _clients(document)
    for stage in document.stages:
        yield from _stage_rest(stage)


def _reasons(document: Document) -> Iterator[Section]:
    for stage in document.stages:
        if stage.reasons:
            rows = [f"- **{word(stage.name)}:** {prose(reason)}" for reason in stage.reasons]
            yield Section("\n".join(rows), "reasons")
        if stage.verdict == "failed":
            for message in stage.messages:
                if message.severity == "error":
                    yield Section(text_block(message.text.split("\n")), "errors")


def _gate_changes(document: Document) -> Iterator[Section]:
    if document.gate_changes:
        rows = [
            f"- {'⚠ **weaker:** ' if change.weaker else '**change:** '}{prose(change.what)}"
            for change in sorted(document.gate_changes, key=lambda change: not change.weaker)
        ]
        yield Section("\n".join(("### The gate itself changes", "", *rows)), "changes to the gate")


def _budgets(document: Document) -> Iterator[Section]:
    rows: list[str] = []
    said: list[str] = []
    for stage in document.stages:
        if stage.budget_missing:
            said.append(f"- **{word(stage.name)}:** {prose(stage.budget_missing)}")
        for entry in stage.budgets:
            rows += bars(stage.name, entry)
            said += [f"- **{word(entry.database)}:** {prose(finding)}" for finding in entry.findings]
            said += [f"- **Would fit:** {prose(way)}" for way in entry.ways_out]
    if rows or said:
        parts = ["### Connection budget", *([diff_block(rows)] if rows else []), *(["\n".join(said)] if said else [])]
        yield Section("\n\n".join(parts), "connection budget")


def _clients(document: Document) -> Iterator[Section]:
    for stage in document.stages:
        for entry in stage.budgets:
            if (entry.after or entry.before) is not None:
                shown = text_block(_workloads(entry))
                yield Section(folded(f"{stage.name}: who opens connections on {entry.database}", shown), "workloads")


def _workloads(entry: DatabaseBudget) -> list[str]:
    before = {workload.urn: workload for workload in entry.before.workloads} if entry.before else {}
    budget = entry.after or entry.before
    assert budget is not None
    rows = [f"max_connections {budget.max_connections:,}: {line(budget.source)}; {budget.reserve:,} in reserve"]
    workloads = sorted(budget.workloads, key=lambda workload: -workload.demand)
    width = max((len(line(workload.name)) for workload in workloads), default=0)
    for workload in workloads:
        each = f"{workload.limit} x {workload.processes} x {workload.pools} + {workload.outside_pool}"
        old = before.get(workload.urn)
        was = f", was {old.demand:,}" if old and old.demand != workload.demand else "" if old or not before else ", new"
        rows.append(
            f"{line(workload.name):{width}} {workload.demand:>7,} = ({each}) x {workload.tasks_alive} tasks"
            f" ({workload.why}){was}"
        )
    now = {workload.urn for workload in workloads}
    rows += [f"{line(old.name):{width}}       0, was {old.demand:,}" for urn, old in before.items() if urn not in now]
    return rows


def _violation(stage: Stage, violation: Violation) -> str:
    sign = "⛔" if violation.level == "mandatory" else "⚠"
    about = [word(stage.name), violation.level, *([prose(violation.severity)] if violation.severity else [])]
    if violation.undecided:
        about.append("could not decide, which is no pass")
    rows = [f"#### {sign} {code(violation.policy)} · {' · '.join(about)}", ""]
    alone = len(violation.causes) < 2
    parts = (("Found", violation.found), ("Required", violation.required)) if alone else ()
    parts = ("Cause", violation.cause), *parts
    rows += [part(label, text) for label, text in parts if text.strip()]
    rows += [] if alone else [_cause(cause) for cause in violation.causes]
    parts = ("Why", violation.why), ("Fix", violation.fix)
    rows += [part(label, text) for label, text in parts if text.strip()]
    if violation.joined:
        rows.append(f"- **Undecided with it:** {some([code(policy) for policy in violation.joined])}")
    if violation.places:
        named = [f"{code(f'{place.file}:{place.line}')} ({code(place.key)})" for place in violation.places]
        rows.append(f"- **Written in:** {some(named)}")
    if violation.resources and alone:
        rows.append(f"- **Concerns:** {some([code(resource.name) for resource in violation.resources])}")
    message = text_block(violation.message.split("\n"))
    if violation.fix and (violation.cause or violation.found):
        message = folded("whole message", message)
    return "\n".join((*rows, "", message))


def _cause(cause: Cause) -> str:
    """One of several causes, with what it concerns."""
    required = f" **Required:** {prose(cause.required)}" if cause.required else ""
    about = f" **Concerns:** {some([code(resource.name) for resource in cause.resources])}" if cause.resources else ""
    return f"- **Found:** {prose(cause.found)}{required}{about}"


def _stage_rest(stage: Stage) -> Iterator[Section]:
    name = stage.name
    if stage.exceptions:
        rows = [
            f"- {code(excused.policy)}: {prose(excused.text)}{'' if excused.used else ' **Nothing needs it.**'}"
            for excused in stage.exceptions
        ]
        yield Section(folded(f"{name}: {count(len(rows), 'exception')}", "\n".join(rows)), "exceptions")
    if stage.policies:
        passed = sum(policy.verdict == "passed" for policy in stage.policies)
        rows = [
            f"{policy.verdict:9} {line(policy.name)}{f' ({policy.level})' if policy.level else ''}"
            for policy in sorted(stage.policies, key=lambda policy: policy.verdict)
        ]
        summary = f"{name}: {passed} of {count(len(rows), 'policy')} passed"
        yield Section(folded(summary, text_block(rows)), "policies")
    said = [message for message in stage.messages if stage.verdict != "failed" or message.severity != "error"]
    if said:
        rows = [f"{message.severity}: {row}" for message in said for row in message.text.split("\n")]
        yield Section(folded(f"{name}: what the run said", text_block(rows)), "messages")


def _foot(document: Document) -> str:
    source = document.source
    engines = [
        f"{word(stage.name)}: {stage.engine.kind} engine{f' {code(stage.engine.version)}' if stage.engine.version else ''}"
        f", {_packs(stage)}, {stage.seconds} s"
        for stage in document.stages
    ]
    origin = [f"commit {code(short(source.commit))}"] if source.commit else []
    if source.pipeline:
        linked = _URL.fullmatch(source.pipeline_url)
        origin.append(
            f"[pipeline {source.pipeline}]({source.pipeline_url})" if linked else f"pipeline {source.pipeline}"
        )
    return "---\n\n" + " · ".join((*engines, *origin))


def _packs(stage: Stage) -> str:
    return " and ".join(code(f"{pack.name} {pack.version}".strip()) for pack in stage.packs) or "no policy pack"
