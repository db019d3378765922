"""Whose image a workload runs that has no repository of its own, and which secrets it may therefore be given."""

import json
from pathlib import Path
from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.resources import tokens
from policies.resources.graph import Graph
from tests.conftest import stage_configuration
from tests.policies.graphs import preview_records
from tests.policies.mutations.changes import told
from tests.project import PROJECT

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
ROLE = "arn:aws:iam::123456789012:role/nightly-execution"


def pulls(*resources: str) -> str:
    statement = {"Effect": "Allow", "Action": ["ecr:Batch*", "logs:PutLogEvents"], "Resource": resources}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize(
    ("image", "rights", "owners"),
    [
        (f"{ECR}/dev-api:1", (), {"api"}),
        (f"{ECR}/dev-api@sha256:0a71", (), {"api"}),
        (f"{ECR}/dev-base:1", (), set[str]()),
        ("public.ecr.aws/docker/library/node:24", (), set[str]()),
        ("node", (f"arn:aws:ecr:eu-west-1:123456789012:repository/{name}" for name in ("dev-api",)), {"api"}),
        ("node", ("*",), set[str]()),
        (f"{ECR}/dev-api:1", ("arn:aws:ecr:eu-west-1:123456789012:repository/dev-rank",), {"api", "rank"}),
    ],
)
def test_a_job_runs_the_image_of_whose_repository_it_names_or_may_pull(
    stack: Any, image: str, rights: Any, owners: set[str]
) -> None:
    for name in ("api", "rank"):
        stack.service(name)
        stack.add(tokens.REPOSITORY, name, {"name": f"dev-{name}"})
    stack.add(tokens.ROLE, "nightly", {"name": "nightly-execution", "arn": ROLE})
    stack.add(tokens.ROLE_POLICY, "nightly", {"role": "nightly-execution", "policy": pulls(*rights)})
    containers = json.dumps([{"name": "nightly", "image": image}])
    stack.add(
        tokens.TASK_DEFINITION,
        "nightly",
        {"family": "nightly", "executionRoleArn": ROLE, "containerDefinitions": containers},
    )
    assert Facts(stack.graph()).image_owners == {"nightly": frozenset(owners)}


def test_what_has_a_repository_or_cannot_be_read_runs_nobody_elses(stack: Any, unknown: str) -> None:
    stack.service("api")
    stack.add(tokens.REPOSITORY, "api", {"name": "dev-api"})
    stack.add(tokens.TASK_DEFINITION, "nightly", {"family": "nightly", "containerDefinitions": unknown})
    assert Facts(stack.graph()).image_owners == {"nightly": frozenset()}


@pytest.mark.parametrize(
    ("secrets_of", "policies"),
    [("legacy-api", set[str]()), ("datalab-api", {"container-own-resources", "role-has-rights"})],
)
def test_a_job_reads_the_secrets_of_its_service_and_nobody_elses(
    tmp_path: Path, secrets_of: str, policies: set[str]
) -> None:
    """docs/environment.md, "Batch jobs": the real catalogue's job on the service that has a secret, judged as prd is."""
    jobs = stage_configuration("prd")[f"{PROJECT}:jobs"]
    jobs["category-batch"]["image"] = "legacy-api"
    records = preview_records("prd", tmp_path, jobs=jobs)
    [job] = [each for each in records if each["urn"].endswith("TaskDefinition::category-batch")]
    written = job["outputs"]["containerDefinitions"]
    assert "/prd/legacy-api/MSI_API_KEY" in written
    job["outputs"]["containerDefinitions"] = written.replace("/legacy-api/MSI", f"/{secrets_of}/MSI")
    assert {policy for policy, _, _ in told("prd", Graph.from_records(records))} == policies
