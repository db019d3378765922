"""The pack beside that of another commit: both are asked in turn, and what cannot be asked ends the comparison."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.proto import analyzer_pb2

from bench import against
from bench.measure import used_by


def test_a_commit_that_is_not_there_ends_it(capsys: pytest.CaptureFixture[str], project_root: Path) -> None:
    assert against.compare(project_root, "no-such-commit", runs=1) == 1
    assert capsys.readouterr().err.startswith("git has no pack of no-such-commit: ")


def test_both_are_asked_in_turn_and_their_ratio_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], project_root: Path, tmp_path: Path
) -> None:
    repository = _repository(tmp_path, project_root / "policies")
    monkeypatch.setattr(against, "request_of", lambda _, resources: _request(resources))
    assert against.compare(repository, "HEAD", runs=1, resources=2) == 0
    [_, ours, theirs, ratio] = capsys.readouterr().out.splitlines()
    figures = r"( \d+\.\d\d){3}"
    line = rf"start{figures} s   2 resources{figures} s   peak +(\d+) MiB   0 violations"
    assert re.fullmatch(rf"  this tree     {line}", ours)
    assert re.fullmatch(rf"  HEAD          {line}", theirs)
    assert re.fullmatch(r"  ratio of the answers .*   \(target 1\.0\)", ratio)


def test_a_pack_that_does_not_start_ends_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], project_root: Path, tmp_path: Path
) -> None:
    repository = _repository(tmp_path, project_root / "policies")
    (repository / "policies" / "__main__.py").write_text("raise SystemExit('needs what is not there')", "utf-8")
    monkeypatch.setattr(against, "request_of", lambda _, resources: _request(resources))
    assert against.compare(repository, "HEAD", runs=1, resources=2) == 1
    assert "needs what is not there" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="what a process uses is read from /proc")
def test_what_this_process_used() -> None:
    used = used_by(os.getpid())
    assert used is not None
    assert used.cpu > 0
    assert used.peak_mib is not None
    assert used.peak_mib > 10


def _request(resources: int) -> Any:
    request = analyzer_pb2.AnalyzeStackRequest()
    for number in range(resources):
        name, kind = f"component-{number}", "shop:index:Component"
        request.resources.add(type=kind, urn=f"urn:pulumi:prd::shop::{kind}::{name}", name=name)
    return request


def _repository(folder: Path, pack: Path) -> Path:
    """A repository with the pack alone, committed."""
    shutil.copytree(pack, folder / "policies", ignore=shutil.ignore_patterns("__pycache__"))
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
    for words in (("init", "-q"), ("add", "."), (*identity, "commit", "-q", "-m", "The pack")):
        subprocess.run(["git", "-C", str(folder), *words], check=True)
    return folder
