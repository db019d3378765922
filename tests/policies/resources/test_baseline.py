"""The baseline: read from a state export as `pulumi stack export` writes it, or refused in a sentence."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from policies.resources import tokens
from policies.resources.baseline import BASELINE_VARIABLE, BaselineError, baseline_of, load_baseline
from policies.resources.graph import PlainResource

URN = "urn:pulumi:dev::shop::aws:rds/instance:Instance::db"
RECORD = {
    "urn": URN,
    "type": "aws:rds/instance:Instance",
    "inputs": {"__defaults": [], "identifier": "db", "tags": {"__defaults": [], "a": "b"}},
    "outputs": {"identifier": "db", "address": "db.rds", "tags": {"a": "b"}},
    "propertyDependencies": {"parameterGroupName": ["urn:pulumi:dev::shop::x::p"]},
}


def write(path: Path, content: Any) -> dict[str, str]:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return {BASELINE_VARIABLE: str(path)}


def resource(**props: Any) -> PlainResource:
    return PlainResource(type="aws:rds/instance:Instance", urn=URN, name="db", props=props)


def test_an_export_is_read_without_what_waits_for_deletion(tmp_path: Path) -> None:
    content = {"version": 3, "deployment": {"resources": [{**RECORD, "delete": True, "outputs": {"old": 1}}, RECORD]}}
    baseline = load_baseline(write(tmp_path / "export.json", content), stage="dev")
    found = baseline.graph.get(URN)
    assert (len(baseline.graph), found.props["address"], "old" in found.props) == (1, "db.rds", False)
    assert found.property_dependencies == {"parameterGroupName": ("urn:pulumi:dev::shop::x::p",)}


def test_a_resource_that_asks_for_what_is_there_needs_no_request() -> None:
    baseline = baseline_of([RECORD])
    assert baseline.requests_nothing(resource(identifier="db", tags={"a": "b"}))
    assert not baseline.requests_nothing(resource(identifier="db", tags={"a": "c"}))
    assert not baseline.requests_nothing(resource(identifier="db"))


def test_a_changed_resource_keeps_what_aws_computed_and_loses_what_it_no_longer_asks_for() -> None:
    assert baseline_of([RECORD]).with_computed(resource(identifier="db")).props == {
        "identifier": "db",
        "address": "db.rds",
    }


def test_what_another_resource_has_set_is_no_answer_of_this_one() -> None:
    group = {
        "urn": URN,
        "type": tokens.SECURITY_GROUP,
        "inputs": {"name": "db"},
        "outputs": {"id": "sg-1", "name": "db", "namePrefix": "", "ingress": [{"cidrBlocks": ["0.0.0.0/0"]}]},
    }
    baseline = baseline_of([group])
    named = PlainResource(type=tokens.SECURITY_GROUP, urn=URN, name="db", props={"name": "db"})
    assert baseline.with_computed(named).props == {"id": "sg-1", "name": "db"}
    assert baseline.graph.get(URN).props == {"id": "sg-1", "name": "db"}


def test_a_changed_task_definition_keeps_no_arn_and_revision_of_the_old_one() -> None:
    urn, kind = "urn:pulumi:dev::shop::aws:ecs/taskDefinition:TaskDefinition::api", tokens.TASK_DEFINITION
    arn = "arn:aws:ecs:x:1:task-definition/api:1"
    old = {
        "urn": urn,
        "type": kind,
        "inputs": {"family": "api"},
        "outputs": {"family": "api", "arn": arn, "revision": 1},
    }
    new = PlainResource(type=kind, urn=urn, name="api", props={"family": "api", "cpu": "512"})
    assert baseline_of([old]).with_computed(new).props == {"family": "api", "cpu": "512"}


@pytest.mark.parametrize("deployment", [{}, {"resources": None}, {"resources": []}])
def test_a_new_stack_has_an_empty_baseline(tmp_path: Path, deployment: Any) -> None:
    baseline = load_baseline(write(tmp_path / "export.json", {"deployment": deployment}), stage="dev")
    assert len(baseline.graph) == 0


@pytest.mark.parametrize("environment", [{}, {BASELINE_VARIABLE: ""}])
def test_without_the_variable_there_is_none(environment: dict[str, str]) -> None:
    assert load_baseline(environment, stage="dev") is None


@pytest.mark.parametrize(
    "content", ["no JSON", "[]", {}, {"deployment": None}, {"deployment": {"resources": [{"type": "x"}]}}]
)
def test_what_is_no_export_is_refused(tmp_path: Path, content: Any) -> None:
    with pytest.raises(BaselineError, match=r"cannot be read as a state export: .*pulumi stack export -s dev"):
        load_baseline(write(tmp_path / "export.json", content), stage="dev")


def test_an_absent_file_a_relative_path_and_another_stage_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="cannot be read as a state export: FileNotFoundError"):
        load_baseline({BASELINE_VARIABLE: str(tmp_path / "absent.json")}, stage="dev")
    with pytest.raises(BaselineError, match=r"is export\.json, which is no absolute path"):
        load_baseline({BASELINE_VARIABLE: "export.json"}, stage="dev")
    environment = write(tmp_path / "export.json", {"deployment": {"resources": [RECORD]}})
    with pytest.raises(BaselineError, match=re.escape(f"holds {URN}, no resource of prd.")):
        load_baseline(environment, stage="prd")


def test_the_pack_does_not_start_with_a_baseline_it_cannot_use() -> None:
    policies = Path(__file__).resolve().parents[3] / "policies"
    environment = {**os.environ, "PULUMI_STACK": "dev", "PULUMI_PROJECT": "shop", BASELINE_VARIABLE: "export.json"}
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(policies)]
    ended = subprocess.run(command, cwd=policies, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "The policy pack cannot start: CONNECTION_BUDGET_BASELINE is export.json" in ended.stderr
    assert "Traceback" not in ended.stderr
