"""What a CI job knows of itself: the source that is judged, and the request that shows the note."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gate.document import Source
from gate.hosts.github import PullRequest, Repository
from gate.hosts.gitlab import MergeRequest, Project
from gate.hosts.single_note import Board
from policies.resources.json_text import read_json

Environment = Mapping[str, str]


def source_of(environment: Environment) -> Source:
    """What is judged, by the predefined variables of GitLab's or GitHub's jobs; empty elsewhere."""
    if environment.get("GITHUB_ACTIONS") == "true":
        address = f"{environment.get('GITHUB_SERVER_URL', '')}/{environment.get('GITHUB_REPOSITORY', '')}"
        number = environment.get("GITHUB_RUN_ID", "")
        run = f"{address}/actions/runs/{number}"
        return Source(
            commit=environment.get("GITHUB_SHA", ""),
            pipeline=whole(number),
            pipeline_url=run,
            job_url=f"{run}#artifacts",
        )
    return Source(
        commit=environment.get("CI_COMMIT_SHA", ""),
        pipeline=whole(environment.get("CI_PIPELINE_ID", "")),
        pipeline_url=environment.get("CI_PIPELINE_URL", ""),
        job_url=environment.get("CI_JOB_URL", ""),
    )


def job_of(environment: Environment) -> int:
    """Grows with every repetition inside a pipeline."""
    return whole(environment.get("CI_JOB_ID", "") or environment.get("GITHUB_RUN_ATTEMPT", ""))


def board_of(environment: Environment) -> Board | str:
    """The request's notes, or in a sentence why none is written."""
    if environment.get("GITHUB_ACTIONS") == "true":
        return _pull_request(environment)
    number = whole(environment.get("CI_MERGE_REQUEST_IID", ""))
    if not number:
        return "no note is written: this is no job of a merge request"
    project = project_of(environment, environment.get("CI_MERGE_REQUEST_PROJECT_ID", ""))
    return project if isinstance(project, str) else MergeRequest(project, number)


def project_of(environment: Environment, number: str = "") -> Project | str:
    """GitLab's project with the token for its notes, or why there is none."""
    token = environment.get("GITLAB_TOKEN", "")
    if not token:
        return "no note is written: GITLAB_TOKEN is not set (docs/gate.md); the same text is in the artifacts and above"
    url = environment.get("CI_SERVER_URL", "")
    return Project(url=url, token=token, project=number or environment.get("CI_PROJECT_ID", ""))


def _pull_request(environment: Environment) -> Board | str:
    token = environment.get("GITHUB_TOKEN", "")
    number = _event_number(environment.get("GITHUB_EVENT_PATH", ""))
    if not number:
        return "no comment is written: this is no run for a pull request"
    if not token:
        return "no comment is written: GITHUB_TOKEN is not set (docs/gate.md); the same text is in the job's summary"
    url = environment.get("GITHUB_API_URL", "https://api.github.com")
    return PullRequest(Repository(url=url, token=token, name=environment.get("GITHUB_REPOSITORY", "")), number)


def _event_number(path: str) -> int:
    try:
        event = read_json(Path(path).read_bytes()) if path else {}
        return int(event["pull_request"]["number"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def whole(text: str) -> int:
    """A number of a variable; 0 where it holds none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else 0
