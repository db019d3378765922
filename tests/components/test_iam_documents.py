"""Every IAM document of the platform, as the engine is asked for it, passes parliament with no finding."""

import importlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from importlib.resources import files
from types import ModuleType
from typing import Any

import pulumi_aws as aws
import pytest

from components import platform
from offline.engine.outcome import Outcome
from offline.engine.state import ResourceRecord
from settings import reader
from tests.project import PROJECT

Preview = Callable[..., Outcome]
Found = Callable[[Outcome], dict[str, list[str]]]
CONNECTION = "arn:aws:codeconnections:ap-northeast-2:123456789012:connection/0a1b2c3d-0000-1111-2222-333344445555"


@pytest.fixture(scope="module")
def findings() -> Callable[[dict[str, Any]], list[str]]:
    """What parliament finds in a document.

    It imports pkg_resources, which setuptools has given up, for one function: that is lent to it.
    """
    lent = ModuleType("pkg_resources")
    lent.resource_filename = lambda package, name: str(files(package).joinpath(name))  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "pkg_resources", lent)
        parliament = importlib.import_module("parliament")

    def find(document: dict[str, Any]) -> list[str]:
        policy = parliament.analyze_policy_string(json.dumps(for_parliament(document)))
        return [f"{finding.issue} {finding.detail}" for finding in policy.findings]

    return find


def for_parliament(document: dict[str, Any]) -> dict[str, Any]:
    """Parliament knows no trust policies, whose resource is the role they are part of: they are given one."""
    statements = [
        {"Resource": "arn:aws:iam::123456789012:role/this", **statement} if asks_for_role(statement) else statement
        for statement in document["Statement"]
    ]
    return {**document, "Statement": statements}


def asks_for_role(statement: dict[str, Any]) -> bool:
    return statement["Action"] == ["sts:AssumeRole"] and "Principal" in statement


def documents(resources: Iterable[ResourceRecord]) -> Iterator[tuple[str, dict[str, Any]]]:
    """`<name>.<property>` of every input that is an IAM document, whatever the resource's type."""
    for resource in resources:
        for key, value in resource.inputs.items():
            if isinstance(value, str) and value.startswith("{"):
                document = json.loads(value)
                if {"Version", "Statement"} <= document.keys():
                    yield f"{resource.type.rpartition(':')[2]} {resource.name}.{key}", document


@pytest.fixture
def found(findings: Callable[[dict[str, Any]], list[str]]) -> Callable[[Outcome], dict[str, list[str]]]:
    """The documents of an outcome with findings."""
    return lambda outcome: {
        where: said for where, document in documents(outcome.resources) if (said := findings(document))
    }


@pytest.mark.parametrize("stage", ["dev", "prd"])
def test_the_real_stages_pass(preview: Preview, found: Found, stage: str) -> None:
    outcome = preview(stage)
    kinds = Counter(where.split()[0] for where, _ in documents(outcome.resources))
    assert set(kinds) == {"Role", "RolePolicy", "GroupPolicy", "BucketPolicy", "QueuePolicy", "TopicPolicy"}
    assert found(outcome) == {}


def test_a_connection_and_a_promotion_pass(
    preview: Preview, found: Found, stage_values: Callable[[str], dict[str, Any]]
) -> None:
    values = stage_values("prd")
    services = values[f"{PROJECT}:services"]
    services["datalab-api"]["promote"] = True
    outcome = preview(
        "prd",
        {
            "delivery": {"source": "connection", "connectionArn": CONNECTION, "group": "itemscout"},
            "services": services,
            "pipeline": values[f"{PROJECT}:pipeline"] | {"promoteFrom": "dev"},
        },
    )
    assert (outcome.result, outcome.errors) == ("succeeded", ())
    actions = {
        action
        for where, document in documents(outcome.resources)
        if where.startswith("RolePolicy datalab-api")
        for statement in document["Statement"]
        for action in statement["Action"]
    }
    assert {"codeconnections:UseConnection", "ecr:PutImage", "ssm:GetParameter"} <= actions
    assert found(outcome) == {}


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ({"Action": "s3:GetObject", "Resource": "*"}, "RESOURCE_STAR"),
        ({"Action": "ecs:*", "Resource": "*"}, "RESOURCE_STAR"),
        ({"Action": ["ecs:RegisterTaskDefinitions"], "Resource": "*"}, "UNKNOWN_ACTION"),
        ({"Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::bucket-without-objects"}, "RESOURCE_MISMATCH"),
    ],
)
def test_what_is_planted_is_found(preview: Preview, found: Found, statement: dict[str, Any], finding: str) -> None:
    def program() -> None:
        platform.build(reader.load())
        policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})
        aws.iam.RolePolicy("planted", role="dev-datalab-api-task", policy=policy)

    [(where, said)] = found(preview("dev", program=program)).items()
    assert (where, said[0].split()[0]) == ("RolePolicy planted.policy", finding)
