"""Mirroring and zipping, with real git."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from offline.rehearse.errors import CommandError, RehearsalError
from offline.rehearse.source import Mirror, Revision, unpack

Git = Callable[..., str]


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return Mirror(tmp_path / "mirrors" / "group" / "application.git", where="Source (CodeCommit)")


def pushed(mirror: Mirror, source: Path, told: list[str]) -> Revision:
    mirror.push(source, branch="develop", report=told.append)
    return mirror.revision("develop", setting="pipeline.branch")


def test_a_repository_is_mirrored_with_all_its_branches(
    mirror: Mirror, repository: Path, git: Git, tmp_path: Path, told: list[str]
) -> None:
    revision = pushed(mirror, repository, told)
    assert revision == Revision(
        commit=git("-C", repository, "rev-parse", "develop"), branch="develop", subject="The application"
    )
    assert git("-C", tmp_path / "mirrors" / "group" / "application.git", "branch", "--format=%(refname:short)") == (
        "develop\nmain"
    )
    assert told == []


def test_what_is_not_committed_stays_behind_and_is_told(mirror: Mirror, repository: Path, told: list[str]) -> None:
    (repository / "new.mjs").write_text("x")
    names = zipfile.ZipFile(io.BytesIO(mirror.archive(pushed(mirror, repository, told)))).namelist()
    assert "server.mjs" in names
    assert "new.mjs" not in names
    assert told == ["1 uncommitted changes stay behind: what is committed is pushed"]


def test_a_folder_becomes_the_same_commit_every_time(tmp_path: Path, sample: Path, told: list[str]) -> None:
    first, second = (pushed(Mirror(tmp_path / name / "x.git", where="Source"), sample, told) for name in ("a", "b"))
    assert first.commit == second.commit
    assert told == ["no git repository: its files as they are make one commit"] * 2


def test_a_folder_leaves_out_what_its_gitignore_names(mirror: Mirror, tmp_path: Path, told: list[str]) -> None:
    source = tmp_path / "folder"
    (source / "node_modules").mkdir(parents=True)
    (source / "node_modules" / "x.js").write_text("x")
    (source / ".gitignore").write_text("node_modules/\n")
    names = zipfile.ZipFile(io.BytesIO(mirror.archive(pushed(mirror, source, told)))).namelist()
    assert names == [".gitignore"]
    assert not (source / ".git").exists()


def test_a_bare_repository_is_mirrored_too(
    mirror: Mirror, repository: Path, git: Git, tmp_path: Path, told: list[str]
) -> None:
    git("clone", "--quiet", "--mirror", repository, tmp_path / "bare.git")
    assert pushed(mirror, tmp_path / "bare.git", told).commit == git("-C", repository, "rev-parse", "develop")


def test_hooks_of_the_source_are_not_run(mirror: Mirror, repository: Path, tmp_path: Path, told: list[str]) -> None:
    hook = repository / ".git" / "hooks" / "pre-push"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\nexit 1\n")
    hook.chmod(0o755)
    pushed(mirror, repository, told)
    assert not (tmp_path / "ran").exists()


def test_a_broken_repository_is_told_with_the_command(mirror: Mirror, tmp_path: Path, told: list[str]) -> None:
    (tmp_path / "broken" / ".git").mkdir(parents=True)
    with pytest.raises(
        CommandError,
        match=r"(?s)^Source \(CodeCommit\): .*broken cannot be mirrored\.\n  command: git .*exit status: 128",
    ):
        pushed(mirror, tmp_path / "broken", told)


def test_files_come_out_as_they_are_stored(
    mirror: Mirror, repository: Path, git: Git, tmp_path: Path, told: list[str]
) -> None:
    """Modes and links come along; attributes and filters change nothing."""
    git("-C", repository, "switch", "--quiet", "develop")
    (repository / ".gitattributes").write_text("*.txt export-ignore\n*.md eol=crlf\n")
    (repository / "kept.txt").write_text("kept")
    (repository / "start.sh").write_text("#!/bin/sh\n")
    (repository / "start.sh").chmod(0o755)
    (repository / "link").symlink_to("server.mjs")
    (repository / "größe").write_bytes(b"\x00\r\n")
    git("-C", repository, "add", "--all")
    git("-C", repository, "commit", "--quiet", "-m", "More")
    content = mirror.archive(pushed(mirror, repository, told))
    unpack(content, tmp_path / "out")
    out = tmp_path / "out"
    assert (out / "kept.txt").read_text() == "kept"
    assert b"\r" not in (out / "README.md").read_bytes()
    assert (out / "größe").read_bytes() == b"\x00\r\n"
    assert (out / "link").readlink() == Path("server.mjs")
    assert stat.S_IMODE((out / "start.sh").stat().st_mode) == 0o755
    assert stat.S_IMODE((out / "server.mjs").stat().st_mode) == 0o644


@pytest.mark.parametrize("name", ["../outside", "link/outside"])
def test_an_artifact_that_leads_out_of_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "..")
        archive.writestr(name, "x")
    with pytest.raises(RehearsalError, match="leads out of its folder"):
        unpack(buffer.getvalue(), tmp_path / "out")
    assert not (tmp_path / "outside").exists()
