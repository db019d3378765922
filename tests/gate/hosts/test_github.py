"""One comment in a pull request: order, pages, limits, failures, and other people's marks."""

from typing import Any

import pytest

from gate.hosts.github import PullRequest, Repository
from gate.hosts.mark import Mark, unmarked
from gate.hosts.single_note import PublishError, publish
from tests.gate.hosts.github_stand_in import GitHub


def post(github: GitHub, text: str, pipeline: int, *, token: str = "job-token", pause: Any = None) -> str:
    board = PullRequest(Repository(url=github.url, token=token, name="shop/platform"), 3)
    mark = Mark(pipeline=pipeline, job=1, name="shop")
    return publish(board, text, mark, pause=(lambda seconds: None) if pause is None else pause)


def texts(github: GitHub) -> list[str]:
    return [unmarked(comment["body"]) for comment in github.comments if comment["body"].startswith("<!-- gate:")]


def test_runs_in_any_order_leave_one_comment_of_the_newest(github: GitHub) -> None:
    for pipeline in (3, 5, 1, 4, 2):
        post(github, f"text {pipeline}", pipeline)
    assert texts(github) == ["text 5"]
    assert github.methods.count("POST") == 1


def test_it_is_found_behind_pages_and_the_marks_of_others_are_left_alone(github: GitHub) -> None:
    forged = Mark(pipeline=99, job=1, name="shop").on("forged")
    github.add(forged, "somebody")
    for number in range(230):
        github.add(f"comment {number}", "somebody")
    post(github, "text 1", 1)
    post(github, "text 2", 2)
    assert texts(github) == ["forged", "text 2"]


def test_two_of_them_become_one_and_a_deleted_one_comes_back(github: GitHub) -> None:
    for pipeline in (1, 2):
        github.add(Mark(pipeline=pipeline, job=1, name="shop").on(f"text {pipeline}"))
    post(github, "text 1", 1)
    assert texts(github) == ["text 2"]
    github.comments.clear()
    post(github, "text 3", 3)
    assert texts(github) == ["text 3"]


@pytest.mark.parametrize(
    ("status", "headers", "waited"),
    [
        (429, {"Retry-After": "7"}, [7, 2]),
        (403, {"Retry-After": "60"}, [60, 2]),
        (403, {"X-RateLimit-Remaining": "0"}, [1, 2]),
        (502, {}, [1, 2]),
    ],
)
def test_what_passes_is_waited_out(github: GitHub, status: int, headers: dict[str, str], waited: list[float]) -> None:
    left = [1]

    def once(method: str, path: str) -> Any:
        if method == "POST" and left[0]:
            left[0] = 0
            return status, headers
        return None

    github.plan = once
    pauses: list[float] = []
    post(github, "text", 1, pause=pauses.append)
    assert (texts(github), pauses) == (["text"], waited)


@pytest.mark.parametrize(
    ("status", "headers", "says"),
    [
        (403, {}, "pull-requests: write"),
        (404, {}, "pull-requests: write"),
        (422, {}, "refuses the comment"),
        (301, {"Location": "http://127.0.0.1:1/x"}, "has moved the repository"),
    ],
)
def test_what_does_not_pass_is_said(github: GitHub, status: int, headers: dict[str, str], says: str) -> None:
    github.plan = lambda method, path: (status, headers) if method == "POST" else None
    with pytest.raises(PublishError, match=says):
        post(github, "text", 1)


def test_a_wrong_token_and_a_closed_request(github: GitHub) -> None:
    with pytest.raises(PublishError, match="does not take the token"):
        post(github, "text", 1, token="other")
    github.state = {"state": "closed", "merged": True}
    assert post(github, "text", 1) == "no note is written: the request is merged"
