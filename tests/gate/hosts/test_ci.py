"""What a CI job knows of itself, on GitLab, on GitHub and on a person's machine."""

import json
from pathlib import Path

import pytest

from gate.document import Source
from gate.hosts.ci import board_of, job_of, project_of, source_of
from gate.hosts.github import PullRequest
from gate.hosts.gitlab import MergeRequest, Project

GITLAB = {
    "CI_COMMIT_SHA": "4f0d",
    "CI_PIPELINE_ID": "812",
    "CI_PIPELINE_URL": "https://g/812",
    "CI_JOB_URL": "https://g/4",
    "CI_JOB_ID": "4711",
    "CI_SERVER_URL": "https://gitlab.example",
    "CI_PROJECT_ID": "8",
    "CI_MERGE_REQUEST_IID": "3",
    "CI_MERGE_REQUEST_PROJECT_ID": "7",
    "GITLAB_TOKEN": "t",
}
GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SHA": "4f0d",
    "GITHUB_RUN_ID": "99",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "shop/platform",
    "GITHUB_TOKEN": "t",
}


def test_the_source() -> None:
    assert source_of(GITLAB) == Source(commit="4f0d", pipeline=812, pipeline_url="https://g/812", job_url="https://g/4")
    run = "https://github.com/shop/platform/actions/runs/99"
    assert source_of(GITHUB) == Source(commit="4f0d", pipeline=99, pipeline_url=run, job_url=f"{run}#artifacts")
    assert source_of({}) == Source()
    assert (job_of(GITLAB), job_of(GITHUB), job_of({})) == (4711, 2, 0)


@pytest.mark.parametrize("number", ["", "-1", "x", "١", "9" * 30])
def test_a_pipeline_that_is_no_number_is_none(number: str) -> None:
    assert source_of({"CI_PIPELINE_ID": number}).pipeline == 0


def test_where_the_note_belongs(tmp_path: Path) -> None:
    assert isinstance(board_of(GITLAB), MergeRequest)
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 3}}))
    assert isinstance(board_of({**GITHUB, "GITHUB_EVENT_PATH": str(event)}), PullRequest)
    assert project_of(GITLAB) == Project(url="https://gitlab.example", token="t", project="8")


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({}, "no job of a merge request"),
        ({**GITLAB, "GITLAB_TOKEN": ""}, "GITLAB_TOKEN is not set"),
        (GITHUB, "no run for a pull request"),
        ({**GITHUB, "GITHUB_EVENT_PATH": "/dev/null"}, "no run for a pull request"),
    ],
)
def test_why_no_note_is_written(environment: dict[str, str], says: str) -> None:
    board = board_of(environment)
    assert isinstance(board, str)
    assert says in board
