"""GitHub's comments API on loopback, made from its documentation: one pull request, 3, of shop/platform."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.gate.hosts.loopback import Host

LONGEST_COMMENT = 65_536
BOT = "github-actions[bot]"
Planned = tuple[int, dict[str, str]]


class GitHub(Host):
    """With one workflow's token, which may write comments and may not ask who it is."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.state = {"state": "open", "merged": False}
        self.methods: list[str] = []
        self.plan: Callable[[str, str], Planned | None] = lambda method, path: None
        self._next = 0
        super().__init__()

    def add(self, body: str, login: str = BOT) -> dict[str, Any]:
        self._next += 1
        self.comments.append({"id": self._next, "body": body, "user": {"login": login}})
        return self.comments[-1]

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any, token: str) -> tuple[int, Any]:
        if token != "Bearer job-token":
            return 401, {"message": "Bad credentials"}
        if path == "/user":
            return 403, {"message": "Resource not accessible by integration"}
        if path == "/repos/shop/platform/pulls/3":
            return 200, self.state
        if path == "/repos/shop/platform/issues/3/comments":
            if method == "GET":
                size, page = int(query["per_page"][0]), int(query["page"][0])
                return 200, self.comments[(page - 1) * size : page * size]
            return self._stored(body, lambda text: (201, self.add(text)))
        if found := re.fullmatch(r"/repos/shop/platform/issues/comments/(\d+)", path):
            comment = next((item for item in self.comments if item["id"] == int(found[1])), None)
            if comment is None:
                return 404, {"message": "Not Found"}
            if method == "GET":
                return 200, comment
            if method == "DELETE":
                self.comments.remove(comment)
                return 204, None
            return self._stored(body, lambda text: (200, comment.update(body=text)))
        return 404, {"message": "Not Found"}

    def _stored(self, body: Any, store: Callable[[str], tuple[int, Any]]) -> tuple[int, Any]:
        if len(body["body"]) > LONGEST_COMMENT:
            return 422, {"message": "Body is too long (maximum is 65536 characters)"}
        return store(body["body"])

    def served(self, method: str, address: str, headers: Any, body: Any) -> tuple[int, Any, dict[str, str]]:
        url = urlsplit(address)
        self.methods.append(method)
        if planned := self.plan(method, url.path):
            return planned[0], {"message": "no"}, planned[1]
        token = headers.get("Authorization", "")
        return *self.answer(method, url.path, parse_qs(url.query), body, token), {}
