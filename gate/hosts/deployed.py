"""A deployment's outcome, in one line of the note of the merge request that it came from."""

from __future__ import annotations

import re
import time
from typing import Literal

from gate.hosts.ci import Environment, project_of, whole
from gate.hosts.gitlab import MergeRequest, merged_request
from gate.hosts.mark import Mark, marked, name_of, unmarked
from gate.hosts.single_note import Board, Pause, PublishError, amend
from gate.inert import prose, terminal
from gate.note.parts import short, word

Outcome = Literal["deployed", "rolled-back", "failed"]
_SAYS: dict[Outcome, tuple[str, str]] = {
    "deployed": ("🚀", "deployed, and verified"),
    "rolled-back": ("↩", "rolled back"),
    "failed": ("❌", "failed"),
}
# The mark stands behind the text: a line that begins with a comment would be HTML, not Markdown.
_LINE = re.compile(r"[🚀↩❌] .*<!-- deployed:(?P<stage>[\w.-]+) pipeline=(?P<pipeline>\d{1,18}) -->(?:\n|$)")


def report(
    project: str, stage: str, outcome: Outcome, why: str, environment: Environment, *, pause: Pause = time.sleep
) -> str:
    """Find the request by the job's commit and put the line there. What became of it, in a sentence; it changes no exit code.

    why: what `verify` said, or what was rolled back and why.
    """
    where = project_of(environment)
    if isinstance(where, str):
        return where
    try:
        number = merged_request(where, environment.get("CI_COMMIT_SHA", ""))
        if number is None:
            return "no note is changed: the commit came by no merge request"
        pipeline = whole(environment.get("CI_PIPELINE_ID", ""))
        return amended(MergeRequest(where, number), project, stage, outcome, why, pipeline, pause=pause)
    except PublishError as error:
        return f"the note of the merge request is not changed. {terminal(str(error))}"


def amended(
    board: Board, project: str, stage: str, outcome: Outcome, why: str, pipeline: int, *, pause: Pause = time.sleep
) -> str:
    """The line of this stage in the note: the newest pipeline's, one a stage."""
    name = name_of(project)
    row = line_of(stage, outcome, why, pipeline)

    def change(body: str) -> str:
        mark = marked(body, name) or Mark(pipeline=0, job=0, name=name)
        return mark.on(with_line(unmarked(body), row))

    return amend(board, name, change, pause=pause)


def line_of(stage: str, outcome: Outcome, why: str, pipeline: int) -> str:
    """One line of Markdown, with a hidden mark that says whose it is."""
    said, (sign, what) = prose(" ".join(short(why).split())), _SAYS[outcome]
    return (
        f"{sign} **{word(stage)}** {what} by pipeline {pipeline}{f': {said}' if said else ''}"
        f" <!-- deployed:{name_of(stage)} pipeline={pipeline} -->"
    )


def with_line(text: str, row: str) -> str:
    """The note with the line at its head, in the place of an older one of the same stage. Twice is once."""
    new = _LINE.match(row)
    assert new is not None
    lines: dict[str, str] = {}
    rest = text
    while found := _LINE.match(rest):
        lines[found["stage"]] = found[0].rstrip("\n")
        rest = rest[found.end() :].lstrip("\n")
    there = _LINE.match(lines.get(new["stage"], ""))
    if there is None or int(there["pipeline"]) <= int(new["pipeline"]):
        lines[new["stage"]] = row
    return "\n\n".join((*(lines[stage] for stage in sorted(lines)), rest))
