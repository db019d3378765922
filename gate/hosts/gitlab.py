"""The notes of a GitLab merge request, and the merged request of a commit."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import gitlab
from gitlab.exceptions import GitlabError, RedirectError

from gate.hosts.mark import marked
from gate.hosts.single_note import GoneError, PassingError, Posted, PublishError
from gate.inert import line
from gate.note.note import GITLAB_LIMIT

_TRANSIENT = frozenset({409, 429, *range(500, 600)})
_ONCE: dict[str, Any] = {"obey_rate_limit": False}
"""The client repeats nothing by itself: after a wait, reading comes first (gate/hosts/single_note.py)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Where notes belong, and with what they are written."""

    url: str
    token: str
    project: str
    """Its number, or its full path."""


class MergeRequest:
    """One merge request as a board of notes; `number` is its iid."""

    def __init__(self, project: Project, number: int) -> None:
        self._client = _Client(project)
        self._number = number
        self._request: Any = self._client.project.mergerequests.get(number, lazy=True)
        self._me: int | None = None

    def state(self) -> str:
        """ "open", "closed" or "merged"."""
        with self._client.asking():
            state = str(self._client.project.mergerequests.get(self._number, **_ONCE).state)
        return "open" if state in ("opened", "locked") else line(state)

    def own(self, name: str) -> list[Posted]:
        """The marked notes of this token's user, oldest first."""
        with self._client.asking():
            if self._me is None:
                user: Any = self._client.api.http_get("/user", **_ONCE)
                self._me = int(user["id"])
            options = {"per_page": 100, "order_by": "created_at", "sort": "asc"}
            listed: Iterator[Any] = self._request.notes.list(iterator=True, **options, **_ONCE)
            own = {
                int(note.id): Posted(number=int(note.id), body=str(note.body))
                for note in listed
                if not note.system and note.author["id"] == self._me and marked(str(note.body), name) is not None
            }
        return [own[number] for number in sorted(own)]

    def read(self, number: int) -> str:
        """The text of one note."""
        with self._client.asking(gone=True):
            return str(self._request.notes.get(number, **_ONCE).body)

    def create(self, body: str) -> None:
        """A new note."""
        with self._client.asking():
            self._request.notes.create({"body": body}, **_ONCE)

    def update(self, number: int, body: str) -> None:
        """Another text for a note."""
        with self._client.asking(gone=True):
            self._request.notes.update(number, {"body": body}, **_ONCE)

    def delete(self, number: int) -> None:
        """A note less."""
        with self._client.asking(gone=True):
            self._request.notes.delete(number, **_ONCE)


def merged_request(project: Project, commit: str) -> int | None:
    """The iid of the request that brought a commit into its branch; None where it came otherwise."""
    client = _Client(project)
    with client.asking():
        listed: Any = client.project.commits.get(commit, lazy=True).merge_requests(**_ONCE)
        merged = [item for item in listed if item["state"] == "merged"]
    # The one whose merge made this commit, before those that merely contain it.
    named = [
        item
        for item in merged
        if commit in (item.get("merge_commit_sha"), item.get("squash_commit_sha"), item.get("sha"))
    ]
    return max((int(item["iid"]) for item in named or merged), default=None)


class _Client:
    """GitLab's client; it takes the token to no other host, and knows how long GitLab asked to wait."""

    def __init__(self, project: Project) -> None:
        self._wait = 0.0
        self.api = gitlab.Gitlab(
            project.url,
            private_token=project.token,
            timeout=30,
            keep_base_url=True,
            user_agent="category-analyzer-gate",
        )
        self.api.session.hooks["response"].append(self._look)
        self.project: Any = self.api.projects.get(project.project, lazy=True)

    def _look(self, response: Any, **_: Any) -> None:
        target = response.headers.get("Location", "")
        if response.is_redirect and urlsplit(target).netloc not in ("", urlsplit(response.url).netloc):
            raise PublishError(
                f"GitLab sends the client to another host, {line(urlsplit(target).netloc)}, and the token is not sent there. "
                "Set CI_SERVER_URL to GitLab's present address."
            )
        asked = response.headers.get("Retry-After", "")
        self._wait = float(asked) if asked.isdecimal() else 0.0

    @contextmanager
    def asking(self, *, gone: bool = False) -> Generator[None, None, None]:
        """Errors of GitLab as those of any host; `gone`: 404 means a note."""
        try:
            yield
        except (GitlabError, OSError, ValueError) as error:
            code = getattr(error, "response_code", None)
            if gone and code == 404:
                raise GoneError from None
            # A page that is not JSON is a proxy's or a maintenance's.
            if code in _TRANSIENT or (code in (None, 200) and not isinstance(error, RedirectError)):
                raise PassingError(explained(error), self._wait) from None
            raise PublishError(explained(error)) from None


def explained(error: Exception) -> str:
    """What GitLab refused, for people."""
    code = getattr(error, "response_code", None)
    said = line(str(getattr(error, "error_message", "") or error))[:300]
    match code:
        case _ if isinstance(error, RedirectError):
            return f"GitLab has moved the project or itself, and a write cannot follow: {said} Use the present address."
        case 401:
            return f"GitLab does not take the token (401: {said}): it has expired or was revoked. Rotate it and set GITLAB_TOKEN."
        case 403:
            return (
                f"GitLab refuses the token (403: {said}): it needs the scope api and the role Reporter in the project."
            )
        case 404:
            return f"GitLab does not show this to the token (404: {said}): its user needs the role Reporter in the project."
        case 400 | 413 | 422:
            return f"GitLab refuses the note ({code}: {said}). It takes at most {GITLAB_LIMIT:,} characters."
        case _:
            return f"GitLab does not answer as it should ({code or type(error).__name__}: {said}). Run the job again later."
