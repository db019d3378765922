"""The GitLab pipeline: valid by GitLab's schema, complete, and never past the policies."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.project.policies_changes import CHANGED
from offline.pulumi.versions import OLDEST_CLI, at_least


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
    assert commands(pipeline["up-prd"]).startswith("./run gate -s prd\n")
    assert branches(pipeline["up-prd"]) == [('$CI_COMMIT_BRANCH == "main"', "manual")]


def test_the_page_of_prd_is_there_before_the_click_and_judged_anew_behind_it(pipeline: dict[str, Any]) -> None:
    before, behind = pipeline["gate-prd"], pipeline["up-prd"]
    assert (before["script"], branches(before)) == (
        ["./run gate -s prd"],
        [('$CI_COMMIT_BRANCH == "main"', "on_success")],
    )
    order = pipeline["stages"]
    assert order.index(before["stage"]) < order.index(behind["stage"])
    for job in (before, behind):
        assert (job["artifacts"]["paths"], job["artifacts"]["when"]) == (["gate-report/"], "always")
        assert "allow_failure" not in job
        # Waiting for less than every job of the stages before would let `up` be started past a gate that is red.
        assert "needs" not in job
        assert job["resource_group"] == "prd"


def test_the_pack_judges_every_run_and_no_preview_is_skipped(project_root: Path, pipeline: dict[str, Any]) -> None:
    assert pipeline["variables"]["PULUMI_OPTION_POLICY_PACK"] == "policies"
    jobs = {name: job for name, job in pipeline.items() if isinstance(job, dict) and name != "variables"}
    others = {
        name: job["variables"] for name, job in jobs.items() if "PULUMI_OPTION_POLICY_PACK" in job.get("variables", {})
    }
    assert others == {"preview": {"PULUMI_OPTION_POLICY_PACK": "$JUDGE/policies"}}
    # Without an account the branch's own pack judges as well, for what it will ask once it is merged.
    assert pipeline["offline-preview"]["script"] == ['./run preview -s "$STAGE"']
    assert "skip-preview" not in (project_root / ".gitlab-ci.yml").read_text("utf-8")


JUDGED = {"gate": '$JUDGE/run gate -s dev -s prd --program "$CI_PROJECT_DIR" --out "$CI_PROJECT_DIR/gate-report"',
          "policy-changes": '$JUDGE/run policies --changes-in "$CI_PROJECT_DIR"'}  # fmt: skip


def test_what_judges_a_merge_request_is_its_target_branch(pipeline: dict[str, Any]) -> None:
    for name, command in JUDGED.items():
        job = {**pipeline[pipeline[name]["extends"]], **pipeline[name]}
        # What the request has committed where the report will stand goes first.
        cleared = ['rm -rf "$CI_PROJECT_DIR/gate-report"'] if name == "gate" else []
        assert job["script"] == [*cleared, command]
        assert job["cache"] == []  # an untrusted job could have filled it
        (fetch,) = job["before_script"]
        # Nothing of the request's own runs before the judge does.
        assert "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME" in fetch
        assert "./" not in fetch
        assert ".ci" not in fetch
        assert job["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}]
    assert pipeline["policy-changes"]["allow_failure"] == {"exit_codes": CHANGED}
    assert "allow_failure" not in pipeline["gate"]
    assert pipeline["preview"]["before_script"][0] == fetch


def test_every_image_is_pinned_by_digest(project_root: Path) -> None:
    """docs/operations.md, "CI", says where the digests come from and how to renew them."""
    named = re.findall(r"^ +(?:image|name): (\S+)$", (project_root / ".gitlab-ci.yml").read_text("utf-8"), re.MULTILINE)
    images = {name.partition("@")[0]: name.partition("@")[2] for name in named if ":" in name}
    python, pulumi = images
    assert [image for image, digest in images.items() if not re.fullmatch(r"sha256:[0-9a-f]{64}", digest)] == []
    guide = (project_root / "docs" / "operations.md").read_text("utf-8")
    assert [image for image in images if f"\ncrane digest {image}\n" not in guide] == []
    assert f"Any version of the CLI from {OLDEST_CLI} on" in guide
    assert python.startswith("python:")
    assert at_least(pulumi.removeprefix("pulumi/pulumi:"), OLDEST_CLI)


def test_the_jobs_with_the_cli_run_the_python_of_the_checks(pipeline: dict[str, Any]) -> None:
    version = pipeline[".pulumi"]["variables"]["PYENV_VERSION"]
    assert pipeline["default"]["image"].startswith(f"python:{version}-")
