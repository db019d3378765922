"""The hidden mark of a note: whose it is, and which pipeline wrote it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

_FORM = re.compile(
    r"<!-- gate:(?P<name>[\w.-]+) pipeline=(?P<pipeline>\d{1,18}) job=(?P<job>\d{1,18}) text=(?P<digest>[0-9a-f]{16}) -->\n"
)
MARK_LENGTH = 300
"""Characters to keep free for the mark."""


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Mark:
    """The first line of a note. Marks are ordered as pipelines are."""

    pipeline: int
    """Grows from pipeline to pipeline."""
    job: int
    """The same inside a pipeline: a repeated job is the newer one."""
    name: str
    """The project that the gate judges: one merge request may have the notes of several."""
    digest: str = ""

    @property
    def rank(self) -> tuple[int, int]:
        """What decides which text is the newer."""
        return (self.pipeline, self.job)

    def on(self, text: str) -> str:
        """The text with the mark as its first line, which no reader sees."""
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return f"<!-- gate:{self.name} pipeline={self.pipeline} job={self.job} text={digest} -->\n{text}"


def name_of(project: str) -> str:
    """A project's name as a mark holds it."""
    return re.sub(r"[^\w.-]+", "-", project, flags=re.ASCII)[:100] or "-"


def marked(body: str, name: str) -> Mark | None:
    """The mark that a note begins with; None where it is another's. A mark inside a text is none."""
    found = _FORM.match(body.replace("\r\n", "\n"))
    if found is None or found["name"] != name:
        return None
    return Mark(pipeline=int(found["pipeline"]), job=int(found["job"]), name=name, digest=found["digest"])


def unmarked(body: str) -> str:
    """The text without the mark."""
    return _FORM.sub("", body.replace("\r\n", "\n"), count=1)
