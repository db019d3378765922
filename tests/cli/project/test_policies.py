"""`./run policies`: the list, the document, and the coverage of a stage."""

import contextlib
import io
from pathlib import Path

import pytest

from cli.ended import ended
from cli.project.policies import DOCUMENT, policies
from cli.project.policies_reference import markdown
from policies.resources.tokens import DASHBOARD
from policies.rules.discovery import looked_at
from policies.serving.catalog import CATALOG

ROOT = Path(__file__).parents[3]


def ask(
    root: Path = ROOT, *, stage: str = "dev", write: bool = False, check: bool = False, coverage: bool = False
) -> int:
    return policies(root, stage=stage, write=write, check=check, coverage=coverage)


def test_the_list_has_every_policy_with_its_level(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask() == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [spec.name for spec in CATALOG]
    assert "connection-budget                  mandatory  critical  All applications together" in "\n".join(lines)
    assert "database-multi-az                  off        high" in "\n".join(lines)
    assert last.startswith(f"{len(CATALOG)} policies; in dev ")


def test_the_levels_of_a_stage_that_does_not_exist_are_not_made_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(lambda: ask(stage="prod")) == 2
    assert capsys.readouterr() == (
        "",
        "error: There is no stage 'prod'. Stages that exist: dev, prd. Did you mean prd?\n",
    )


def test_the_document_is_what_the_catalogue_says() -> None:
    assert ask(check=True) == 0


def test_the_document_is_written_and_a_stale_one_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs").mkdir()
    assert ask(tmp_path, check=True) == 1
    assert ask(tmp_path, write=True) == 0
    assert (tmp_path / DOCUMENT).read_text(encoding="utf-8") == markdown()
    assert ask(tmp_path, check=True) == 0
    assert "./run policies --write makes it" in capsys.readouterr().err


def test_the_document_names_settings_references_and_reasons() -> None:
    text = markdown()
    assert "- Setting `minimumDays` (dev 1, prd 7): Days that backups are kept at least." in text
    assert "| RDS.11 | database-backups |" in text
    assert "| RDS.24, RDS.25 | The administrator's name is no secret, and changing it replaces the database. |" in text


def test_coverage_has_a_number_and_names_what_nobody_looks_at(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.project.policies.looked_at", lambda: looked_at() - {DASHBOARD})
    assert ask(coverage=True) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith("dev: policies of their own look at ")
    assert [line.split() for line in lines if line.startswith(" ")] == [["1", DASHBOARD]]


def test_policies_of_their_own_look_at_all_that_dev_has() -> None:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert ask(coverage=True) == 0
    assert out.getvalue().endswith("(100 %).\n")


def test_a_stage_that_does_not_exist_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(lambda: ask(stage="none", coverage=True)) == 2
    assert "Pulumi.none.yaml" in capsys.readouterr().err
