"""One note in a merge request, whatever happens: order, races, deletions, limits, failures, other people's marks."""

import itertools
import threading
from typing import Any

import pytest

from gate.hosts.gitlab import MergeRequest, Project
from gate.hosts.mark import Mark, unmarked
from gate.hosts.single_note import PublishError, publish
from tests.gate.hosts.gitlab_stand_in import Answer, GitLab, Request, Token


class Pauses(list[float]):
    def __call__(self, seconds: float) -> None:
        self.append(seconds)


class Notes:
    """The merge request 3, published to as a job does."""

    def __init__(self, server: GitLab, *, token: str = "secret-a", pause: Any = None, project: str = "7") -> None:
        self.board = MergeRequest(Project(url=server.url, token=token, project=project), 3)
        self.pause = (lambda seconds: None) if pause is None else pause

    def publish(self, text: str, mark: Mark) -> str:
        return publish(self.board, text, mark, pause=self.pause)


notes = Notes


def mark(pipeline: int, job: int = 1, name: str = "shop") -> Mark:
    return Mark(pipeline=pipeline, job=job, name=name)


def texts(server: GitLab) -> list[str]:
    return [unmarked(body) for body in server.bodies()]


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3, 4, 5)))[::11])
def test_five_runs_in_any_order_leave_one_note_of_the_newest(server: GitLab, order: tuple[int, ...]) -> None:
    for pipeline in order:
        notes(server).publish(f"text {pipeline}", mark(pipeline))
    assert texts(server) == ["text 5"]
    assert server.written().count("POST") == 1
    assert "DELETE" not in server.written()


def test_a_repeated_job_of_the_same_pipeline_is_newer_and_an_older_job_is_not(server: GitLab) -> None:
    for job, text in ((20, "first"), (21, "again"), (20, "late")):
        notes(server).publish(text, mark(5, job))
    assert texts(server) == ["again"]


def test_the_same_text_again_writes_nothing(server: GitLab) -> None:
    assert notes(server).publish("text", mark(1)) == "the note is up to date"
    assert notes(server).publish("text", mark(1)) == "the note says so already"
    assert server.written() == ["POST"]


