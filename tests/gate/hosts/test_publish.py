"""The note where people look: request, summary, standard output; a host that refuses changes no verdict."""

import json
from pathlib import Path

from gate.document import Document
from gate.hosts.mark import unmarked
from gate.hosts.publish import show
from gate.note.note import GITHUB_LIMIT, drafted
from tests.gate.hosts.github_stand_in import GitHub
from tests.gate.hosts.gitlab_stand_in import GitLab
from tests.gate.hosts.test_ci import GITHUB, GITLAB


def test_on_gitlab_and_in_the_log(example: Document, server: GitLab) -> None:
    said: list[str] = []
    environment = {**GITLAB, "CI_SERVER_URL": server.url, "GITLAB_TOKEN": "secret-a"}
    show(example, environment, drafted(example), write=said.append)
    assert [unmarked(body) for body in server.bodies()] == [drafted(example).within()]
    assert server.actions == []
    assert said[-1] == "gate: the note is up to date."
    assert "⛔ `category-analyzer`: refused" in said[0]


def test_without_a_token_the_text_is_in_the_log(example: Document) -> None:
    said: list[str] = []
    show(example, {**GITLAB, "GITLAB_TOKEN": ""}, drafted(example), write=said.append)
    assert said[0].rstrip("\n") == drafted(example).within().rstrip("\n")
    assert said[1].startswith("gate: no note is written: GITLAB_TOKEN is not set")


def test_a_refused_token_is_said_and_not_shown(example: Document, server: GitLab) -> None:
    said: list[str] = []
    show(
        example,
        {**GITLAB, "CI_SERVER_URL": server.url, "GITLAB_TOKEN": "glpat-wrong"},
        drafted(example),
        write=said.append,
    )
    assert "gate: the note is not in the request. GitLab does not take the token" in said[-1]
    assert "glpat-wrong" not in "".join(said)


def test_on_github_as_a_comment_and_as_the_summary(example: Document, github: GitHub, tmp_path: Path) -> None:
    event, summary = tmp_path / "event.json", tmp_path / "summary.md"
    event.write_text(json.dumps({"pull_request": {"number": 3}}))
    files = {"GITHUB_EVENT_PATH": str(event), "GITHUB_STEP_SUMMARY": str(summary)}
    many = example.model_dump()
    many["stages"][1]["violations"] *= 500
    document = Document.model_validate(many)
    environment = {**GITHUB, **files, "GITHUB_API_URL": github.url, "GITHUB_TOKEN": "job-token"}
    show(document, environment, drafted(document), write=lambda text: None)
    [comment] = github.comments
    assert len(comment["body"]) < GITHUB_LIMIT
    assert "Too long for one note" in comment["body"]
    assert len(summary.read_bytes()) < 1024 * 1024
    assert summary.read_text("utf-8").startswith("## ⛔ `category-analyzer`: refused")
