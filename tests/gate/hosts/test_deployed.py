"""A deployment's line in the note of its merge request: one a stage, the newest, and inert."""

import pytest

from gate.hosts.deployed import line_of, report, with_line
from gate.hosts.mark import Mark, unmarked
from tests.gate.hosts.gitlab_stand_in import GitLab
from tests.gate.inputs.hostile import HOSTILE
from tests.gate.rendered import acting, rendered


def environment(server: GitLab, pipeline: int = 900) -> dict[str, str]:
    server.state = "merged"
    server.commits["abc123"] = [{"iid": 3, "state": "merged", "merge_commit_sha": "abc123"}]
    return {
        "CI_SERVER_URL": server.url,
        "GITLAB_TOKEN": "secret-a",
        "CI_PROJECT_ID": "7",
        "CI_COMMIT_SHA": "abc123",
        "CI_PIPELINE_ID": str(pipeline),
    }


def tell(server: GitLab, stage: str, why: str, pipeline: int = 900) -> str:
    return report("shop", stage, "deployed", why, environment(server, pipeline), pause=lambda seconds: None)


def test_the_note_of_the_merged_request_gets_one_line_a_stage(server: GitLab) -> None:
    server.add(Mark(pipeline=5, job=1, name="shop").on("## The note\n"))
    assert tell(server, "prd", "8 of 8 services run what was asked for") == "the note is up to date"
    assert tell(server, "dev", "ok") == "the note is up to date"
    assert tell(server, "prd", "all again", 901) == "the note is up to date"
    assert tell(server, "prd", "late", 899) == "the note says so already"
    [body] = server.bodies()
    dev, prd, rest = unmarked(body).split("\n\n")
    assert dev.startswith("🚀 **dev** deployed, and verified by pipeline 900: ok")
    assert prd.startswith("🚀 **prd** deployed, and verified by pipeline 901: all again")
    assert rest == "## The note\n"


def test_a_request_without_a_note_gets_one_and_a_commit_without_a_request_none(server: GitLab) -> None:
    known = environment(server)
    said = report("shop", "prd", "rolled-back", "api: unhealthy", known, pause=lambda seconds: None)
    assert said == "the note is up to date"
    assert "↩ **prd** rolled back by pipeline 900: api: unhealthy" in server.bodies()[0]
    other = {**known, "CI_COMMIT_SHA": "fff"}
    assert report("shop", "prd", "failed", "", other) == "no note is changed: the commit came by no merge request"
    assert report("shop", "prd", "failed", "", {}).startswith("no note is written: GITLAB_TOKEN is not set")
    wrong = {**known, "GITLAB_TOKEN": "x"}
    assert "does not take the token" in report("shop", "prd", "failed", "", wrong)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_reason_does_nothing_and_twice_is_once(text: str) -> None:
    row = line_of(text or "prd", "failed", text, 900)
    body = with_line("## The note\n", row)
    assert with_line(body, row) == body
    tree = rendered(body)
    assert (tree.links, len(tree.html), acting(body)) == ([], 1, [])
    assert tree.kinds.count("heading_open") == 1
