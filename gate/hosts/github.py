"""The comments of a GitHub pull request, by GitHub's REST API (docs.github.com, "REST API endpoints for issue comments")."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from gate.hosts.mark import marked
from gate.hosts.single_note import GoneError, PassingError, Posted, PublishError
from gate.inert import line
from policies.resources.json_text import read_json

_JOBS_USER = "github-actions[bot]"
"""Who writes with a workflow's own token, which may not ask who it is."""
_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """Where comments belong, and with what they are written."""

    url: str
    """Of the API, such as https://api.github.com."""
    token: str
    name: str
    """owner/name."""


class PullRequest:
    """One pull request as a board of comments."""

    def __init__(self, repository: Repository, number: int) -> None:
        self._repository = repository
        self._number = number
        self._me = ""

    def state(self) -> str:
        """ "open", "closed" or "merged"."""
        request = self._ask("GET", f"pulls/{self._number}")
        return "merged" if request.get("merged") else line(str(request["state"]))

    def own(self, name: str) -> list[Posted]:
        """The marked comments of this token's user, oldest first."""
        self._me = self._me or self._user()
        own = {
            int(comment["id"]): Posted(number=int(comment["id"]), body=str(comment["body"]))
            for comment in self._comments()
            if comment["user"]["login"] == self._me and marked(str(comment["body"]), name) is not None
        }
        return [own[number] for number in sorted(own)]

    def read(self, number: int) -> str:
        """The text of one comment."""
        return str(self._ask("GET", f"issues/comments/{number}", gone=True)["body"])

    def create(self, body: str) -> None:
        """A new comment."""
        self._ask("POST", f"issues/{self._number}/comments", {"body": body})

    def update(self, number: int, body: str) -> None:
        """Another text for a comment."""
        self._ask("PATCH", f"issues/comments/{number}", {"body": body}, gone=True)

    def delete(self, number: int) -> None:
        """A comment less."""
        self._ask("DELETE", f"issues/comments/{number}", gone=True)

    def _comments(self) -> Iterator[Any]:
        page = 1
        while listed := self._ask("GET", f"issues/{self._number}/comments?per_page={_PAGE}&page={page}"):
            yield from listed
            if len(listed) < _PAGE:
                return
            page += 1

    def _user(self) -> str:
        try:
            return str(self._ask("GET", f"{self._repository.url}/user")["login"])
        except PublishError:
            return _JOBS_USER

    def _ask(self, method: str, path: str, body: dict[str, str] | None = None, *, gone: bool = False) -> Any:
        url = (
            path
            if path.startswith(self._repository.url)
            else f"{self._repository.url}/repos/{self._repository.name}/{path}"
        )
        request = urllib.request.Request(
            url,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._repository.token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        try:
            with _OPENER.open(request, timeout=30) as answer:
                content = answer.read()
            return read_json(content) if content else None
        except urllib.error.HTTPError as error:
            said = line(_said(error))[:300]
            if gone and error.code == 404:
                raise GoneError from None
            asked = error.headers.get("Retry-After", "")
            # A rate limit is 403 as well as 429; only a limit says how long, or that nothing remains.
            limited = error.code == 429 or (
                error.code == 403 and (bool(asked) or error.headers.get("X-RateLimit-Remaining") == "0")
            )
            if limited or error.code >= 500:
                raise PassingError(_explained(error.code, said), float(asked) if asked.isdecimal() else 0.0) from None
            raise PublishError(_explained(error.code, said)) from None
        except (OSError, HTTPException, ValueError) as error:
            raise PassingError(f"GitHub does not answer as it should ({type(error).__name__}).") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token goes to no other address."""

    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def _said(error: urllib.error.HTTPError) -> str:
    try:
        return str(read_json(error.read())["message"])
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return error.reason


def _explained(code: int, said: str) -> str:
    match code:
        case 401:
            return f"GitHub does not take the token (401: {said})."
        case 403 | 404:
            return f"GitHub refuses the token ({code}: {said}): the job needs the permission pull-requests: write."
        case 301 | 302 | 307 | 308:
            return f"GitHub has moved the repository ({code}): use its present name."
        case _:
            return f"GitHub refuses the comment ({code}: {said})."
