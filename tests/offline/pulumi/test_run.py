"""A run by the real engine, with a stand-in for the CLI: what it is started with, and what becomes of each way it can end."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from offline.engine.errors import EngineError, StateError, UsageError
from offline.engine.outcome import Outcome
from offline.pulumi.run import run
from offline.pulumi.workspace import Workspace, folder_of, holds_record
from tests.offline.pulumi.fake_cli import FakeCli

UNSURE: dict[str, Any] = {
    "policyEvent": {
        "policyName": "budget",
        "enforcementLevel": "advisory",
        "message": "can't run policy 'budget' during",
    }
}
JUDGED: dict[str, Any] = {"policyAnalyzeStackSummaryEvent": {"passed": ["budget"]}}
SUMMARY: dict[str, Any] = {"summaryEvent": {"result": "succeeded", "resourceChanges": {"create": 2}}}
FAILED: dict[str, Any] = {"summaryEvent": {"result": "failed", "resourceChanges": {}}}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\nconfig:\n  aws:region: ap-northeast-2\n")
    (folder / "Pulumi.dev.yaml").write_text("config:\n  shop:answer: yes\nencryptionsalt: v1:other\n")
    (folder / "__main__.py").write_text("")
    pack = folder / "policies"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 1.2.3\n")
    return folder


@pytest.fixture
def cli(tmp_path: Path) -> FakeCli:
    return FakeCli(tmp_path / "bin")


@pytest.fixture
def go(project: Path, cli: FakeCli) -> Callable[..., Outcome]:
    """Runs an operation and answers its outcome; events are in `go.events`."""

    def start(kind: Any = "preview", **options: Any) -> Outcome:
        return run(
            cli=cli.path,
            kind=kind,
            stage="dev",
            project_dir=project,
            state_dir=project / ".state",
            pack_dir=project / "policies",
            on_event=cli.heard.append,
            **options,
        )

    return start


def stacks_of_a_record(project: Path) -> Path:
    """The folder of the checkpoints of a stage that is recorded."""
    folder = folder_of(project / ".state", "dev")
    stacks = folder / "backend/.pulumi/stacks/shop"
    stacks.mkdir(parents=True)
    (folder / "aws.jsonl").write_text('{"journal":1}\n')
    return stacks


def test_a_preview_by_the_cli(go: Any, cli: FakeCli, project: Path) -> None:
    cli.says("preview", {"preludeEvent": {}}, JUDGED, SUMMARY)
    outcome = go()
    assert (outcome.result, outcome.changes["create"], outcome.errors) == ("succeeded", 2, ())
    assert [next(iter(event)) for event in cli.heard] == [
        "preludeEvent",
        "policyAnalyzeStackSummaryEvent",
        "summaryEvent",
    ]
    [call] = cli.calls("preview")
    arguments = call["arguments"]
    assert arguments[arguments.index("--stack") + 1] == "dev"
    assert arguments[arguments.index("--exec-kind") + 1] == "auto.inline"
    assert Path(arguments[arguments.index("--policy-pack") + 1]).parts[-2:] == ("pack", "policies")
    environment = call["environment"]
    assert (environment["PULUMI_STACK"], environment["PULUMI_DRY_RUN"]) == ("dev", "true")
    assert environment["PULUMI_BACKEND_URL"].startswith("file://")
    assert "AWS_PROFILE" not in environment
    # Nothing was recorded, so nothing is left; and nothing was written into the project.
    assert not folder_of(project / ".state", "dev").exists()
    assert (project / "Pulumi.dev.yaml").read_text().endswith("encryptionsalt: v1:other\n")


def test_the_users_own_pulumi_and_aws_are_not_seen(go: Any, cli: FakeCli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "mine")
    monkeypatch.setenv("AWS_PROFILE", "production")
    cli.says("preview", JUDGED, SUMMARY)
    go()
    assert {"PULUMI_ACCESS_TOKEN", "AWS_PROFILE"}.isdisjoint(cli.calls("preview")[0]["environment"])


def test_up_previews_first_and_shows_one_stream(go: Any, cli: FakeCli) -> None:
    cli.says("preview", {"preludeEvent": {"config": {"of": "preview"}}}, JUDGED, SUMMARY)
    cli.says("up", {"preludeEvent": {"config": {"of": "up"}}}, JUDGED, SUMMARY)
    assert go("up").result == "succeeded"
    assert [event["preludeEvent"]["config"] for event in cli.heard if "preludeEvent" in event] == [{"of": "up"}]
    assert [call["environment"]["PULUMI_DRY_RUN"] for call in (*cli.calls("preview"), *cli.calls("up"))] == [
        "true",
        "false",
    ]


def test_up_ends_with_a_preview_that_fails(go: Any, cli: FakeCli) -> None:
    violation = {"policyEvent": {"policyName": "budget", "enforcementLevel": "mandatory", "message": "75 of 60\n"}}
    cli.says("preview", violation, FAILED, code=1)
    outcome = go("up")
    assert (outcome.result, [item["policyName"] for item in outcome.violations]) == ("failed", ["budget"])
    assert cli.heard == [violation, FAILED]
    assert cli.calls("up") == []


@pytest.mark.parametrize(
    ("events", "code", "error"),
    [
        ((), 0, "pulumi preview ended with exit code 0"),
        ((), 255, "pulumi preview ended with exit code 255:\nwhat went wrong"),
        (({"preludeEvent": {}},), 0, "pulumi preview ended with exit code 0"),
        ((SUMMARY,), 1, "pulumi preview ended with exit code 1"),
        ((FAILED,), 0, "pulumi preview ended with exit code 0"),
        ((SUMMARY,), 0, "The policy pack reported nothing on the stack"),
        ((UNSURE, JUDGED, SUMMARY), 0, "budget: a policy that cannot decide has not passed"),
    ],
    ids=["no events", "a crash", "broken off", "the code says no", "the summary says no", "not judged", "undecided"],
)
def test_events_and_exit_code_must_agree(go: Any, cli: FakeCli, events: Any, code: int, error: str) -> None:
    cli.says("preview", *events, code=code, text="what went wrong")
    outcome = go()
    assert outcome.result == "failed"
    assert outcome.errors[0].startswith(error)


def test_the_cli_is_asked_no_more_than_it_has_to_be(go: Any, cli: FakeCli, project: Path) -> None:
    def asked() -> list[list[str]]:
        calls = [call["arguments"][:2] for verb in ("stack", "cancel") for call in cli.calls(verb)]
        (cli.folder / "calls.jsonl").unlink()
        return calls

    cli.says("preview", JUDGED, SUMMARY)
    folder = folder_of(project / ".state", "dev")
    stacks, locks = (folder / "backend/.pulumi" / name for name in ("stacks/shop", "locks/organization/shop/dev"))
    for path in (stacks, locks, folder / "project"):
        path.mkdir(parents=True)
    (folder / "aws.jsonl").write_text('{"journal":1}\n')
    go()
    assert asked() == [["stack", "select"], ["stack", "export"]]
    (stacks / "dev.json").write_text("{}")
    go()
    assert asked() == [["stack", "select"], ["stack", "export"]]
    (folder / "project/Pulumi.dev.yaml").write_text("encryptionsalt: v1:own\n")
    go()
    assert asked() == [["stack", "export"]]
    (locks / "7.json").write_text("{}")
    go()
    assert asked() == [["stack", "export"], ["cancel", "--yes"]]
    (locks / "7.json").unlink()
    for form, calls in (
        ({"version": 3, "checkpoint": {"latest": None}}, []),
        ({"version": 3, "checkpoint": {"stack": "dev"}}, []),
        ({"version": 4, "checkpoint": {"latest": None}}, [["stack", "export"]]),
        ({"version": 3, "checkpoint": None}, [["stack", "export"]]),
    ):
        (stacks / "dev.json").write_text(json.dumps(form))
        go()
        assert asked() == calls


def test_only_a_run_that_changes_something_saves_its_state_at_every_step(go: Any, cli: FakeCli) -> None:
    cli.says("preview", JUDGED, SUMMARY)
    cli.says("up", JUDGED, SUMMARY)
    go("up")
    saved = ["PULUMI_SKIP_CHECKPOINTS" not in cli.calls(verb)[0]["environment"] for verb in ("preview", "up")]
    assert saved == [False, True]


def test_what_the_cli_cannot_do_is_a_sentence(go: Any, cli: FakeCli) -> None:
    cli.fails("stack", "error: could not lock the backend")
    with pytest.raises(EngineError, match=r"^pulumi stack select failed: could not lock the backend$"):
        go()


def test_one_run_at_a_time(go: Any, project: Path) -> None:
    holder = Workspace(project / ".state", "dev")
    with pytest.raises(
        StateError, match=r"^Another run works on stage 'dev' \(lock .*lock\)\. Wait until it has ended"
    ):
        go()
    holder.close()


def test_a_folder_that_cannot_be_used(go: Any, project: Path) -> None:
    (project / ".state").write_text("")
    with pytest.raises(
        UsageError, match=r"cannot be used for what `up` records \(Not a directory\)\. Nothing was started"
    ):
        go()


def test_a_stage_of_the_embedded_engine_is_refused_and_kept(go: Any, project: Path) -> None:
    from offline.engine.record import ResourceRecord
    from offline.engine.state import Journal

    journal = Journal(project / ".state", "dev", mode="write")
    journal.put(ResourceRecord(serial=1, urn="urn:pulumi:dev::shop::s::n", type="s", custom=False))
    journal.close()
    before = (project / ".state/dev.jsonl").read_bytes()
    with pytest.raises(
        StateError, match=r"^Stage dev is up with the embedded engine, whose record the real engine cannot"
    ):
        go()
    assert (project / ".state/dev.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("checkpoint", "copy", "left"),
    [(b"", b'{"version": 3}', b'{"version": 3}'), (b'{"version"', b"{}", b"{}"), (b"{}", b"", b"{}"), (b"", b"", None)],
    ids=["empty", "cut off", "whole", "both broken"],
)
def test_a_checkpoint_that_was_cut_off_is_restored_from_its_copy(
    go: Any, cli: FakeCli, project: Path, checkpoint: bytes, copy: bytes, left: bytes | None
) -> None:
    cli.says("preview", JUDGED, SUMMARY)
    stacks = stacks_of_a_record(project)
    (stacks / "dev.json").write_bytes(checkpoint)
    (stacks / "dev.json.bak").write_bytes(copy)
    if left is None:
        with pytest.raises(
            StateError, match=r"^Pulumi's state of stage dev cannot be read \(.*dev\.json\), nor its copy"
        ):
            go()
    else:
        assert go().result == "succeeded"
    assert (stacks / "dev.json").read_bytes() == (checkpoint if left is None else left)


def test_a_damaged_record_is_refused_before_the_engine_starts_and_kept(go: Any, cli: FakeCli, project: Path) -> None:
    folder = folder_of(project / ".state", "dev")
    folder.mkdir(parents=True)
    (folder / "aws.jsonl").write_text('{"journal":1}\n{"seed":"x","calls":[7]}\n')
    for kind in ("preview", "up", "destroy"):
        with pytest.raises(StateError, match=r"aws\.jsonl, line 2 is not what this engine wrote"):
            go(kind)
    assert not (cli.folder / "calls.jsonl").exists()
    assert (folder / "aws.jsonl").read_text() == '{"journal":1}\n{"seed":"x","calls":[7]}\n'


@pytest.mark.parametrize(("content", "stays"), [("", False), ('{"user.cache', False), ('{"md5": "x"}', True)])
def test_attributes_that_were_cut_off_go(go: Any, cli: FakeCli, project: Path, content: str, stays: bool) -> None:
    """Without them the store reads the checkpoint; with an empty file it ends in EOF."""
    cli.says("preview", JUDGED, SUMMARY)
    stacks = stacks_of_a_record(project)
    (stacks / "dev.json").write_text("{}")
    (stacks / "dev.json.attrs").write_text(content)
    assert go().result == "succeeded"
    assert ((stacks / "dev.json.attrs").exists(), (stacks / "dev.json").read_text()) == (stays, "{}")


def test_the_folder_is_for_its_owner_alone(project: Path) -> None:
    workspace = Workspace(project / ".state", "dev")
    workspace.passphrase()
    assert stat.S_IMODE(workspace.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((workspace.folder / "passphrase").stat().st_mode) == 0o600
    workspace.record.write_text("x")
    workspace.close()
    assert holds_record(workspace.folder)
    again = Workspace(project / ".state", "dev")
    assert len(again.passphrase()) == 64
    again.clear()
    again.close()
    assert not workspace.folder.exists()
