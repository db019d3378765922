"""GitLab's notes API on loopback, made from its documentation and strict about what GitLab refuses.

Source: docs.gitlab.com, REST API: notes, merge requests, commits, pagination, authentication; application limits.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.gate.hosts.loopback import Host

LONGEST_NOTE = 1_000_000
REPORTER = 20


@dataclass
class Token:
    user: int
    scopes: tuple[str, ...] = ("api",)
    role: int = REPORTER
    uses_left: int | None = None
    """Requests until it expires; None: it does not."""


@dataclass
class Request:
    method: str
    path: str
    body: dict[str, Any]
    number: int


@dataclass
class Answer:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    after: bool = False
    """The request is carried out before this is answered: its own answer is lost."""


class GitLab(Host):
    """One project, 7 or shop/platform, with the merge request 3."""

    def __init__(self) -> None:
        self.tokens = {"secret-a": Token(user=11)}
        self.state = "opened"
        self.notes: list[dict[str, Any]] = []
        self.commits: dict[str, list[dict[str, Any]]] = {}
        self.requests: list[Request] = []
        self.actions: list[str] = []
        self.plan: Callable[[Request], Answer | None] = lambda request: None
        self.largest_page = 100
        self._next = 100
        self._lock = threading.RLock()
        super().__init__()

    def add(self, body: str, *, user: int = 11, system: bool = False) -> dict[str, Any]:
        with self._lock:
            self._next += 1
            note = {"id": self._next, "body": body, "author": {"id": user}, "system": system, "noteable_iid": 3}
            self.notes.append(note)
            return note

    def bodies(self) -> list[str]:
        return [str(note["body"]) for note in self.notes if not note["system"]]

    def written(self) -> list[str]:
        return [request.method for request in self.requests if request.method != "GET"]

    def answer(self, request: Request, headers: Any, query: dict[str, list[str]]) -> Answer:
        token = self.tokens.get(headers.get("PRIVATE-TOKEN", ""))
        if token is None:
            return Answer(401, {"message": "401 Unauthorized"})
        if token.uses_left is not None:
            token.uses_left -= 1
            if token.uses_left < 0:
                return Answer(401, {"error": "invalid_token", "error_description": "Token is expired."})
        if "api" not in token.scopes and not (request.method == "GET" and "read_api" in token.scopes):
            return Answer(403, {"error": "insufficient_scope", "scope": "api"})
        if request.path == "/user":
            return Answer(200, {"id": token.user, "username": "project_7_bot"})
        place = re.fullmatch(r"/projects/(7|shop/platform)/(.*)", request.path)
        if place is None or token.role < REPORTER:
            return Answer(404, {"message": "404 Project Not Found"})
        return self._inside(place[2], request, token, query)

    def _inside(self, path: str, request: Request, token: Token, query: dict[str, list[str]]) -> Answer:
        if found := re.fullmatch(r"repository/commits/(\w+)/merge_requests", path):
            return self._page(self.commits.get(found[1], []), request, query)
        if path == "merge_requests/3" and request.method == "GET":
            return Answer(200, {"iid": 3, "state": self.state})
        found = re.fullmatch(r"merge_requests/3/notes(?:/(\d+))?", path)
        if found is None:
            return Answer(404, {"message": "404 Not found"})
        if found[1] is None and request.method == "GET":
            ordered = sorted(self.notes, key=lambda note: note["id"], reverse=query.get("sort", ["desc"]) == ["desc"])
            return self._page(ordered, request, query)
        if found[1] is None and request.method == "POST":
            return self._stored(request, lambda body: Answer(201, self.add(body, user=token.user)))
        note = next((note for note in self.notes if str(note["id"]) == found[1]), None)
        if note is None:
            return Answer(404, {"message": "404 Note Not Found"})
        if request.method == "GET":
            return Answer(200, note)
        if note["author"]["id"] != token.user:
            return Answer(403, {"message": "403 Forbidden"})
        if request.method == "DELETE":
            self.notes.remove(note)
            return Answer(204)
        if request.method == "PUT":

            def change(body: str) -> Answer:
                note["body"] = body
                return Answer(200, note)

            return self._stored(request, change)
        return Answer(405, {"error": "405 Not Allowed"})

    def _stored(self, request: Request, store: Callable[[str], Answer]) -> Answer:
        body = request.body.get("body")
        if not isinstance(body, str) or not body.strip():
            return Answer(400, {"error": "body is missing"})
        if len(body) > LONGEST_NOTE:
            return Answer(400, {"message": {"note": [f"is too long (maximum is {LONGEST_NOTE} characters)"]}})
        self.actions += re.findall(r"^[ \t]*/[a-z_]+", body, re.MULTILINE)
        return store(body)

    def _page(self, items: list[Any], request: Request, query: dict[str, list[str]]) -> Answer:
        size = min(int(query.get("per_page", ["20"])[0]), self.largest_page)
        page = int(query.get("page", ["1"])[0])
        headers = {"X-Page": str(page), "X-Per-Page": str(size)}
        if page * size < len(items):
            # Behind a proxy GitLab names itself by another host than the client does.
            target = f"http://gitlab.internal/api/v4{request.path}?page={page + 1}&per_page={size}&sort=asc"
            headers |= {"Link": f'<{target}>; rel="next"', "X-Next-Page": str(page + 1)}
        return Answer(200, items[(page - 1) * size : page * size], headers)

    def served(self, method: str, address: str, headers: Any, body: Any) -> tuple[int, Any, dict[str, str]]:
        url = urlsplit(address)
        with self._lock:
            path = unquote(url.path).removeprefix("/api/v4")
            request = Request(method, path, body or {}, len(self.requests))
            self.requests.append(request)
            answer = planned = self.plan(request)
            if planned is None or planned.after:
                answer = self.answer(request, headers, parse_qs(url.query))
            answer = planned or answer
            assert answer is not None
        return answer.status, answer.body, answer.headers
