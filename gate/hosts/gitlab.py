"""The gate's note in a GitLab merge request: found again by a hidden mark, updated in place, one and never a second.

GitLab's notes API knows no condition on a write. So whoever writes reads again until the request shows what it has to: one note
of this token's, the oldest, with the text of the newest pipeline. Every step may be repeated, and after every wait (429, 5xx)
reading comes first. Whatever two pipelines do at once, both end there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import gitlab
from gitlab.exceptions import GitlabAuthenticationError, GitlabError, GitlabParsingError, RedirectError

from gate.hosts.mark import Mark, marked
from gate.inert import line
from gate.note.note import GITLAB_LIMIT

_TRANSIENT = frozenset({409, 429, *range(500, 600)})
_ONCE: dict[str, Any] = {"obey_rate_limit": False}
"""The client repeats nothing by itself: after a wait, reading comes first."""
_MOST_READINGS = 12
_SETTLE = 2.0
"""Seconds between a write and the look at what became of it: a pipeline at the same time has written by then."""
PATIENCE = 180.0
"""Seconds that GitLab may make the gate wait altogether."""


class PublishError(Exception):
    """The note is not there, with a sentence that says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeRequest:
    """Where the note belongs, and with what it is written."""

    url: str
    token: str
    project: str
    """Its number, or its full path."""
    number: int
    """The request's iid."""


@dataclass(slots=True)
class _Wait:
    """How long GitLab asked to wait; its client does not tell."""

    asked: float = 0.0


class Notes:
    """The notes of one merge request."""

    def __init__(self, request: MergeRequest, *, pause: Callable[[float], None] = time.sleep) -> None:
        self._pause = pause
        self._wait = _Wait()
        self._api = connect(request, self._wait)
        project = self._api.projects.get(request.project, lazy=True)
        self._requests = project.mergerequests
        self._number = request.number
        self._me: int | None = None
        self._patience = PATIENCE
        self._failures = 0

    def publish(self, text: str, mark: Mark) -> str:
        """Show the text, unless a newer pipeline's is there. Returns what became of it, in a sentence. Raises PublishError."""

        def wanted(notes: list[Any]) -> str:
            newest = max(notes, key=lambda note: _mark(note, mark.name), default=None)
            if newest is not None and _mark(newest, mark.name).rank > mark.rank:
                return str(newest.body)
            return mark.on(text)

        return self._settled(mark.name, wanted, only_open=True)

    def amend(self, name: str, change: Callable[[str], str]) -> str:
        """Change the text of the note that is there, or make it from nothing, whatever became of the request."""

        def wanted(notes: list[Any]) -> str:
            newest = max(notes, key=lambda note: _mark(note, name), default=None)
            return change(str(newest.body) if newest is not None else "")

        return self._settled(name, wanted, only_open=False)

    def _settled(self, name: str, wanted: Callable[[list[Any]], str], *, only_open: bool) -> str:
        said = "the note in the merge request says so already"
        readings = 0
        while readings < _MOST_READINGS:
            try:
                request = self._requests.get(self._number, **_ONCE)
                if only_open and request.state not in ("opened", "locked"):
                    return f"no note is written: the merge request is {line(str(request.state))}"
                notes = self._own(request, name)
                text = wanted(notes)
                if not self._write(request, notes, text, name):
                    return said
                said = "the note in the merge request is up to date"
                readings += 1
                self._pause(_SETTLE)
            except (GitlabError, OSError, ValueError) as error:
                self._bear(error)
        raise PublishError("The note did not settle: other jobs keep writing it. Run the job again.")

    def _own(self, request: Any, name: str) -> list[Any]:
        """The marked notes that this token's user wrote, oldest first: anybody can write a mark."""
        if self._me is None:
            user: Any = self._api.http_get("/user", **_ONCE)
            self._me = int(user["id"])
        listed: Iterator[Any] = request.notes.list(
            iterator=True, per_page=100, order_by="created_at", sort="asc", **_ONCE
        )
        own = {
            int(note.id): note
            for note in listed
            if not note.system and note.author["id"] == self._me and marked(str(note.body), name) is not None
        }
        return [own[number] for number in sorted(own)]

    def _write(self, request: Any, notes: list[Any], text: str, name: str) -> bool:
        """One round of writing; whether there was anything to write."""
        if not notes:
            request.notes.create({"body": text}, **_ONCE)
            return True
        first, *others = notes
        wrote = False
        if _mark(first, name) != marked(text, name):
            wrote = self._if_there(lambda: request.notes.update(first.id, {"body": text}, **_ONCE))
        for note in others:
            wrote = self._if_there(lambda note=note: request.notes.delete(note.id, **_ONCE)) or wrote
        return wrote

    def _if_there(self, write: Callable[[], Any]) -> bool:
        """Somebody may have deleted a note since it was read: reading again finds what to do then."""
        try:
            write()
        except GitlabError as error:
            if error.response_code != 404:
                raise
        return True

    def _bear(self, error: Exception) -> None:
        """Wait out what passes; otherwise PublishError."""
        code = getattr(error, "response_code", None)
        passing = code in _TRANSIENT or (isinstance(error, OSError) and not isinstance(error, PublishError))
        if not passing and not isinstance(error, GitlabParsingError):
            raise PublishError(explained(error)) from None
        wait = self._wait.asked or 2.0**self._failures
        self._failures += 1
        self._wait.asked = 0.0
        if wait > self._patience:
            raise PublishError(
                f"GitLab would have the gate wait longer than {PATIENCE:.0f} s: {explained(error)}"
            ) from None
        self._patience -= wait
        self._pause(wait)


def connect(request: MergeRequest, wait: _Wait | None = None) -> gitlab.Gitlab:
    """The client; it takes the token to no other host."""
    api = gitlab.Gitlab(
        request.url, private_token=request.token, timeout=30, keep_base_url=True, user_agent="category-analyzer-gate"
    )

    def look(response: Any, **_: Any) -> None:
        target = response.headers.get("Location", "")
        if response.is_redirect and urlsplit(target).netloc not in ("", urlsplit(response.url).netloc):
            raise PublishError(
                f"GitLab at {line(request.url)} sends the client to another host, {line(urlsplit(target).netloc)}, and the "
                "token is not sent there. Set CI_SERVER_URL to GitLab's present address."
            )
        if wait is not None:
            asked = response.headers.get("Retry-After", "")
            wait.asked = float(asked) if asked.isdecimal() else 0.0

    api.session.hooks["response"].append(look)
    return api


def explained(error: Exception) -> str:
    """What GitLab refused, for people."""
    code = getattr(error, "response_code", None)
    said = line(str(getattr(error, "error_message", "") or error))[:300]
    if isinstance(error, RedirectError):
        return f"GitLab has moved the project or itself, and a write cannot follow: {said} Use the present address."
    if isinstance(error, GitlabAuthenticationError) or code == 401:
        return f"GitLab does not take the token (401: {said}): it has expired or was revoked. Rotate it; the variable is GITLAB_TOKEN."
    if code == 403:
        return f"GitLab refuses the token (403: {said}): it needs the scope api and the role Reporter in the project."
    if code == 404:
        return f"GitLab does not show the merge request to this token (404: {said}): its user needs the role Reporter in the project."
    if code in (400, 413, 422):
        return f"GitLab refuses the note ({code}: {said}). It takes at most {GITLAB_LIMIT:,} characters."
    return f"GitLab does not answer as it should ({code or type(error).__name__}: {said}). Run the job again later."


def _mark(note: Any, name: str) -> Mark:
    mark = marked(str(note.body), name)
    assert mark is not None
    return mark
