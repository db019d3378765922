"""The pack as the engine starts it: a process of its own that answers over loopback."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc

from policies.resources import tokens
from policies.resources.baseline import BASELINE_VARIABLE
from policies.serving.catalog import CATALOG
from policies.serving.registration_guard import AT_REGISTRATION
from tests.policies.conftest import UNKNOWN

TAGS = ("Project", "Stage", "Service", "Owner", "ManagedBy")
LEVELS = {"advisory": pb.ADVISORY, "mandatory": pb.MANDATORY, "disabled": pb.DISABLED}


@pytest.fixture(scope="module")
def pack_directory() -> Path:
    return Path(__file__).resolve().parents[2] / "policies"


@contextlib.contextmanager
def started(pack_directory: Path) -> Generator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "PULUMI_PROJECT": "shop",
        "PULUMI_STACK": "prd",
        "PULUMI_DRY_RUN": "true",
        "PULUMI_ORGANIZATION": "organization",
        BASELINE_VARIABLE: "",  # there is no CLI to ask
    }
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(pack_directory)]
    process = subprocess.Popen(command, cwd=pack_directory, env=environment, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def process(pack_directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    with started(pack_directory) as process:
        yield process


@pytest.fixture(scope="module")
def analyzer(process: subprocess.Popen[bytes]) -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    assert process.stdout is not None
    port = int(process.stdout.readline())
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield analyzer_pb2_grpc.AnalyzerStub(channel)


def test_it_names_its_policies_with_their_prd_levels(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    """The guard at registration finds nothing at a preview, and says so."""
    info = analyzer.GetAnalyzerInfo(empty_pb2.Empty())
    assert info.name == "category-analyzer"
    assert [(policy.name, policy.enforcementLevel) for policy in info.policies] == [
        (spec.name, pb.DISABLED if spec is AT_REGISTRATION else LEVELS[spec.level("prd").value]) for spec in CATALOG
    ]


def test_it_judges_a_stack(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    request = pb.AnalyzeStackRequest()
    urn = f"urn:pulumi:prd::shop::{tokens.TASK_DEFINITION}::api"
    resource = request.resources.add(type=tokens.TASK_DEFINITION, urn=urn, name="api")
    containers = [{"name": "app", "environment": [{"name": "DB_HOST", "value": "x"}]}]
    json_format.ParseDict({"family": "api", "containerDefinitions": json.dumps(containers)}, resource.properties)
    found = [(item.policyName, item.urn, item.enforcementLevel) for item in analyzer.AnalyzeStack(request).diagnostics]
    assert found[:2] == [("connection-budget", urn, pb.MANDATORY), ("container-logs", urn, pb.MANDATORY)]


def test_it_tells_the_headroom_of_a_budget_that_holds(
    analyzer: analyzer_pb2_grpc.AnalyzerStub, process: subprocess.Popen[bytes], shop: Any
) -> None:
    analyzer.AnalyzeStack(request_of(shop))
    assert process.stdout is not None
    assert process.stdout.readline() == b"Connection budget of dev-db: 53 of 60 connections, 7 to spare.\n"


def test_an_engine_that_does_not_listen_changes_no_verdict(pack_directory: Path, shop: Any) -> None:
    with started(pack_directory) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        process.stdout.close()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            found = analyzer_pb2_grpc.AnalyzerStub(channel).AnalyzeStack(request_of(shop)).diagnostics
    assert [item.message for item in found if item.policyName == "connection-budget"] == []


def request_of(stack: Any) -> pb.AnalyzeStackRequest:
    request = pb.AnalyzeStackRequest()
    for resource in stack.resources.values():
        asked = request.resources.add(type=resource.type, urn=resource.urn, name=resource.name)
        json_format.ParseDict(resource.props, asked.properties)
        for key, urns in resource.property_dependencies.items():
            asked.propertyDependencies[key].urns.extend(urns)
    return request


REPOSITORY = {
    "name": "prd-api-cache",
    "imageTagMutability": "MUTABLE",
    "imageScanningConfiguration": {"scanOnPush": True},
}


def excused(policy: str) -> dict[str, object]:
    """An exception for the repository of a build cache."""
    today = datetime.now(UTC).date()
    return {
        "policy": policy,
        "resource": "urn:pulumi:*::*::*$aws:ecr/repository:Repository::*-cache",
        "reason": "Its tag moves.",
        "owner": "us",
        "expires": today + timedelta(days=30),
    }


def test_everything_mandatory_asks_for_nothing_that_contradicts_itself_and_blocks_on_nothing_it_only_shows(
    pack_directory: Path, tmp_path: Path
) -> None:
    pack = shutil.copytree(pack_directory, tmp_path / "pack", ignore=shutil.ignore_patterns("__pycache__"))
    (pack / "exceptions.yaml").write_text(yaml.safe_dump({"exceptions": [excused("image-tags-immutable")]}), "utf-8")
    everything = pb.ConfigureAnalyzerRequest()
    for spec in CATALOG:
        everything.policyConfig[spec.name].enforcementLevel = pb.MANDATORY
    request = pb.AnalyzeStackRequest()
    for kind, name, props in (
        (tokens.LOG_GROUP, "api", {"name": "/prd/api", "retentionInDays": 90}),
        (tokens.REPOSITORY, "api-cache", REPOSITORY),
    ):
        urn = f"urn:pulumi:prd::category-analyzer::app${kind}::{name}"
        resource = request.resources.add(type=kind, urn=urn, name=name)
        json_format.ParseDict({**props, "tags": dict.fromkeys(TAGS, "prd")}, resource.properties)
    with started(pack) as process:
        assert process.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
            analyzer = analyzer_pb2_grpc.AnalyzerStub(channel)
            analyzer.Configure(everything)
            found = {(item.policyName, item.enforcementLevel) for item in analyzer.AnalyzeStack(request).diagnostics}
    assert found == {("exceptions-shown", pb.ADVISORY), ("images-expire", pb.MANDATORY)}


def test_its_registration_policy_is_silent_at_preview(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    request = pb.AnalyzeRequest(type=tokens.DB_INSTANCE, urn="urn:db", name="db")
    json_format.ParseDict({"identifier": "db"}, request.properties)
    assert list(analyzer.Analyze(request).diagnostics) == []


def test_its_settings_start_it_in_the_projects_environment(pack_directory: Path) -> None:
    settings = yaml.safe_load((pack_directory / "PulumiPolicy.yaml").read_text(encoding="utf-8"))
    assert settings["runtime"] == {"name": "python", "options": {"virtualenv": "../.venv"}}


def test_no_module_of_the_pack_hides_one_of_the_standard_library(pack_directory: Path) -> None:
    names = {path.stem for path in pack_directory.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert names & sys.stdlib_module_names == set()


def test_a_teams_own_policy_is_served_from_a_folder_of_any_name(pack_directory: Path, tmp_path: Path) -> None:
    """The example of docs/writing-policies.md, beside a pack that was published alone."""
    shutil.copytree(pack_directory, tmp_path / "gate", ignore=shutil.ignore_patterns("__pycache__"))
    guide = (pack_directory.parent / "docs/writing-policies.md").read_text(encoding="utf-8")
    (example,) = re.findall(r'```python\n(""".*?)```', guide, re.DOTALL)
    (tmp_path / "gate/rules/own/buckets.py").write_text(example, encoding="utf-8")
    request = pb.AnalyzeStackRequest()
    for name in ("acme-logs", "logs", UNKNOWN):
        resource = request.resources.add(type=tokens.BUCKET, urn=f"urn:{name}", name=name)
        json_format.ParseDict({"bucket": name}, resource.properties)
        resource.propertyDependencies["bucket"].urns.append("urn:pulumi:prd::acme::aws:kms/key:Key::key")
    with started(tmp_path / "gate") as process:
        assert process.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
            found = analyzer_pb2_grpc.AnalyzerStub(channel).AnalyzeStack(request).diagnostics
    ours = [(item.urn, item.message.partition("\n")[2]) for item in found if item.policyName == "bucket-name-prefix"]
    assert {urn: message.splitlines()[0] for urn, message in ours} == {
        "urn:logs": '- bucket is "logs". Required: a name that begins with "acme-".',
        f"urn:{UNKNOWN}": f"- {UNKNOWN}: undecided at preview: bucket of urn:{UNKNOWN}, made from what aws:kms:Key key "
        "gives only once it exists: pass on what the program chooses or computes itself.",
    }
