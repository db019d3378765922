"""What GitLab refuses is said, and the token goes nowhere else; the merged request of a commit is found."""

from typing import Any

import pytest

from gate.hosts.gitlab import Project, merged_request
from gate.hosts.single_note import PublishError
from tests.gate.hosts.gitlab_stand_in import GitLab, Token
from tests.gate.hosts.test_gitlab import fails, mark, notes


@pytest.mark.parametrize(
    ("token", "says"),
    [
        (Token(user=11, scopes=("read_api",)), "it needs the scope api and the role Reporter"),
        (Token(user=11, scopes=("read_repository",)), "it needs the scope api"),
        (Token(user=11, role=10), "does not show this to the token"),
    ],
)
def test_a_token_that_may_too_little_says_what_it_needs(server: GitLab, token: Token, says: str) -> None:
    server.tokens["weak"] = token
    with pytest.raises(PublishError, match=says) as refused:
        notes(server, token="weak").publish("text", mark(1))
    assert "weak" not in str(refused.value)
    assert server.notes == []


def test_a_note_that_is_too_long_is_said(server: GitLab) -> None:
    with pytest.raises(PublishError, match=r"refuses the note \(400: .*too long"):
        notes(server).publish("x" * 1_000_001, mark(1))


def test_the_token_goes_to_no_other_host(server: GitLab) -> None:
    other = GitLab()
    server.plan = fails(1, 302, Location=f"{other.url}/api/v4/user")
    with pytest.raises(PublishError, match="sends the client to another host"):
        notes(server).publish("text", mark(1))
    assert other.requests == []
    other.close()


def test_a_write_to_a_moved_project_says_so(server: GitLab) -> None:
    server.plan = fails(1, 301, "POST", Location="/api/v4/user")
    with pytest.raises(PublishError, match="has moved the project"):
        notes(server).publish("text", mark(1))


@pytest.mark.parametrize(
    ("requests", "found"),
    [
        ([], None),
        ([{"iid": 3, "state": "merged"}], 3),
        ([{"iid": 9, "state": "opened"}, {"iid": 3, "state": "merged"}], 3),
        ([{"iid": 9, "state": "merged"}, {"iid": 3, "state": "merged", "merge_commit_sha": "abc123"}], 3),
        ([{"iid": 9, "state": "merged"}, {"iid": 3, "state": "merged", "squash_commit_sha": "abc123"}], 3),
        ([{"iid": 4, "state": "closed"}], None),
    ],
)
def test_the_merged_request_of_a_commit(server: GitLab, requests: list[dict[str, Any]], found: int | None) -> None:
    server.commits["abc123"] = requests
    assert merged_request(Project(url=server.url, token="secret-a", project="7"), "abc123") == found
