"""`./run policies --against DIR`: every kind of change of the gate is reported, and which of them make it weaker."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from cli import main
from cli.ended import ended
from cli.project.policies_changes import Change, Pack, compare, show_changes

POLICIES = Path(__file__).parents[3] / "policies"
BACKUPS: dict[str, Any] = {
    "levels": {"dev": "advisory", "prd": "mandatory"},
    "severity": "high",
    "settings": {"minimumDays": {"prd": 7, "dev": 1}},
}
EXCEPTION = {"policy": "backups", "resource": "urn:a", "reason": "Why.", "owner": "team", "expires": "2027-01-31"}


def pack(
    policies: dict[str, Any] | None = None, exceptions: tuple[dict[str, str], ...] = (EXCEPTION,), **files: str
) -> Pack:
    return Pack(
        policies={"backups": BACKUPS} if policies is None else policies,
        exceptions={(entry["policy"], entry["resource"]): entry for entry in exceptions},
        files=files,
    )


def levels(dev: str, prd: str) -> Pack:
    return pack({"backups": BACKUPS | {"levels": {"dev": dev, "prd": prd}}})


def excused(**changes: str) -> Pack:
    return pack(exceptions=(EXCEPTION | changes,))


@pytest.mark.parametrize(
    ("after", "lines", "weaker"),
    [
        (pack(), [], False),
        (pack({}), ["policy      backups removed (dev advisory, prd mandatory)"], True),
        (pack({"backups": BACKUPS, "new": BACKUPS}), ["policy      new added (dev advisory, prd mandatory)"], False),
        (levels("advisory", "advisory"), ["level       backups in prd: mandatory -> advisory"], True),
        (levels("disabled", "mandatory"), ["level       backups in dev: advisory -> disabled"], True),
        (levels("mandatory", "mandatory"), ["level       backups in dev: advisory -> mandatory"], False),
        (pack({"backups": BACKUPS | {"severity": "low"}}), ["severity    backups: high -> low"], False),
        (
            pack({"backups": BACKUPS | {"settings": {"minimumDays": {"prd": 1}}}}),
            ['setting     backups minimumDays: {"prd": 7, "dev": 1} -> {"prd": 1}'],
            False,
        ),
        (pack(exceptions=()), ["exception   backups for urn:a removed"], False),
        (
            pack(exceptions=(EXCEPTION, EXCEPTION | {"resource": "urn:b"})),
            ["exception   backups for urn:b added (Why.; team, until 2027-01-31)"],
            True,
        ),
        (excused(expires="2027-02-28"), ["exception   backups for urn:a: expires 2027-01-31 -> 2027-02-28"], True),
        (excused(expires="2026-12-31"), ["exception   backups for urn:a: expires 2027-01-31 -> 2026-12-31"], False),
        (excused(owner="other"), ["exception   backups for urn:a: owner team -> other"], False),
        (pack(rules="2", new="1"), ["file        new new: read it", "file        rules new: read it"], False),
    ],
)
def test_what_a_change_does_to_the_gate(after: Pack, lines: list[str], weaker: bool) -> None:
    assert list(compare(pack(), after)) == [Change(what=line, weaker=weaker) for line in lines]


def test_files_that_differ_or_are_gone_have_to_be_read() -> None:
    assert [change.what for change in compare(pack(rules="1", gone="1"), pack(rules="2"))] == [
        "file        gone removed: read it",
        "file        rules differs: read it",
    ]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A copy of the real pack, as a target branch has it."""
    return shutil.copytree(POLICIES, tmp_path / "target", ignore=shutil.ignore_patterns("__pycache__"))


def test_the_same_pack_is_no_change(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["policies", "--against", str(target)]) == 0
    assert capsys.readouterr().out == f"The policy pack is that of {target}: no change.\n"


def test_a_branch_that_lowers_a_level_and_excuses_a_resource_is_reported(
    target: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    branch = shutil.copytree(target, tmp_path / "branch")
    database = branch / "rules/database/protection.py"
    source = database.read_text("utf-8")
    multi_az = source.rindex("@", 0, source.index("def database_multi_az"))
    lowered = source[multi_az:].replace("levels=PRD_ONLY", 'levels=dict.fromkeys(PRD_ONLY, PRD_ONLY["dev"])', 1)
    database.write_text(source[:multi_az] + lowered, "utf-8")
    (branch / "exceptions.yaml").write_text(
        "exceptions:\n"
        "  - { policy: image-tags-immutable, resource: 'urn:pulumi:*::*::a:b:C::x', reason: R., owner: o, expires: 2027-01-31 }\n",
        "utf-8",
    )
    assert show_changes(branch, target) == 3
    assert capsys.readouterr().out.splitlines() == [
        "Weaker:",
        "  level       database-multi-az in prd: mandatory -> disabled",
        "  exception   image-tags-immutable for urn:pulumi:*::*::a:b:C::x added (R.; o, until 2027-01-31)",
        "Changed:",
        "  file        rules/database/protection.py differs: read it",
        "This change touches the gate: 3 differences, 2 of them make it weaker.",
    ]


def test_a_folder_without_a_pack_and_a_pack_that_cannot_be_read(
    target: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(lambda: show_changes(POLICIES, tmp_path)) == 2
    assert capsys.readouterr().err == (f"error: There is no policy pack in {tmp_path}: it has no PulumiPolicy.yaml.\n")
    (target / "serving/catalog.py").write_text("CATALOG = oops\n")
    assert ended(lambda: show_changes(POLICIES, target)) == 2
    assert capsys.readouterr().err == (
        f"error: The policy pack in {target} cannot be read: NameError: name 'oops' is not defined\n"
    )
