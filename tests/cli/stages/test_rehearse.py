"""`./run rehearse`: mistakes on the command line are told before anything is started."""

from pathlib import Path

import pytest

from cli.main import main


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nobody", "--source", "."], "There is no service 'nobody' in Pulumi.yaml; there are: "),
        (["datalab-api", "--source", "absent"], "--source absent is not a folder: give the application's repository."),
        (
            ["datalab-api", "--source", ".", "--env-file", "absent"],
            "--env-file absent is not a file: give the env file that the build is to find.",
        ),
        (["datalab-api", "--source", ".", "-s", "stg"], "There is no stage 'stg'"),
    ],
)
def test_wrong_words(
    words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code = main(["rehearse", "-s", "dev", *words, "--state", str(tmp_path / "state")])
    captured = capsys.readouterr()
    assert (code, captured.out) == (2, "")
    assert captured.err.startswith(f"error: {message}")
    assert not (tmp_path / "state").exists()


def test_a_source_must_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["rehearse", "datalab-api"])
    assert "--source" in capsys.readouterr().err


def test_a_stage_must_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["rehearse", "datalab-api", "--source", str(tmp_path), "--state", str(tmp_path / "state")])
    assert capsys.readouterr().err == "error: This changes a stage: name it with -s. Stages: dev, prd.\n"


@pytest.mark.usefixtures("rehearsal_programs")
def test_a_stage_that_is_not_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["rehearse", "datalab-api", "-s", "dev", "--source", str(tmp_path), "--state", str(tmp_path / "state")])
    assert code == 1
    assert capsys.readouterr().err == ("error: Stage dev is not up: run ./run up -s dev first.\nrehearsal failed\n")
    assert not (tmp_path / "state").exists()


@pytest.fixture
def rehearsal_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has: nothing is started."""
    monkeypatch.setattr("offline.rehearse.rehearsal.require_programs", lambda: None)
