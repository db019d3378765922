"""The gate's verdict on fresh previews of both engines: what the engine came to, and never green on a damaged stream."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gate.stream import Listener
from gate.verdict import Judged, judge
from offline.stage import offline_stage
from tests.gate.inputs.recordings import damaged
from tests.parity.engines import ROOT, Pair, Run, Stage, pair
from tests.platform.renaming import made_small, project_to_edit

pytestmark = pytest.mark.slow

KEPT = """
aws.sns.Topic("retained", display_name="a", opts=Opts(retain_on_delete=True))
aws.sns.Topic("replaced", display_name="a", opts=Opts(replace_on_changes=["displayName"]))
queue = aws.sqs.Queue("queue", name="queue")
"""
CHANGED = """
aws.sns.Topic("replaced", display_name="b", opts=Opts(replace_on_changes=["displayName"]))
queue = aws.sqs.Queue("queue", name="queue", delay_seconds=5)
"""


def verdict(run: Run, stage: str = "dev") -> Judged:
    listener = Listener()
    for event in run.events:
        listener.take(event)
    return judge(listener.reported, stage=stage)


def lines(run: Run) -> list[str]:
    return [f"{json.dumps(event)}\n" for event in run.events]


def test_a_preview_of_every_edit(edits: dict[str, tuple[Run, Run]]) -> None:
    for run in edits["previewed"]:
        assert (run.outcome.result, verdict(run)) == ("succeeded", Judged(verdict="ok"))
        assert {found for _, _, found in damaged(lines(run))} == {"failed"}


def test_an_update_is_no_preview(edits: dict[str, tuple[Run, Run]]) -> None:
    for run in edits["again"]:
        assert "The events are those of an update, not of a preview." in verdict(run).reasons


def test_a_preview_that_refreshes_first_and_one_that_keeps_what_it_gives_up(cli: Path, tmp_path: Path) -> None:
    both = pair(tmp_path, cli, more="options:\n  refresh: always\n").program(KEPT)
    real = both.real
    real.run("up", skip_preview=True)
    real.program(CHANGED)
    where = {"project_dir": real.project, "state_dir": real.state, "stage": "dev"}
    with offline_stage(**where, mode="write") as aws, aws.change("someone"):
        [url] = aws.call("sqs", "list_queues")["QueueUrls"]
        aws.call("sqs", "set_queue_attributes", QueueUrl=url, Attributes={"DelaySeconds": "7"})
    run = real.run("preview")
    assert (run.outcome.result, verdict(run)) == ("succeeded", Judged(verdict="ok"))
    assert {found for _, _, found in damaged(lines(run))} == {"failed"}


@pytest.mark.parametrize(
    "program",
    [
        'raise RuntimeError("no")',
        'aws.sqs.Queue("queue", name="a b")\naws.sqs.Queue("queue", name="a")',
        "import sys; sys.exit(3)",
    ],
)
def test_a_program_that_fails_has_failed(both: Pair, program: str) -> None:
    for run in both.program(program).run("preview"):
        assert (run.outcome.result, verdict(run).verdict) == ("failed", "failed")
        assert "ok" not in {found for _, _, found in damaged(lines(run))}


def test_prd_as_shipped(prd: tuple[Run, Run]) -> None:
    for run in prd:
        assert (run.outcome.result, verdict(run, "prd")) == ("succeeded", Judged(verdict="ok"))


def test_a_stage_that_the_projects_pack_refuses(cli: Path, tmp_path: Path) -> None:
    project = project_to_edit(tmp_path / "project")
    made_small(project)
    path = project / "Pulumi.prd.yaml"
    path.write_text(path.read_text("utf-8").replace("maxConnections: 2540", "maxConnections: 300"), "utf-8")
    stage = Stage(
        engine="pulumi", cli=cli, project=project, state=tmp_path / "state", pack=ROOT / "policies", name="prd"
    )
    run = stage.run("preview")
    found = verdict(run, "prd")
    assert (run.outcome.result, found.verdict) == ("failed", "refused")
    assert "connection-budget (mandatory) does not hold." in found.reasons
