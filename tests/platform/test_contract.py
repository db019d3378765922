"""The contract's violations on the real stages, at preview and with the pack: each is found, and none is there as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gate.violation_text import read_violation
from offline.aws.provider import AwsProvider
from offline.engine.deployment import run
from tests.function_program import MainProgram
from tests.pack_here import packs_here
from tests.project import PROJECT

ROOT = Path(__file__).parents[2]
POLICIES = ("request-timeout-chain", "service-connect-contract", "service-connect-room")
NEAREST = "Use http://datalab-api.dev-itemscout-ns:3000, served by dev-datalab-api."
REQUIRED = "Required: a name that a service of dev-itemscout-ns serves; Service Connect gives a task no other."


def violations(tmp_path: Path, stage: str, **overrides: Any) -> list[tuple[str, str, str]]:
    """Level, policy and message of each violation of these policies; the policy's own sentence left out."""
    with packs_here():
        outcome = run(
            kind="preview",
            stage=stage,
            project_dir=ROOT,
            state_dir=tmp_path,
            pack_dir=ROOT / "policies",
            on_event=lambda event: None,
            provider=AwsProvider(region="ap-northeast-2"),
            program=MainProgram(ROOT),
            config_overrides={f"{PROJECT}:{key}": value for key, value in overrides.items()},
        )
    found = [event for event in outcome.violations if event["policyName"] in POLICIES]
    return [(v["enforcementLevel"], v["policyName"], text) for v in found for text in texts(stage, v["message"])]


def texts(stage: str, message: str) -> list[str]:
    """A sentence for each resource of a message: its name in AWS, what was found and required, the fix of that cause."""
    parts = read_violation(message)
    if parts is None:
        return [message.strip().rpartition("\n")[2]]
    return [
        f"{stage}-{resource.name}: "
        + " ".join(filter(None, (f"{cause.found}.", cause.required and f"Required: {cause.required}.", cause.fix)))
        for cause in parts.causes
        for resource in cause.resources
    ]


def environment(stage: str, **variables: str) -> dict[str, Any]:
    """The stage's overrides with variables for the gateway."""
    document = yaml.safe_load((ROOT / f"Pulumi.{stage}.yaml").read_text())["config"]
    overrides = document[f"{PROJECT}:serviceOverrides"]
    return {**overrides, "gateway": {**overrides.get("gateway", {}), "environment": variables}}


@pytest.mark.parametrize("stage", ["dev", "prd"])
def test_the_real_stages_keep_it(tmp_path: Path, stage: str) -> None:
    assert violations(tmp_path, stage) == []


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        (
            "http://datalab-api.prd-itemscout-ns:3000",
            "prd-itemscout-ns is not dev-itemscout-ns, the namespace in which dev-gateway takes part. "
            f"{REQUIRED} {NEAREST}",
        ),
        (
            "http://datalab-api.dev-itemscout-ns:3001",
            f"dev-datalab-api serves port 3000 there, not 3001. Required: a port that is served. {NEAREST}",
        ),
        ("http://datalab.dev-itemscout-ns:3000", f"nobody serves that name. {REQUIRED} {NEAREST}"),
    ],
)
def test_an_address_nobody_serves_is_found(tmp_path: Path, address: str, problem: str) -> None:
    assert violations(tmp_path, "dev", serviceOverrides=environment("dev", DATALAB_API_URL=address)) == [
        (
            "advisory",
            "service-connect-contract",
            f'dev-gateway: DATALAB_API_URL of container "gateway" is {address}, and {problem}',
        )
    ]


def test_a_dev_namespace_in_prd_stops_the_deployment(tmp_path: Path) -> None:
    address = "http://datalab-api.dev-itemscout-ns:3000"
    [(level, policy, message)] = violations(
        tmp_path, "prd", serviceOverrides=environment("prd", DATALAB_API_URL=address)
    )
    assert (level, policy) == ("mandatory", "service-connect-contract")
    assert "Use http://datalab-api.prd-itemscout-ns:3000, served by prd-datalab-api." in message


def test_a_cluster_of_another_stage_is_found_on_every_service(tmp_path: Path) -> None:
    cluster = {"name": "prd-item", "namespace": "dev-itemscout-ns"}
    found = [
        entry for entry in violations(tmp_path, "prd", cluster=cluster) if "is dev's, and the stack is prd" in entry[2]
    ]
    assert sorted((level, message.partition(":")[0]) for level, _, message in found) == [
        ("mandatory", f"prd-{name}") for name in ("datalab-api", "gateway", "legacy-api", "tracking-api")
    ]


def test_a_load_balancer_less_patient_than_the_services_is_found(tmp_path: Path) -> None:
    front = {"httpOnly": True, "idleTimeoutSeconds": 60}
    slow = {
        **environment("dev"),
        "datalab-api": {
            "requestTimeoutSeconds": 61,
            "deregistrationDelaySeconds": 61,
            "stopTimeoutSeconds": 61,
            "docs": None,
        },
    }
    found = violations(tmp_path, "dev", loadBalancer=front, serviceOverrides=slow, apiDocs={"enabled": False})
    assert [(policy, message.partition(",")[0]) for _, policy, message in found] == [
        (
            "request-timeout-chain",
            "dev-datalab-api: Service Connect ends a request to datalab-api.dev-itemscout-ns after 61 s",
        )
    ]
