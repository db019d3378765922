"""The gate as the pipeline runs it, on real branches: whatever a merge request edits, its target branch judges it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from offline.confined import abi

pytestmark = pytest.mark.skipif(not abi(), reason="this kernel has no Landlock")

EDITS = {
    "policies/exceptions.yaml": "exceptions: []\n",
    "policies/serving/catalog.py": "CATALOG = ()\n",
    "offline/engine/outcome.py": "raise SystemExit(0)\n",
    "gate/events.py": "raise SystemExit(0)\n",
    "cli/main.py": "def main(argv): return 0\n",
    "run": "#!/bin/sh\nexit 0\n",
    ".ci/run": "#!/bin/sh\nexit 0\n",
    ".gitlab-ci.yml": "gate:\n  script: ['true']\n",
    "sitecustomize.py": "import os\nos._exit(0)\n",
}


def git(directory: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], cwd=directory, check=True, capture_output=True)


@pytest.fixture(scope="module")
def target(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose `main` is this project as it stands."""
    folder = tmp_path_factory.mktemp("target")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=project_root, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (project_root / name).is_file() and not name.startswith("tests/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(project_root / name, folder / name)
    git(folder, "init")
    git(folder, "add", "-f", ".")
    git(folder, "commit", "-m", "the project")
    return folder


def pipeline(target: Path, checkout: Path, job: str, judge: Path) -> subprocess.CompletedProcess[str]:
    """A job of the target branch's pipeline on a checkout, with the interpreter of these tests."""
    document: dict[str, Any] = yaml.safe_load((target / ".gitlab-ci.yml").read_text("utf-8"))
    found = {**document[document[job]["extends"]], **document[job]}
    script = "\n".join((*found["before_script"], *found["script"]))
    script = script.replace("$JUDGE/run", f'{shlex.quote(sys.executable)} "$JUDGE/cli/__main__.py"')
    variables = {
        "JUDGE": str(judge),
        "STAGE": "prd",
        "CI_PROJECT_DIR": str(checkout),
        "TARGET_REPOSITORY": str(target),
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    }
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=checkout,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture
def checkout(target: Path, tmp_path: Path) -> Path:
    git(tmp_path, "clone", str(target), "checkout")
    git(tmp_path / "checkout", "checkout", "-b", "change")
    return tmp_path / "checkout"


def over_budget(checkout: Path) -> None:
    path = checkout / "Pulumi.prd.yaml"
    document = yaml.safe_load(path.read_text("utf-8"))
    (key,) = (key for key in document["config"] if key.endswith(":database"))
    document["config"][key]["maxConnections"] = 100
    path.write_text(yaml.safe_dump(document), "utf-8")


def test_a_harmless_request_passes_and_changes_nothing_of_the_gate(
    target: Path, checkout: Path, tmp_path: Path
) -> None:
    done = pipeline(target, checkout, "gate", tmp_path / "judge")
    assert (done.returncode, "prd: ok" in done.stdout) == (0, True), done.stdout[-500:] + done.stderr[-500:]
    assert pipeline(target, checkout, "policy-changes", tmp_path / "judge").returncode == 0


def test_a_request_that_edits_all_that_judges_it_is_refused_and_reported(
    target: Path, checkout: Path, tmp_path: Path
) -> None:
    for name, text in EDITS.items():
        (checkout / name).write_text(text)
    over_budget(checkout)
    git(checkout, "add", "-f", ".")
    git(checkout, "commit", "-m", "the gate, wide open")
    done = pipeline(target, checkout, "gate", tmp_path / "judge")
    assert (done.returncode, "connection-budget" in done.stdout) == (1, True), done.stdout[-500:] + done.stderr[-500:]
    # Its pack lists no policy any more: what cannot be read is no warning, but a failure.
    changes = pipeline(target, checkout, "policy-changes", tmp_path / "judge")
    assert changes.returncode in {2, 3}
    if changes.returncode == 3:
        shown = [name for name in EDITS if f"{name.removeprefix('policies/')} " in changes.stdout]
        assert shown == [name for name in EDITS if name not in {"sitecustomize.py", "policies/exceptions.yaml"}]


def test_each_trusted_file_that_changes_is_named(target: Path, checkout: Path, tmp_path: Path) -> None:
    named = ["offline/engine/outcome.py", "gate/events.py", "cli/main.py", "run", ".ci/run", ".gitlab-ci.yml"]
    for name in named:
        with (checkout / name).open("a") as file:
            file.write("\n")
    done = pipeline(target, checkout, "policy-changes", tmp_path / "judge")
    assert done.returncode == 3
    assert sorted(line.split()[1] for line in done.stdout.splitlines() if line.startswith("  file")) == sorted(named)


def test_a_target_branch_that_cannot_be_fetched_fails_the_job(target: Path, checkout: Path, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "judge", ignore_errors=True)
    gone = tmp_path / "gone"
    shutil.copytree(target, gone)
    shutil.rmtree(gone / ".git")
    assert pipeline(gone, checkout, "gate", tmp_path / "judge").returncode == 1