@pytest.mark.parametrize("round_", range(5))
def test_pipelines_at_once_leave_one_note_of_the_newest(server: GitLab, round_: int) -> None:
    barrier = threading.Barrier(3)
    failed: list[Exception] = []

    def run(pipeline: int) -> None:
        waited = threading.Event()
        publisher = notes(server, pause=lambda seconds: waited.wait(0.15) and None)
        barrier.wait()
        try:
            publisher.publish(f"text {pipeline}", mark(pipeline))
        except PublishError as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(pipeline,)) for pipeline in (7, 9, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (texts(server), failed) == (["text 9"], [])


def test_an_older_pipeline_that_writes_between_read_and_write_is_overwritten_again(server: GitLab) -> None:
    notes(server).publish("text 5", mark(5))

    def older_wins_once(request: Request) -> None:
        if request.method == "PUT" and not old:
            old.append(request.number)

    old: list[int] = []
    server.plan = older_wins_once

    def after_a_write(seconds: float) -> None:
        if server.notes and len(old) == 1:
            old.append(0)
            server.notes[0]["body"] = mark(6).on("text 6")

    notes(server, pause=after_a_write).publish("text 7", mark(7))
    assert texts(server) == ["text 7"]


def test_a_note_that_was_deleted_comes_back_once(server: GitLab) -> None:
    notes(server).publish("text 1", mark(1))
    server.notes.clear()
    notes(server).publish("text 2", mark(2))
    assert texts(server) == ["text 2"]


def test_a_note_deleted_between_read_and_write_comes_back_once(server: GitLab) -> None:
    notes(server).publish("text 1", mark(1))

    def delete(request: Request) -> None:
        if request.method == "PUT" and len(server.written()) == 2:
            server.notes.clear()

    server.plan = delete
    notes(server).publish("text 2", mark(2))
    assert texts(server) == ["text 2"]


@pytest.mark.parametrize("state", ["closed", "merged"])
def test_a_request_that_is_no_longer_open_gets_no_note(server: GitLab, state: str) -> None:
    server.state = state
    assert notes(server).publish("text", mark(1)) == f"no note is written: the request is {state}"
    assert server.notes == []


@pytest.mark.parametrize("uses", range(1, 7))
def test_a_token_that_expires_half_way_says_so_and_the_next_run_heals(server: GitLab, uses: int) -> None:
    server.add(mark(1).on("text 1"))
    server.add(mark(1).on("text 1"))
    server.tokens["short"] = Token(user=11, uses_left=uses)
    with pytest.raises(PublishError, match=r"401: .*has expired or was revoked"):
        notes(server, token="short").publish("text 2", mark(2))
    notes(server).publish("text 3", mark(3))
    assert texts(server) == ["text 3"]


def fails(times: int, status: int, method: str = "", *, after: bool = False, **headers: str) -> Any:
    left = [times]

    def plan(request: Request) -> Answer | None:
        if left[0] and method in ("", request.method):
            left[0] -= 1
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return Answer(status, {"message": "no"}, named, after=after)
        return None

    return plan


def test_a_rate_limit_is_waited_out_as_long_as_gitlab_asks(server: GitLab) -> None:
    pauses = Pauses()
    server.plan = fails(2, 429, "POST", Retry_After="17")
    notes(server, pause=pauses).publish("text", mark(1))
    assert pauses == [17, 17, 2]
    assert texts(server) == ["text"]


def test_a_wait_without_end_is_none(server: GitLab) -> None:
    server.plan = fails(99, 429, Retry_After="3600")
    with pytest.raises(PublishError, match="wait longer than 180 s"):
        notes(server).publish("text", mark(1))
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("after", [False, True])
def test_a_failing_server_is_asked_again_and_a_lost_answer_makes_no_second_note(
    server: GitLab, status: int, method: str, after: bool
) -> None:
    if method == "PUT":
        server.add(mark(1).on("text 1"))
    server.plan = fails(3, status, method, after=after)
    notes(server).publish("text 2", mark(2))
    assert texts(server) == ["text 2"]


def test_a_server_that_stays_down_is_given_up(server: GitLab) -> None:
    pauses = Pauses()
    server.plan = fails(10_000, 503)
    with pytest.raises(PublishError):
        notes(server, pause=pauses).publish("text", mark(1))
    assert 5 < len(pauses) < 30
    assert sum(pauses) <= 180


def test_a_server_that_is_not_there_is_said(server: GitLab) -> None:
    server.close()
    with pytest.raises(PublishError, match="does not answer as it should"):
        notes(server).publish("text", mark(1))


def test_the_note_is_found_behind_pages_of_others(server: GitLab) -> None:
    server.largest_page = 7
    for number in range(50):
        server.add(f"comment {number}", user=12)
    notes(server).publish("text 1", mark(1))
    for number in range(50):
        server.add(f"comment {number}", user=12, system=number % 2 == 0)
    notes(server, project="shop/platform").publish("text 2", mark(2))
    assert [text for text in texts(server) if text.startswith("text")] == ["text 2"]


def test_pages_that_move_while_they_are_read_leave_one_note(server: GitLab) -> None:
    server.largest_page = 5
    for number in range(12):
        server.add(f"comment {number}", user=12)
    server.add(mark(1).on("text 1"))

    def shift(request: Request) -> None:
        if request.path.endswith("/notes") and request.method == "GET" and len(server.notes) > 5:
            del server.notes[0]

    server.plan = shift
    notes(server).publish("text 2", mark(2))
    assert [text for text in texts(server) if text.startswith("text")] == ["text 2"]


def test_a_newer_pipeline_that_ends_while_an_older_one_reads_the_list_stays(server: GitLab) -> None:
    server.largest_page = 5
    notes(server).publish("text 1", mark(1))
    for number in range(20):
        server.add(f"comment {number}", user=12)
    before = len(server.requests)

    def newer_on_the_second_page(request: Request) -> None:
        pages = [item for item in server.requests[before:] if item.path.endswith("/notes")]
        if len(pages) == 2:
            server.notes[0]["body"] = mark(9).on("text 9")

    server.plan = newer_on_the_second_page
    assert notes(server).publish("text 7", mark(7)) == "the note is up to date"
    assert [text for text in texts(server) if text.startswith("text")] == ["text 9"]
    assert server.written()[-1] == "POST"


def test_marks_of_others_and_of_other_projects_are_left_alone(server: GitLab) -> None:
    forged = mark(999).on("forged")
    server.add(forged, user=12)
    server.add(f"> {mark(998).on('quoted')}", user=11)
    server.add(mark(5, name="other").on("another project"), user=11)
    notes(server).publish("text", mark(2))
    assert [unmarked(body) for body in server.bodies()][-1] == "text"
    assert len(server.notes) == 4
    assert server.bodies()[0] == forged


def test_a_mark_inside_the_text_is_no_mark(server: GitLab) -> None:
    notes(server).publish("text\n" + mark(999).on("x"), mark(1))
    notes(server).publish("text 2", mark(2))
    assert texts(server) == ["text 2"]
