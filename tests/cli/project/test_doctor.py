"""What doctor finds on a machine that the test lays out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.project import doctor


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty bin folder in which alone programs are looked for."""
    monkeypatch.setattr(doctor, "_EXTRA_PATH", ())
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def row(folder: Path, what: str, **environment: str) -> doctor.Finding:
    findings = doctor.examine({"PATH": str(folder), **environment}, folder)
    return next(finding for finding in findings if finding.what == what)


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("echo v3.260.0", "3.260.0"),
        ("echo 'nginx version: nginx/1.22.1' >&2", "1.22.1"),
        ("echo hello", "present"),
        ("exit 1", "present"),
    ],
)
def test_a_program_is_found_with_its_version(machine: Path, script: str, found: str) -> None:
    program(machine, "pulumi", script)
    finding = row(machine, "pulumi")
    assert (finding.found, finding.path) == (found, str(machine / "pulumi"))


def test_a_missing_program_says_how_to_get_it(machine: Path) -> None:
    finding = row(machine, "mariadbd")
    assert (finding.found, finding.path, finding.get) == ("", "", "apt install mariadb-server-core")


def test_a_second_name_will_do(machine: Path) -> None:
    program(machine, "mysqld", "echo 8.4.3")
    assert row(machine, "mysqld").found == "8.4.3"


def test_credentials_are_named_and_never_shown(machine: Path) -> None:
    finding = row(machine, "AWS credentials", AWS_ACCESS_KEY_ID="AKIAEXAMPLE")
    assert (finding.found, finding.path) == ("AWS_ACCESS_KEY_ID", "present, not checked")
    assert row(machine, "AWS credentials", AWS_PROFILE="").found == ""
    (machine / ".aws").mkdir()
    (machine / ".aws" / "credentials").touch()
    assert row(machine, "AWS credentials").found == "~/.aws/credentials"


def test_it_prints_a_table_or_json_and_nothing_missing_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.doctor(as_json=False) == 0
    table = capsys.readouterr().out
    assert "preview, up, destroy, test and lint need Python only." in table
    assert doctor.doctor(as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert [item["what"] for item in found][:2] == ["python", "AWS credentials"]
    assert len(found) == len(doctor.TOOLS) + 2
