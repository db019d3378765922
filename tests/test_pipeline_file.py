"""The GitLab pipeline: valid by GitLab's schema, complete, and never past the policies."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.project.policies_changes import CHANGED

TARGET_PACK = '.ci/target-pack "$TARGET_REPOSITORY" "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"'


@pytest.fixture(scope="module")
def pipeline(project_root: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((project_root / ".gitlab-ci.yml").read_text("utf-8"))
    return document


def commands(job: dict[str, Any]) -> str:
    return "\n".join(job["script"])


def branches(job: dict[str, Any]) -> list[tuple[str, str]]:
    return [(rule["if"], rule.get("when", "on_success")) for rule in job["rules"]]


def validate(path: Path) -> int:
    options = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]
    command = [sys.executable, "-m", "check_jsonschema", *options, str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode


def test_it_fits_gitlabs_schema(project_root: Path) -> None:
    assert validate(project_root / ".gitlab-ci.yml") == 0


def test_a_misspelt_key_would_not_fit(project_root: Path, tmp_path: Path) -> None:
    wrong = tmp_path / ".gitlab-ci.yml"
    wrong.write_text((project_root / ".gitlab-ci.yml").read_text("utf-8").replace("  script:", "  scripts:"), "utf-8")
    assert validate(wrong) == 1


def test_a_merge_request_is_checked_and_both_stages_previewed(pipeline: dict[str, Any]) -> None:
    assert commands(pipeline["lint"]) == "./run lint"
    assert commands(pipeline["test"]).startswith("./run test")
    for name, command in (("offline-preview", './run preview -s "$STAGE"'), ("preview", 'pulumi preview -s "$STAGE"')):
        assert command in commands(pipeline[name])
        assert pipeline[name]["parallel"]["matrix"] == [{"STAGE": ["dev", "prd"]}]
        assert '$CI_PIPELINE_SOURCE == "merge_request_event"' in branches(pipeline[name])[0][0]


def test_dev_goes_up_on_develop_and_prd_by_hand_on_main(pipeline: dict[str, Any]) -> None:
    assert "pulumi up -s dev --yes" in commands(pipeline["up-dev"])
    assert branches(pipeline["up-dev"]) == [('$CI_COMMIT_BRANCH == "develop"', "on_success")]
    assert "pulumi up -s prd --yes" in commands(pipeline["up-prd"])
    assert branches(pipeline["up-prd"]) == [('$CI_COMMIT_BRANCH == "main"', "manual")]


def test_the_pack_judges_every_run_and_no_preview_is_skipped(project_root: Path, pipeline: dict[str, Any]) -> None:
    assert pipeline["variables"]["PULUMI_OPTION_POLICY_PACK"] == "policies"
    jobs = {name: job for name, job in pipeline.items() if isinstance(job, dict) and name != "variables"}
    others = {
        name: job["variables"] for name, job in jobs.items() if "PULUMI_OPTION_POLICY_PACK" in job.get("variables", {})
    }
    assert others == {"preview": {"PULUMI_OPTION_POLICY_PACK": ".target/policies"}}
    assert pipeline["preview"]["script"][0] == TARGET_PACK
    # Without an account the branch's own pack judges as well, for what it will ask once it is merged.
    own, targets = './run preview -s "$STAGE"', './run preview -s "$STAGE" --policy-pack .target/policies'
    assert pipeline["offline-preview"]["script"] == [TARGET_PACK, own, targets]
    assert "skip-preview" not in (project_root / ".gitlab-ci.yml").read_text("utf-8")


def git(directory: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main", *arguments],
        cwd=directory,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def branches_of_a_project(project_root: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A project whose `main` has a pack, and a checkout of a branch that changes the pack; the same script in both."""
    target, checkout = tmp_path / "target", tmp_path / "checkout"
    (target / "policies").mkdir(parents=True)
    (target / "policies/PulumiPolicy.yaml").write_text("runtime: python\n")
    (target / "policies/exceptions.yaml").write_text("exceptions: []\n")
    (target / ".ci").mkdir()
    shutil.copy(project_root / ".ci/target-pack", target / ".ci")
    git(target, "init")
    git(target, "add", ".")
    git(target, "commit", "-m", "the gate")
    git(tmp_path, "clone", str(target), str(checkout))
    git(checkout, "checkout", "-b", "change")
    (checkout / "policies/exceptions.yaml").write_text("exceptions: [everything]\n")
    git(checkout, "commit", "-am", "the gate, wide open")
    return target, checkout


def target_pack(checkout: Path, target: Path, branch: str) -> subprocess.CompletedProcess[str]:
    command = [str(checkout / ".ci/target-pack"), str(target), branch]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=checkout.parent)


def test_the_tip_of_the_target_branch_judges(branches_of_a_project: tuple[Path, Path]) -> None:
    target, checkout = branches_of_a_project
    assert target_pack(checkout, target, "main").returncode == 0
    (target / "policies/exceptions.yaml").write_text("exceptions: [] # none\n")
    git(target, "commit", "-am", "main goes on")
    assert target_pack(checkout, target, "main").returncode == 0
    assert (checkout / ".target/policies/exceptions.yaml").read_text() == "exceptions: [] # none\n"
    assert (checkout / "policies/exceptions.yaml").read_text() == "exceptions: [everything]\n"
    (checkout / ".venv").mkdir()
    assert (checkout / ".target/policies" / "../.venv").resolve() == checkout / ".venv"


def test_without_the_targets_pack_nothing_judges_and_the_job_fails(branches_of_a_project: tuple[Path, Path]) -> None:
    target, checkout = branches_of_a_project
    failed = target_pack(checkout, target, "gone")
    assert failed.returncode == 1
    assert failed.stderr.endswith(
        "error: the branch gone cannot be fetched, so its policy pack cannot judge this change.\n"
    )
    git(target, "rm", "-r", "policies")
    git(target, "commit", "-m", "no gate")
    failed = target_pack(checkout, target, "main")
    assert failed.returncode == 1
    assert failed.stderr == (
        "error: the branch main has no policy pack (policies/PulumiPolicy.yaml), so nothing would judge this change.\n"
        "  Merge the pack in a change of its own first.\n"
    )
    assert not (checkout / ".target/policies").exists()


def test_changes_of_the_gate_are_a_warning_in_the_merge_request(pipeline: dict[str, Any]) -> None:
    job = pipeline["policy-changes"]
    assert job["script"] == [TARGET_PACK, "./run policies --against .target/policies"]
    assert job["allow_failure"] == {"exit_codes": CHANGED}
    assert job["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "merge_request_event"', "changes": ["policies/**/*"]}]
