"""Task definition revisions by their ARNs."""

from __future__ import annotations


def short(revision: str) -> str:
    """`family:number` of a revision's ARN."""
    return revision.rsplit("/", 1)[-1]


def number(revision: str) -> int:
    """How many revisions of the family there were when this one was registered; 0 for a family without a number."""
    text = revision.rsplit(":", 1)[-1]
    return int(text) if text.isdigit() else 0


def family(revision: str) -> str:
    """The family that a revision is of."""
    return short(revision).split(":", 1)[0]
