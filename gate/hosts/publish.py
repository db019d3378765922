"""The note where people look: in the request, in GitHub's summary of the job, and on standard output for everybody else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gate.document import Document
from gate.hosts.ci import Environment, board_of, job_of
from gate.hosts.github import PullRequest
from gate.hosts.mark import MARK_LENGTH, Mark, name_of
from gate.hosts.single_note import PublishError, publish
from gate.inert import terminal
from gate.note.note import GITHUB_LIMIT, GITLAB_LIMIT, Note

_SUMMARY_LIMIT = 1_000_000
"""Bytes of a job's summary on GitHub are 1 MiB; a character is up to four."""
_FOR_THE_DEPLOYMENT = 4_000
"""Characters kept free for the lines of gate/hosts/deployed.py."""


def show(document: Document, environment: Environment, note: Note, *, write: Callable[[str], None] = print) -> None:
    """Print the note, and put it where the CI job can. That it cannot is said and changes no verdict: the files are there."""
    write(terminal(note.within()))
    summary = environment.get("GITHUB_STEP_SUMMARY", "")
    if summary:
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(note.within(_SUMMARY_LIMIT // 4))
    board = board_of(environment)
    if isinstance(board, str):
        write(f"gate: {board}.")
        return
    limit = (GITHUB_LIMIT if isinstance(board, PullRequest) else GITLAB_LIMIT) - MARK_LENGTH - _FOR_THE_DEPLOYMENT
    mark = Mark(pipeline=document.source.pipeline, job=job_of(environment), name=name_of(document.project))
    try:
        write(f"gate: {publish(board, note.within(limit), mark)}.")
    except PublishError as error:
        write(f"gate: the note is not in the request. {terminal(str(error))} The same text is above and in gate.md.")
