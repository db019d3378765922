"""What doctor finds on a machine that the test lays out."""

import functools
import json
from pathlib import Path

import pytest

from cli.project import doctor
from offline.pulumi.executable import Cli


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


def engine_row(folder: Path) -> doctor.Finding:
    findings = doctor.examine({"PATH": str(folder)}, folder)
    return next(finding for finding in findings if finding.feature == "real engine (--engine pulumi)")


@pytest.fixture
def without_own_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "find_cli", functools.partial(doctor.find_cli, root=tmp_path))


@pytest.mark.usefixtures("without_own_build")
def test_the_real_engine_is_found_on_path_or_says_how_to_get_it(machine: Path) -> None:
    missing = engine_row(machine)
    assert (missing.what, missing.found, missing.path) == ("pulumi", "", "")
    assert missing.get.endswith(" Or build this project's own with Go: ./run engine.")
    program(machine, "pulumi", "echo v3.259.0")
    old = engine_row(machine)
    assert old.found == ""
    assert "is too old: found 3.259.0, required 3.260.0 or newer." in old.get
    program(machine, "pulumi", "echo v3.274.1")
    found = engine_row(machine)
    assert (found.found, found.path) == ("3.274.1", f"{machine / 'pulumi'} (PATH)")


def test_a_cli_that_is_passed_over_is_named_beside_the_one_that_is_taken(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli = Cli(path=Path("own"), version="3.274.1", source="this project's build", passed_over="The other is too old.")
    monkeypatch.setattr(doctor, "find_cli", lambda _environment: cli)
    assert engine_row(machine).path == "own (this project's build) The other is too old."


def test_go_is_found_where_it_is_new_enough(machine: Path) -> None:
    assert row(machine, "go").get.startswith("Go is missing: ")
    program(machine, "go", "echo go version go1.19.8 linux/amd64")
    old = row(machine, "go")
    assert (old.found, old.path) == ("", "")
    assert f"{machine / 'go'} is 1.19.8, required is " in old.get
    program(machine, "go", "echo go version go1.99.0 linux/amd64")
    assert (row(machine, "go").found, row(machine, "go").path) == ("1.99.0", str(machine / "go"))


def test_it_prints_a_table_or_json_and_nothing_missing_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.doctor(as_json=False) == 0
    table = capsys.readouterr().out
    assert "preview, up, destroy, test and lint need Python only." in table
    assert doctor.doctor(as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert [item["what"] for item in found][:2] == ["python", "AWS credentials"]
    assert len(found) == len(doctor.TOOLS) + 8


def test_where_stacks_are_and_what_opens_them(machine: Path) -> None:
    assert (row(machine, "state").found, row(machine, "passphrase").found) == ("", "")
    url = "s3://team-pulumi-state?region=ap-northeast-2"
    assert row(machine, "state", PULUMI_BACKEND_URL=url).found == "s3://team-pulumi-state"
    (machine / ".pulumi").mkdir()
    (machine / ".pulumi/credentials.json").write_text('{"current": "file://~", "accessTokens": {"file://~": "hidden"}}')
    assert row(machine, "state").found == "file://~"
    (machine / ".pulumi/credentials.json").write_text("[" * 20_000)
    assert row(machine, "state").found == ""
    assert row(machine, "passphrase", PULUMI_CONFIG_PASSPHRASE_FILE="/run/x").found == "PULUMI_CONFIG_PASSPHRASE_FILE"


def test_a_stack_is_there_once_the_cli_has_written_its_salt(machine: Path, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\nencryptionsalt: v1:a:v1:b:c\n")
    (tmp_path / "Pulumi.prd.yaml").write_text("config: {}\n")
    rows = {finding.what: finding for finding in doctor.examine({}, machine, tmp_path)}
    assert (rows["stack dev"].found, rows["stack dev"].path) == (
        "encryptionsalt",
        "in Pulumi.dev.yaml, by pulumi stack init",
    )
    assert (rows["stack prd"].found, rows["stack prd"].get) == ("", "pulumi stack init prd")
